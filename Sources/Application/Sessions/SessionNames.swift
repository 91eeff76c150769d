internal import Core
internal import Domain
internal import Synchronization

/// Gives readable random names, and the same name again to a request that is fetched twice.
final class SessionNames: Sendable {
    private struct Memory {
        var names: [String: (name: SessionName, until: Timestamp)] = [:]
        var order = Deque<(key: String, until: Timestamp)>()
    }

    private static let qualities = [
        "amber", "bold", "brisk", "calm", "clear", "coral", "crisp", "dapper", "deft", "early", "fair",
        "gentle",
        "glad", "grand", "hardy", "honest", "keen", "kind", "light", "lively", "lucky", "mellow", "merry",
        "neat",
        "noble", "plain", "proud", "quick", "quiet", "ready", "royal", "sharp", "silver", "smart", "solid",
        "steady",
        "sunny", "swift", "tidy", "true", "vivid", "warm", "wise", "young",
    ]
    private static let things = [
        "anchor", "beacon", "bosun", "bow", "breeze", "buoy", "cabin", "cable", "canvas", "cargo", "compass",
        "cove",
        "crest", "current", "deck", "dock", "ferry", "fleet", "galley", "gull", "harbor", "helm", "hull",
        "inlet",
        "island", "keel", "lagoon", "lantern", "mast", "oar", "pilot", "port", "reef", "rigging", "rudder",
        "sail",
        "shore", "sloop", "tide", "voyage", "wave", "wharf", "winch", "yawl",
    ]
    private static let letters = Array("abcdefghjkmnpqrstuvwxyz23456789".utf8)

    private let memory = Mutex(Memory())
    private let cryptography: any Cryptography

    init(cryptography: any Cryptography) { self.cryptography = cryptography }

    /// A fresh name such as `calm-keel-7kq2p`: five random letters make a collision with an old name improbable.
    func random() throws(Failure) -> SessionName {
        let bytes = cryptography.randomBytes(7)
        let tail = bytes[2...].map { Self.letters[Int($0) % Self.letters.count] }
        return try SessionName(
            Self.qualities[Int(bytes[0]) % Self.qualities.count] + "-"
                + Self.things[Int(bytes[1]) % Self.things.count]
                + "-" + String(decoding: tail, as: UTF8.self)
        )
    }

    /// The name given for this key within the last `window`, else a fresh one that is remembered.
    func name(repeatedBy key: String, window: Duration, now: Timestamp) throws(Failure) -> SessionName {
        let fresh = try random()
        return memory.withLock { memory in
            while let oldest = memory.order.first, oldest.until < now || memory.order.count > 4_096 {
                _ = memory.order.popFirst()
                if let entry = memory.names[oldest.key], entry.until == oldest.until {
                    memory.names[oldest.key] = nil
                }
            }
            if let entry = memory.names[key], entry.until >= now { return entry.name }
            let until = now + window
            memory.names[key] = (fresh, until)
            memory.order.append((key, until))
            return fresh
        }
    }
}
