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
import WebAssets

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
    /// A user of a host application with all that a role can give, to whom the object does not belong.
    case user
    /// The backend of the host application to which the object belongs.
    case backend
    /// The backend of another host application.
    case otherBackend
}

/// What a caller of the matrix shows.
struct MatrixCredentials: Sendable {
    var bearer: String?
    var cookie: String?
    /// What a page of this server sends along.
    var crossSiteToken: String?

    var headers: HTTPHeaders {
        var headers: HTTPHeaders = [:]
        if let bearer { headers["Authorization"] = "Bearer \(bearer)" }
        if let cookie { headers["Cookie"] = cookie }
        return headers
    }
}

/// A server with people, without a socket, over real stores with a filter.
final class MatrixWorld: Sendable {
    private struct State {
        var serial = 0
        /// Whose the objects are, by kind and number.
        var owners: [ObjectKind: [Int64: OperatorID]] = [:]
    }

    /// The embedded document, which is long: read once for all worlds.
    private static let embedded = Result<JSONValue, any Error> {
        try JSONValue(parsing: WebAssets.document)
    }

    let harness: AssistantHarness
    /// The document, which says what requests look like.
    let document: JSONValue
    let routes: [Route]
    let callers: [MatrixCaller]
    private let people: [String: Operator]
    private let token: String
    private let state = Mutex(State())

    var stores: Stores { harness.stores }
    var now: Timestamp { harness.clock.now() }

    /// Makes a world with those who ask in it, and with nobody else.
    init(
        filter: OwnerFilter = OwnerFilter(),
        callers: [MatrixCaller] = MatrixCaller.allCases,
        answer: @escaping @Sendable (RunRequest) -> RunOutcome? = { _ in AssistantHarness.exited("ok\n") }
    ) async throws {
        harness = try await AssistantHarness(
            Array(repeating: .text("ok"), count: 500),
            filter: filter,
            answer: answer
        )
        document = try Self.embedded.get()
        routes = Edge.routes(harness.services)
        self.callers = callers
        // Numbers that occur nowhere else, so that they can be looked for in answers.
        try await harness.database.write { db in
            for (table, first) in [
                ("chats", 81_230_000), ("sign_ins", 73_110_000), ("shares", 64_150_000),
                ("account_logins", 52_370_000), ("artifacts", 41_480_000),
            ]
                as [(String, Int64)]
            {
                try db.execute("insert into sqlite_sequence (name, seq) values (\(table), \(first))")
            }
        }
        let every = Set(Permission.allCases)
        var wanted = ["ann": every, "bob": every]
        if callers.contains(.withoutPermission) {
            for permission in every {
                wanted[Self.name(without: permission)] = every.subtracting([permission])
            }
        }
        var people: [String: Operator] = [:]
        for (name, permissions) in wanted {
            people[name] = try await harness.operators.create(
                try OperatorName(name),
                passphrase: Secret(AssistantHarness.passphrase),
                permissions: permissions,
                runAs: nil,
                by: .hash
            )
        }
        self.people = people
        token = try await harness.program(Permission.withoutSignIn).bearer
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
        case .user:
            Principal(
                user: UserID(1),
                permissions: Permission.forUsers,
                scope: Scope(client: ClientID(1), brands: [])
            )
        case .backend: Principal(host: AssistantHarness.issuer)
        case .otherBackend: Principal(host: AssistantHarness.otherIssuer)
        }
    }

    /// What a caller shows, in every way in which it can: a header, and for people the cookie of a browser, too.
    ///
    /// Sign-ins are new each time: a request may end them.
    func credentials(_ caller: MatrixCaller, _ access: RouteAccess) async throws -> MatrixCredentials {
        let name: String
        switch caller {
        case .nobody: return MatrixCredentials()
        case .hash: return MatrixCredentials(bearer: AssistantHarness.hash)
        case .token: return MatrixCredentials(bearer: token)
        case .user: return MatrixCredentials(bearer: try await UserBench(harness).user("matrix").bearer)
        case .backend: return MatrixCredentials(bearer: UserBench.serviceToken())
        case .otherBackend:
            return MatrixCredentials(
                bearer: UserBench.serviceToken(issuer: AssistantHarness.otherIssuer)
            )
        case .otherOperator: name = "bob"
        case .rightOperator, .withoutPermission: name = try owner(for: caller, access).name.rawValue
        }
        let (client, browser) = (try await signIn(name, .client), try await signIn(name, .browser))
        return MatrixCredentials(
            bearer: client.credential.reveal(),
            cookie: "\(harness.signIns.cookieName)=\(browser.credential.reveal())",
            crossSiteToken: harness.signIns.crossSiteToken(for: browser.known.signIn.id)
        )
    }

    private func signIn(_ name: String, _ kind: SignInKind) async throws -> BegunSignIn {
        let begun = try await harness.signIns.signIn(
            name: name,
            passphrase: Secret(AssistantHarness.passphrase),
            kind: kind,
            from: "192.0.2.8"
        )
        if let person = people[name] { note(begun.known.signIn.id.rawValue, .signIn, person.id) }
        return begun
    }

    func nextSerial() -> Int {
        state.withLock { state in
            state.serial += 1
            return state.serial
        }
    }

    /// Remembers the number of an object that only its owner may see.
    func note(_ number: Int64, _ kind: ObjectKind, _ owner: OperatorID) {
        state.withLock { $0.owners[kind, default: [:]][number] = owner }
    }

    /// Whose objects of a kind are among these numbers.
    func owners(_ kind: ObjectKind, among numbers: Set<Int64>) -> [Int64: OperatorID] {
        let owners = state.withLock { $0.owners[kind] ?? [:] }
        var found: [Int64: OperatorID] = [:]
        for number in numbers { found[number] = owners[number] }
        return found
    }
}
