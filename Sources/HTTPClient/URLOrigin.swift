/// The part of a URL that is safe to show: scheme, host and port (RFC 6454 section 4).
enum URLOrigin {
    /// The origin as it is written; empty when there is none.
    static func text(of url: String) -> String {
        guard let (scheme, authority) = parts(of: url) else { return "" }
        return "\(scheme)://\(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")"
    }

    /// Says whether the authority holds a user name or password (RFC 3986 section 3.2.1).
    static func hasUserInformation(_ url: String) -> Bool { parts(of: url)?.authority.contains("@") ?? false }

    private static func parts(of url: String) -> (scheme: Substring, authority: Substring)? {
        guard let mark = url.firstRange(of: "://") else { return nil }
        return (url[..<mark.lowerBound], url[mark.upperBound...].prefix { !"/?#\\".contains($0) })
    }
}
