/// Which `Host` values are answered: the protection against DNS rebinding.
struct HostRule: Sendable {
    private struct Name: Hashable {
        let name: String
        let port: String?
    }
    private let allowed: Set<Name>
    private static let loopback: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Makes a rule of host names with or without port; IPv6 addresses stand in brackets.
    init(_ hosts: [String]) {
        allowed = Set(hosts.compactMap { Self.parse($0.lowercased()) })
    }

    /// Says whether a `Host` value is well-formed (RFC 9110 section 7.2).
    static func isWellFormed(_ host: String) -> Bool { parse(host) != nil }

    /// Says whether a value names this server; names compare without regard to case.
    func allows(_ host: String, onLoopback: Bool) -> Bool {
        guard let name = Self.parse(host.lowercased()) else { return false }
        if onLoopback, Self.loopback.contains(name.name) { return true }
        return allowed.contains(name) || allowed.contains(Name(name: name.name, port: nil))
    }

    private static func parse(_ host: String) -> Name? {
        var rest = host.utf8[...]
        var name = ""
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            name = String(decoding: rest[...end], as: UTF8.self)
            rest = rest[rest.index(after: end)...]
            guard name.utf8.dropFirst().dropLast().allSatisfy({ isHex($0) || $0 == 0x3A || $0 == 0x2E })
            else { return nil }
        } else {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            name = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[end...]
            guard name.utf8.allSatisfy(isNameByte) else { return nil }
            if name.hasSuffix(".") { name.removeLast() }
        }
        guard !name.isEmpty else { return nil }
        guard rest.first == UInt8(ascii: ":") else { return rest.isEmpty ? Name(name: name, port: nil) : nil }
        let port = rest.dropFirst()
        guard port.count <= 5, port.allSatisfy(isDigit) else { return nil }
        return Name(name: name, port: port.isEmpty ? nil : String(decoding: port, as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66)
    }
    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
}
