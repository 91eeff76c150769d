internal import Core
internal import Domain
internal import HTTPServer
internal import Synchronization
internal import WebAssets

/// /openapi.json and the page that shows it.
struct DocumentationRoutes: Sendable {
    private let services: EdgeServices
    private let documented: [Route]
    private let rendered = RenderedDocument()

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
                    body: .bytes(try current().bytes)
                )
            },
            Route(.get, "/docs", access: .open) { _ in
                HTMLPage(
                    title: "API",
                    basePath: services.settings.basePath,
                    layout: .reference,
                    place: .interface
                ).response(body: try current().page)
            },
        ]
    }

    /// Read and laid out once for each address, which changes when the server begins to listen and not again.
    private func current() throws -> RenderedDocument.Value {
        let address = services.settings.baseURL()
        if let value = rendered.value(at: address) { return value }
        let document = try document(at: address)
        let value = RenderedDocument.Value(
            address: address,
            bytes: document.bytes,
            page: DocumentationPage(document: document).html
        )
        rendered.keep(value)
        return value
    }

    /// The embedded document with this server's address, and without the routes that are switched off.
    private func document(at address: String) throws -> JSONValue {
        guard case .object(var members) = try JSONValue(parsing: WebAssets.document) else {
            throw Failure(.internal, code: "internal", message: "The API document cannot be read.")
        }
        members["servers"] = .array([.object(["url": .string(address)])])
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

/// The API document in both forms, kept because it is far larger to read than to send.
private final class RenderedDocument: Sendable {
    struct Value: Sendable {
        let address: String
        let bytes: [UInt8]
        let page: String
    }

    private let latest = Mutex<Value?>(nil)

    func value(at address: String) -> Value? {
        latest.withLock { $0?.address == address ? $0 : nil }
    }

    func keep(_ value: Value) { latest.withLock { $0 = value } }
}
