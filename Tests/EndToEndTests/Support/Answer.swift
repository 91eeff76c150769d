import Core
import HTTPClient

/// An answer that was read to its end.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPClientHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; `.null` when it is not JSON, so that the expectation on a member fails with a message.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    subscript(member: String) -> JSONValue? { json[member] }

    /// The first header field of this name.
    func header(_ name: String) -> String? { headers[name] }

    /// Everything that a client gets to see.
    var everything: String {
        headers.fields.map { "\($0.name): \($0.value)\n" }.joined() + text
    }
}

extension JSONValue {
    /// The names of an object's members.
    var keys: Set<String> { Set((object ?? [:]).keys) }
}

/// Text for URLs.
enum Escaping {
    /// Percent-encodes all bytes but the unreserved ones (RFC 3986 section 2.3).
    static func percent(_ text: String) -> String { percent(Array(text.utf8)) }

    static func percent(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
            default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func query(_ items: [(String, String)]) -> String {
        items.map { "\(percent($0.0))=\(percent($0.1))" }.joined(separator: "&")
    }
}
