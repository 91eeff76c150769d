internal import Core
internal import Domain
internal import HTTPServer

/// /openapi.json and the page that shows it.
struct DocumentationRoutes: Sendable {
    private let services: EdgeServices
    private let documented: [Route]

    init(_ services: EdgeServices, documented: [Route]) {
        self.services = services
        self.documented = documented
    }

    var routes: [Route] {
        [
            Route(.get, "/openapi.json", access: .open) { _ in
                HTTPResponse(
                    status: 200,
                    headers: ["Content-Type": "application/json"],
                    body: .bytes(try document().bytes)
                )
            },
            Route(.get, "/docs", access: .open) { _ in
                HTMLPage(title: "Deckhand API", basePath: services.settings.basePath)
                    .response(body: DocumentationPage(document: try document()).html)
            },
        ]
    }

    /// The embedded document with this server's address, and without the routes that are switched off.
    private func document() throws -> JSONValue {
        guard case .object(var members) = try JSONValue(parsing: PackageResources.openapi_json) else {
            throw Failure(.internal, code: "internal", message: "The API document cannot be read.")
        }
        members["servers"] = .array([.object(["url": .string(services.settings.baseURL())])])
        if case .object(var info)? = members["info"] {
            info["version"] = .string(services.settings.version)
            members["info"] = .object(info)
        }
        if case .object(let paths)? = members["paths"] {
            let served = Set(documented.map(\.template.description)).union(["/openapi.json", "/docs"])
            members["paths"] = .object(paths.filter { served.contains($0.key) })
        }
        return .object(members)
    }
}
