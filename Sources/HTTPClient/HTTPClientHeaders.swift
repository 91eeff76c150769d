/// The header fields of a response, in the order of their arrival.
public struct HTTPClientHeaders: Sendable {
    /// Names as sent, values without surrounding spaces.
    public private(set) var fields: [(name: String, value: String)]

    /// Makes fields.
    public init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// The value of the first field with this name, whatever its case.
    public subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    mutating func append(line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let value = line[line.index(after: colon)...].drop(while: isSpace)
        fields.append(
            (String(line[..<colon]), String(String(value.reversed().drop(while: isSpace).reversed())))
        )
    }
}

/// The head of a response.
struct ResponseHead: Sendable {
    var status: Int
    var headers = HTTPClientHeaders()
}

/// Reads heads line by line: interim responses (1xx) are passed over, trailers ignored (RFC 9112).
struct HeadReader {
    private var head: ResponseHead?
    private(set) var isComplete = false
    private var bytes = 0

    /// Takes one line with or without its line end; returns the final head once.
    mutating func read(line: [UInt8], limit: Int) throws(HTTPClientError) -> ResponseHead? {
        guard !isComplete else { return nil }
        bytes += line.count
        guard bytes <= limit else {
            throw HTTPClientError(.tooLarge, "the head of the response is larger than \(limit) bytes")
        }
        var text = String(decoding: line, as: UTF8.self)
        while let last = text.unicodeScalars.last, last == "\r" || last == "\n" {
            text.unicodeScalars.removeLast()
        }
        if text.hasPrefix("HTTP/") {
            let parts = text.split(separator: " ", maxSplits: 2)
            guard parts.count >= 2, let status = Int(parts[1]), (100...999).contains(status) else {
                throw HTTPClientError(.malformedResponse, "the status line is not HTTP")
            }
            head = ResponseHead(status: status)
        } else if text.isEmpty {
            guard let head else {
                throw HTTPClientError(.malformedResponse, "the response has no status line")
            }
            if head.status >= 200 {
                isComplete = true
                return head
            }
        } else {
            head?.headers.append(line: text)
        }
        return nil
    }
}
