/// What links begin with, taken apart.
struct BaseURL: Sendable, Equatable {
    let scheme: String
    /// Host and port as written.
    let authority: String
    /// Empty, or beginning with a slash and not ending with one.
    var path: String

    /// The host without port and brackets kept, lower case.
    var host: String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[...end]).lowercased()
        }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }

    var text: String { "\(scheme)://\(authority)\(path)" }

    init(_ text: String) throws(UnacceptableValue) {
        let hint =
            "Give the address that clients use, such as https://example.com or https://example.com/deckhand."
        let lower = text.lowercased()
        guard let scheme = ["http", "https"].first(where: { lower.hasPrefix($0 + "://") }) else {
            throw UnacceptableValue("“\(text)” does not begin with http:// or https://", hint: hint)
        }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isHostCharacter: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._:[]".utf8.contains(byte)
            }
        }
        guard !authority.isEmpty, authority.utf8.allSatisfy(isHostCharacter), authority.first != ":" else {
            throw UnacceptableValue("“\(text)” has no acceptable host", hint: hint)
        }
        self.scheme = scheme
        self.authority = String(authority)
        path = try Self.path(String(rest.dropFirst(authority.count)))
    }

    /// Checks a base path: segments of letters, digits, `-`, `.`, `_` and `~`.
    static func path(_ text: String) throws(UnacceptableValue) -> String {
        var path = text
        while path.hasSuffix("/") { path.removeLast() }
        if path.isEmpty { return "" }
        if !path.hasPrefix("/") { path = "/" + path }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for segment in segments {
            let isPlain = segment.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~".utf8.contains(byte)
                }
            }
            guard isPlain, !segment.isEmpty, segment != ".", segment != ".." else {
                throw UnacceptableValue(
                    "“\(text)” is not acceptable as a base path",
                    hint: "Use letters, digits, -, ., _ and ~ between slashes, such as /deckhand."
                )
            }
        }
        return path
    }
}
