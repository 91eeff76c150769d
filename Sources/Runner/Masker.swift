/// Replaces secrets in a stream; holds back only what could be the beginning of one.
struct Masker {
    private let secrets: [[UInt8]]
    private var held: [UInt8] = []

    /// Reads the list: each secret is a length (4 bytes, little endian) and its bytes.
    static func secrets(_ bytes: [UInt8]) -> [[UInt8]] {
        var secrets: [[UInt8]] = []
        var index = 0
        while index + 4 <= bytes.count {
            var count = 0
            for byte in bytes[index..<(index + 4)].reversed() { count = count << 8 | Int(byte) }
            guard count > 0, count <= bytes.count - index - 4 else { break }
            secrets.append(Array(bytes[(index + 4)..<(index + 4 + count)]))
            index += 4 + count
        }
        // The longest first: a secret that begins with another one is replaced whole.
        return secrets.sorted { $0.count > $1.count }
    }

    init(secrets: [[UInt8]]) { self.secrets = secrets }

    /// What can be passed on of these bytes, and of those held back before.
    mutating func mask(_ bytes: [UInt8]) -> [UInt8] {
        held += bytes
        var result: [UInt8] = []
        result.reserveCapacity(held.count)
        var index = 0
        scan: while index < held.count {
            var mayBegin = false
            for secret in secrets where secret[0] == held[index] {
                let length = min(secret.count, held.count - index)
                guard matches(secret, at: index, count: length) else { continue }
                if length == secret.count, !mayBegin {
                    result += text("[redacted]")
                    index += length
                    continue scan
                }
                mayBegin = mayBegin || length < secret.count
            }
            if mayBegin { break }
            result.append(held[index])
            index += 1
        }
        held.removeFirst(index)
        return result
    }

    /// What was held back: at the end of the stream it is no secret.
    mutating func flush() -> [UInt8] {
        var result: [UInt8] = []
        while !held.isEmpty {
            // A shorter secret may lie within what could have been a longer one.
            if let secret = secrets.first(where: {
                $0.count <= held.count && matches($0, at: 0, count: $0.count)
            }) {
                result += text("[redacted]")
                held.removeFirst(secret.count)
            } else {
                result.append(held.removeFirst())
            }
        }
        return result
    }

    private func matches(_ secret: [UInt8], at start: Int, count: Int) -> Bool {
        for offset in 0..<count where held[start + offset] != secret[offset] { return false }
        return true
    }
}
