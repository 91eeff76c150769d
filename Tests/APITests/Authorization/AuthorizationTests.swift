import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

@Suite("Who may do what")
struct AuthorizationTests {
    /// Actions belong to users alone: the matrix of tenants walks them.
    private static let owned = ObjectKind.allCases.filter { $0.ownerRule == .owner && $0 != .action }

    /// Kinds that no route names: they are reached by the command line of whoever owns the data directory.
    private static let withoutRoutes: Set<ObjectKind> = []

    @Test("every route admits whom its registry says, and nobody else, whatever kind of caller asks")
    func matrix() async throws {
        let findings = try await AuthorizationMatrix(world: try await MatrixWorld()).findings()
        #expect(findings.map(\.description) == [])
    }

    @Test("a server without the owner filter of one kind is noticed", arguments: owned)
    func mutation(_ kind: ObjectKind) async throws {
        let filter = OwnerFilter(without: kind)
        let world = try await MatrixWorld(filter: filter, callers: [.otherOperator, .rightOperator])
        let findings = try await AuthorizationMatrix(world: world).findings(about: kind)
        #expect(findings.contains { $0.kind == kind && $0.caller == .otherOperator })
        #expect(findings.contains { $0.kind == kind && $0.problem.contains("shows the") })
    }

    @Test("every kind of object is named by a route, or known to have none")
    func kinds() async throws {
        let named = Set(try await MatrixWorld(callers: []).routes.compactMap(\.access.object))
        #expect(named.union(Self.withoutRoutes) == Set(ObjectKind.allCases))
        #expect(named.intersection(Self.withoutRoutes) == [])
    }

    @Test("what is open to everybody is documented so, and nothing else is")
    func open() async throws {
        let world = try await MatrixWorld(callers: [])
        for route in world.routes {
            let template = route.template.description
            let method = route.method.description.lowercased()
            let security = world.document["paths"]?[template]?[method]?["security"]?.array
            let isOpen = route.access.door == .open || route.access.door == .link
            #expect(security?.isEmpty == isOpen, "\(route.method) \(template)")
        }
    }

    @Test("an owner sees their own objects in a list, so that a leak of others' would show")
    func lists() async throws {
        let world = try await MatrixWorld(callers: [.rightOperator])
        let owner = try world.owner(for: .rightOperator, .open)
        for kind in Self.owned { _ = try await world.make(kind, of: owner) }
        var seen: Set<ObjectKind> = []
        for route in world.routes where route.isList {
            let request = try MatrixRequest(route, nil, world.document)
            let credentials = try await world.credentials(.rightOperator, route.access)
            let response = await world.harness.respond(
                .get,
                request.path,
                query: request.query,
                headers: credentials.headers
            )
            let numbers = await MatrixAnswer(response).numbers
            seen.formUnion(Self.owned.filter { world.owners($0, among: numbers).values.contains(owner.id) })
        }
        #expect(seen == Set(Self.owned))
    }

    @Test("streams are read too, so that what they leak would show")
    func streams() async throws {
        let world = try await MatrixWorld(callers: [.rightOperator])
        let owner = try world.owner(for: .rightOperator, .open)
        let fixture = try await world.make(.chat, of: owner)
        let route = try #require(world.routes.first { $0.template.description == "/v1/chats/{chat}/events" })
        let credentials = try await world.credentials(.rightOperator, route.access)
        let chat = try #require(fixture.names["chat"].flatMap { Int64($0) })
        for (path, query) in [
            ("/v1/chats/\(chat)/events", []), ("/v1/events", [("chats", "\(chat)")]),
        ] {
            let response = await world.harness.respond(.get, path, query: query, headers: credentials.headers)
            guard case .stream = response.body else {
                Issue.record("\(path) is no stream: \(response.status)")
                continue
            }
            let answer = await MatrixAnswer(response) {
                String(decoding: $0, as: UTF8.self).contains("turn.finished")
            }
            #expect(answer.text.contains("turn.finished"), "\(path): \(answer.text)")
        }
        let followed = await world.harness.respond(
            .get,
            "/v1/events",
            query: [("chats", "\(chat)")],
            headers: credentials.headers
        )
        let numbers = await MatrixAnswer(followed) { $0.contains(UInt8(ascii: "}")) }.numbers
        #expect(world.owners(.chat, among: numbers)[chat] == owner.id)
    }
}
