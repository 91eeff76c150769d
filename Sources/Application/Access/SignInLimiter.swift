internal import Core
internal import Domain
internal import Synchronization

/// Slows down guessing of passphrases, by address and by name.
///
/// An attempt counts when it begins, so that many at a time gain nothing, and is forgiven when it was right. A name under
/// attack from many addresses leaves each address one try instead of five; no name is ever closed for an address that
/// has not failed itself, so that nobody can lock an operator out.
final class SignInLimiter: Sendable {
    private struct Record {
        var failures = 0
        var blockedUntil = Timestamp(microseconds: 0)
        var last = Timestamp(microseconds: 0)
    }
    private struct State {
        var addresses: [String: Record] = [:]
        var pairs: [String: Record] = [:]
        var names: [String: Record] = [:]
    }

    private static let freeFailures = 5
    /// Failures of one name, from wherever, after which it counts as under attack.
    private static let attackFailures = 20
    private static let longest = Duration.seconds(300)
    private static let memory = Duration.seconds(900)
    private static let maximumRecords = 10_000

    private let state = Mutex(State())

    /// Counts an attempt; throws `Failure` of kind rateLimited (`too_many_failures`) while it has to wait.
    func begin(name: String, from address: String, at now: Timestamp) throws(Failure) {
        let (address, name) = Self.keys(name, address)
        let wait = state.withLock { state -> Duration? in
            let isUnderAttack = Self.current(state.names[name], now).failures >= Self.attackFailures
            let free = isUnderAttack ? 1 : Self.freeFailures
            let pair = Self.pair(name, address)
            let blocked = [state.addresses[address], state.pairs[pair]].compactMap { record in
                record.flatMap { now < $0.blockedUntil ? $0.blockedUntil - now : nil }
            }
            if let wait = blocked.max() { return wait }
            Self.count(&state.addresses, address, free: Self.freeFailures, now)
            Self.count(&state.pairs, pair, free: free, now)
            Self.count(&state.names, name, free: Int.max, now)
            return nil
        }
        guard let wait else { return }
        throw Failure(
            .rateLimited,
            code: "too_many_failures",
            message: "Too many sign-ins failed.",
            hint: "Wait, then try again; deckhand user passwd on the server sets a new passphrase.",
            retryAfter: wait
        )
    }

    /// The passphrase was right: its attempt does not count, and earlier ones of this address for this name neither.
    func succeeded(name: String, from address: String) {
        let (address, name) = Self.keys(name, address)
        state.withLock { state in
            state.pairs[Self.pair(name, address)] = nil
            if var record = state.addresses[address] {
                record.failures -= 1
                if record.failures < Self.freeFailures { record.blockedUntil = Timestamp(microseconds: 0) }
                state.addresses[address] = record
            }
            state.names[name]?.failures -= 1
        }
    }

    /// The attempt was not decided, because the server was too busy: it does not count.
    func withdrawn(name: String, from address: String) {
        let (address, name) = Self.keys(name, address)
        state.withLock { state in
            state.addresses[address]?.failures -= 1
            state.pairs[Self.pair(name, address)]?.failures -= 1
            state.names[name]?.failures -= 1
        }
    }

    /// Names are cut: longer ones belong to nobody.
    private static func keys(_ name: String, _ address: String) -> (address: String, name: String) {
        (FailureLimiter.network(of: address), String(name.lowercased().prefix(65)))
    }

    private static func pair(_ name: String, _ address: String) -> String { "\(address) \(name)" }

    private static func current(_ record: Record?, _ now: Timestamp) -> Record {
        guard let record, now - record.last <= memory else { return Record() }
        return record
    }

    private static func count(_ records: inout [String: Record], _ key: String, free: Int, _ now: Timestamp) {
        if records.count >= maximumRecords, records[key] == nil { evict(&records, now) }
        var record = current(records[key], now)
        record.failures += 1
        record.last = now
        let excess = record.failures - free
        if excess >= 0 { record.blockedUntil = now + min(.seconds(1 << min(excess, 9)), longest) }
        records[key] = record
    }

    /// Forgets the old ones, else the one that was quiet for longest.
    private static func evict(_ records: inout [String: Record], _ now: Timestamp) {
        records = records.filter { now - $0.value.last <= memory }
        guard records.count >= maximumRecords else { return }
        if let oldest = records.min(by: { $0.value.last < $1.value.last }) { records[oldest.key] = nil }
    }
}
