import Application
import Core
import Domain
import HTTPServer
import SQL
import Storage
import Synchronization
import TestSupport
import Testing

@testable import API

/// Who asks in the matrix.
enum MatrixCaller: String, CaseIterable, Sendable {
    /// No credential.
    case nobody
    /// An operator with every permission, to whom the object does not belong.
    case otherOperator
    /// The operator to whom the object belongs, with every permission.
    case rightOperator
    /// An operator to whom the object belongs, with every permission but the route's.
    case withoutPermission
    /// Whoever knows the hash.
    case hash
    /// A token with all that a token can have.
    case token
}

/// A server with people, without a socket, over real stores with a filter.
final class MatrixWorld: Sendable {
    private struct State {
        var serial = 0
        /// The numbers of objects by kind and owner.
        var numbers: [ObjectKind: [OperatorID: Set<String>]] = [:]
    }

    let harness: AssistantHarness
    /// The document, which says what requests look like.
    let document: JSONValue
    let routes: [Route]
    private let people: [String: Operator]
    private let token: String
    private let state = Mutex(State())

    var stores: Stores { harness.stores }
    var now: Timestamp { harness.clock.now() }

    init(filter: OwnerFilter = OwnerFilter()) async throws {
        harness = try await AssistantHarness(filter: filter)
        // Numbers that occur nowhere else, so that they can be looked for in answers.
        try await harness.database.write { db in
            for (table, first) in [("chats", 81_230_000), ("sign_ins", 73_110_000), ("shares", 64_150_000)]
                as [(String, Int64)]
            {
                try db.execute("insert into sqlite_sequence (name, seq) values (\(table), \(first))")
            }
        }
        let every = Set(Permission.allCases)
        _ = try await harness.person("ann", every)
        _ = try await harness.person("bob", every)
        for permission in Permission.allCases {
            _ = try await harness.person(Self.name(without: permission), every.subtracting([permission]))
        }
        let all = try await harness.stores.operators.operators()
        people = Dictionary(uniqueKeysWithValues: all.map { ($0.name.rawValue, $0) })
        token = try await harness.program(Permission.withoutSignIn).bearer
        document = try await harness.send(.get, "/openapi.json").json
        routes = Edge.routes(harness.services)
    }

    private static func name(without permission: Permission) -> String {
        "no-" + permission.rawValue.replacing(".", with: "-")
    }

    /// To whom the object of a request belongs.
    func owner(for caller: MatrixCaller, _ access: RouteAccess) throws -> Operator {
        let name =
            if caller == .withoutPermission, let wanted = access.permission {
                Self.name(without: wanted)
            } else {
                "ann"
            }
        return try #require(people[name])
    }

    /// Who asks, as the rules see them; nil for nobody.
    func principal(_ caller: MatrixCaller, _ access: RouteAccess) throws -> Principal? {
        switch caller {
        case .nobody: nil
        case .otherOperator: Principal(try #require(people["bob"]), signIn: SignInID(0))
        case .rightOperator, .withoutPermission:
            Principal(try owner(for: caller, access), signIn: SignInID(0))
        case .hash: AccessService.hashPrincipal
        case .token: Principal(id: PrincipalID("token:1"), permissions: Permission.withoutSignIn)
        }
    }

    /// A credential, in which a sign-in is new each time: a request may end it.
    func bearer(_ caller: MatrixCaller, _ access: RouteAccess) async throws -> String? {
        let name: String
        switch caller {
        case .nobody: return nil
        case .hash: return AssistantHarness.hash
        case .token: return token
        case .otherOperator: name = "bob"
        case .rightOperator, .withoutPermission: name = try owner(for: caller, access).name.rawValue
        }
        let begun = try await harness.signIns.signIn(
            name: name,
            passphrase: Secret(AssistantHarness.passphrase),
            kind: .client,
            from: "192.0.2.8"
        )
        if let person = people[name] { note("\(begun.known.signIn.id)", .signIn, person.id) }
        return begun.credential.reveal()
    }

    func nextSerial() -> Int {
        state.withLock { state in
            state.serial += 1
            return state.serial
        }
    }

    /// Remembers the number of an object that only its owner may see.
    func note(_ number: String, _ kind: ObjectKind, _ owner: OperatorID) {
        _ = state.withLock { $0.numbers[kind, default: [:]][owner, default: []].insert(number) }
    }

    /// The numbers of a kind that do not belong to somebody, and those that do.
    func numbers(_ kind: ObjectKind, of principal: Principal?) -> (others: Set<String>, own: Set<String>) {
        let all = state.withLock { $0.numbers[kind] ?? [:] }
        var (others, own): (Set<String>, Set<String>) = ([], [])
        for (owner, numbers) in all {
            if owner == principal?.operator { own = numbers } else { others.formUnion(numbers) }
        }
        return (others, own)
    }
}
