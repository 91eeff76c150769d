internal import CLinux

/// An IP network in CIDR notation.
struct AddressNetwork: Sendable {
    private let prefix: [UInt8]
    private let bits: Int

    /// Reads `address/bits` or a single address; nil when it is neither.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = Self.bytes(of: String(first)) else { return nil }
        prefix = bytes
        guard parts.count == 2 else {
            bits = bytes.count * 8
            return
        }
        guard let bits = Int(parts[1]), bits >= 0, bits <= bytes.count * 8 else { return nil }
        self.bits = bits
    }

    /// Says whether an address in text form lies in the network.
    func contains(_ address: String) -> Bool {
        guard let bytes = Self.bytes(of: address), bytes.count == prefix.count else { return false }
        for index in 0..<bits where (bytes[index / 8] ^ prefix[index / 8]) & (0x80 >> UInt8(index % 8)) != 0 {
            return false
        }
        return true
    }

    /// The 4 or 16 bytes of an address; IPv4-mapped IPv6 addresses count as IPv4.
    static func bytes(of text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if unsafe inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard unsafe inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let mapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return mapped ? Array(sixteen[12...]) : sixteen
    }

    /// The text of an address of 4 or 16 bytes; IPv4-mapped addresses are written as IPv4.
    static func text(of bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        var buffer = [UInt8](repeating: 0, count: 46)
        let written = unsafe buffer.withUnsafeMutableBytes { buffer in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe inet_ntop(
                    AF_INET6,
                    bytes.baseAddress,
                    buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                    46
                ) != nil
            }
        }
        guard written else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
}
