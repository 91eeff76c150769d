import Core
import HTTPClient

/// Through what providers are reached.
struct ProxyConfiguration: Sendable {
    /// For `https` addresses.
    var https: ProxyAddress?
    /// For `http` addresses, which lead to this machine only and are always reached directly.
    var http: ProxyAddress?
    /// Where nothing more special is given.
    var all: ProxyAddress?
    /// What is reached without a proxy: names, domains, addresses, networks in CIDR notation, or `*`.
    var bypass: [String] = []

    /// Reached directly whatever is configured: a key for a server of this machine must not leave it.
    private static let own = ["localhost", "127.0.0.0/8", "::1"]

    /// The proxy that providers are reached through; nil for none.
    var used: ProxyAddress? { bypass == ["*"] ? nil : https ?? all }

    /// How the client of the providers connects.
    var client: HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.userAgent = "deckhand/\(Version.current)"
        configuration.proxy = used?.url.reveal()
        configuration.proxyBypass = bypass + Self.own
        return configuration
    }
}

/// The URL of a proxy, which may hold credentials.
struct ProxyAddress: Sendable {
    private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// All of it, for the client only.
    let url: Secret<String>
    /// Scheme, host and port; says whether there are credentials, never which.
    let shown: String

    /// Takes `[scheme://][user:password@]host[:port]`, as curl does; never repeats the text in an error.
    init(_ text: String) throws(UnacceptableValue) {
        let hint =
            "Give it as http://host:port or socks5h://host:port; user:password@ may stand before the host."
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text.utf8.count <= 2_048 else {
            throw UnacceptableValue("it is empty or holds characters that belong percent-encoded", hint: hint)
        }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        let scheme = parts.count == 2 ? parts[0].lowercased() : "http"
        guard Self.schemes.contains(scheme) else {
            throw UnacceptableValue(
                "its kind of proxy is not known",
                hint: "Use one of: \(Self.schemes.map { $0 + "://" }.joined(separator: ", "))."
            )
        }
        let rest = parts[parts.count - 1]
        let at = rest.lastIndex(of: "@")
        let place = at.map { String(rest[rest.index(after: $0)...]) } ?? rest
        guard Self.isPlace(place) else {
            throw UnacceptableValue("it has no acceptable host and port", hint: hint)
        }
        url = Secret("\(scheme)://\(rest)")
        shown = "\(scheme)://\(place)" + (at == nil ? "" : " (with credentials)")
    }

    /// Says whether it is a host with or without a port.
    private static func isPlace(_ text: String) -> Bool {
        let host: Substring
        let after: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            host = text[text.index(after: text.startIndex)..<end]
            after = text[text.index(after: end)...]
            guard NetworkAddress.isValid(String(host)) else { return false }
        } else {
            host = text.prefix { $0 != ":" }
            after = text[host.endIndex...]
            guard host.utf8.allSatisfy({ Self.isHostByte($0) }) else { return false }
        }
        guard !host.isEmpty else { return false }
        return after.isEmpty || after.hasPrefix(":") && UInt16(after.dropFirst()).map { $0 > 0 } == true
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }
}
