import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("What routes leave in the audit log")
struct AuditedRouteTests {
    /// Those that ask for a command by GET, beside all other methods.
    private static let changing: Set = ["GET /shell"]

    private static func name(_ route: Route) -> String { "\(route.method) \(route.template)" }

    private static func isChange(_ route: Route) -> Bool {
        changing.contains(name(route)) || ![.get, .head, .options].contains(route.method)
    }

    private static func kinds(_ route: Route) -> Set<String>? {
        if case .leaves(let kinds) = AuditedRoutes.marks[name(route)] { kinds } else { nil }
    }

    @Test("every route that changes something is listed with its rows, or with a reason for none")
    func complete() async throws {
        let routes = try await AuditedWorld().world.routes
        let changing = Set(routes.filter(Self.isChange).map(Self.name))
        #expect(changing.subtracting(AuditedRoutes.marks.keys).sorted() == [], "not listed")
        #expect(Set(AuditedRoutes.marks.keys).subtracting(changing).sorted() == [], "no such route")
        for (route, mark) in AuditedRoutes.marks {
            switch mark {
            case .leaves(let kinds): #expect(!kinds.isEmpty, "\(route)")
            case .nothing(let why): #expect(why.utf8.count > 20, "\(route)")
            }
        }
    }

    @Test("each leaves its rows")
    func rows() async throws {
        let audited = try await AuditedWorld()
        try await audited.world.harness.running {
            for route in audited.world.routes {
                guard let kinds = Self.kinds(route) else { continue }
                let request = try await audited.request(route)
                let before = try await audited.kinds(after: 0).newest
                let response = await audited.respond(request)
                let text = await MatrixAnswer(response).text
                #expect(response.status < 400, "\(Self.name(route)): \(response.status) \(text)")
                guard response.status < 400 else { continue }
                // The end of a command comes later.
                try await eventually("\(Self.name(route)) leaves \(kinds.sorted())") {
                    try await audited.kinds(after: before).kinds.isSuperset(of: kinds)
                }
            }
        }
    }

    @Test("nothing changes that the log cannot keep")
    func refusals() async throws {
        let audited = try await AuditedWorld()
        #expect(
            try await audited.tableNames().subtracting(AuditedWorld.otherTables)
                == Set(AuditedWorld.tables.keys)
        )
        try await audited.world.harness.running {
            for route in audited.world.routes where Self.kinds(route) != nil {
                let request = try await audited.request(route)
                let before = try await audited.contents()
                let (status, after) = try await audited.refusingRows {
                    (await audited.respond(request).status, try await audited.contents())
                }
                #expect(status >= 500, "\(Self.name(route)): \(status)")
                for (table, rows) in before where after[table] != rows {
                    Issue.record("\(Self.name(route)) changed \(table)")
                }
            }
        }
    }
}
