internal import Core
internal import Domain
internal import Synchronization

/// Slows down guessing: after some failures from an address, further *wrong* attempts are refused for a while.
///
/// It is only asked about attempts that failed, so a valid credential is never locked out.
final class FailureLimiter: Sendable {
    private struct Record {
        var failures = 0
        var blockedUntil = Timestamp(microseconds: 0)
        var last = Timestamp(microseconds: 0)
    }

    private static let freeFailures = 5
    private static let longest = Duration.seconds(60)
    private static let memory = Duration.seconds(900)
    private static let maximumAddresses = 10_000

    private let records = Mutex<[String: Record]>([:])

    /// Counts a failed attempt; throws `Failure` of kind rateLimited while the address has to wait.
    func recordFailure(from address: String, at now: Timestamp) throws(Failure) {
        let key = Self.network(of: address)
        let wait = records.withLock { records -> Duration? in
            if records.count >= Self.maximumAddresses, records[key] == nil { Self.evict(&records, now) }
            var record = records[key] ?? Record()
            if now - record.last > Self.memory { record = Record() }
            record.last = now
            defer { records[key] = record }
            if now < record.blockedUntil { return record.blockedUntil - now }
            record.failures += 1
            let excess = record.failures - Self.freeFailures
            if excess > 0 { record.blockedUntil = now + min(.seconds(1 << min(excess - 1, 6)), Self.longest) }
            return nil
        }
        guard let wait else { return }
        throw Failure(
            .rateLimited,
            code: "too_many_failures",
            message: "Too many wrong credentials came from this address.",
            hint: "Wait, and then send the right hash or token; a right one is accepted at any time.",
            retryAfter: wait
        )
    }

    /// An IPv6 client has a whole /64 to itself, so that is what counts (RFC 4291 section 2.5.4).
    static func network(of address: String) -> String {
        guard address.contains(":") else { return address }
        let halves = address.split(separator: ":", omittingEmptySubsequences: false)
        guard let gap = halves.dropFirst().firstIndex(of: "") else {
            return halves.prefix(4).joined(separator: ":")
        }
        // "::" stands for as many zero groups as are missing (RFC 4291 section 2.2).
        let head = halves[..<gap].filter { !$0.isEmpty }
        let tail = halves[gap...].filter { !$0.isEmpty }
        let zeros = [Substring](repeating: "0", count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":")
    }

    private static func evict(_ records: inout [String: Record], _ now: Timestamp) {
        records = records.filter { now < $0.value.blockedUntil }
        if records.count >= maximumAddresses { records.removeAll() }
    }
}
