import Core
import HTTPServer
import Synchronization
import Testing

/// An answer with its body read to the end.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    let template: String?

    init(_ response: HTTPResponse) async throws {
        status = response.status
        headers = response.headers
        template = response.routeTemplate?.description
        switch response.body {
        case .empty: body = []
        case .bytes(let bytes): body = bytes
        case .stream(_, let write):
            let collected = Collected()
            try await write(HTTPResponseWriter { bytes in collected.add(bytes) })
            body = collected.bytes
        }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; null when it is none, which no expectation on members accepts.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    subscript(key: String) -> JSONValue? { json[key] }

    var code: String? { json["code"]?.string }

    /// The events of a stream.
    var events: [(id: String?, event: String, data: String)] {
        text.split(separator: "\n\n").compactMap { block in
            var id: String?
            var event = "message"
            var data: [String] = []
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { data.append(String(line.dropFirst(6))) }
            }
            return data.isEmpty ? nil : (id, event, data.joined(separator: "\n"))
        }
    }
}

private final class Collected: Sendable {
    private let state = Mutex<[UInt8]>([])
    func add(_ more: [UInt8]) { state.withLock { $0 += more } }
    var bytes: [UInt8] { state.withLock { $0 } }
}
