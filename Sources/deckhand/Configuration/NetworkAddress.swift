import CLinux

/// Literal addresses of machines.
enum NetworkAddress {
    /// Says whether inet_pton(3) takes the text as IPv4 or IPv6.
    static func isValid(_ text: String) -> Bool {
        var bytes = in6_addr()
        return unsafe inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || (host.hasPrefix("127.") && isValid(host))
    }
}
