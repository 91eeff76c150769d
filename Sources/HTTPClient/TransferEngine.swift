internal import Core
internal import Synchronization

/// The thread that owns one multi handle of libcurl and sits in `curl_multi_poll`; others hand it work.
final class TransferEngine: Sendable {
    enum Command: Sendable {
        case start(Transfer)
        /// The reader has made room.
        case resume(Transfer)
        case cancel(Transfer)
        /// The rest is thrown away.
        case release(Transfer)
        case close
    }

    private struct Inbox {
        var commands: [Command] = []
        var underWay = 0
        var isClosed = false
    }

    /// The transfers on the client's thread.
    private typealias Active = [ObjectIdentifier: ActiveTransfer]

    let configuration: HTTPClientConfiguration
    private let inbox = Mutex(Inbox())
    private let multi = MultiHandle()

    init(_ configuration: HTTPClientConfiguration) {
        self.configuration = configuration
        DedicatedThread(name: "http-client").perform { [self] in run() }
    }

    /// Takes a request; at most ``HTTPClientConfiguration/maximumConcurrentRequests`` are under way.
    func start(_ transfer: Transfer) throws(HTTPClientError) {
        let refusal = inbox.withLock { inbox -> HTTPClientError? in
            guard !inbox.isClosed else { return HTTPClientError(.closed, "the client was shut down") }
            guard inbox.underWay < configuration.maximumConcurrentRequests else {
                return HTTPClientError(.tooManyRequests, "\(inbox.underWay) requests are under way")
            }
            inbox.underWay += 1
            inbox.commands.append(.start(transfer))
            return nil
        }
        if let refusal { throw refusal }
        multi.wakeUp()
    }

    /// Hands a command over; each transfer has three at most in the queue, so it is bounded by their number.
    func post(_ command: Command) {
        inbox.withLock { if !$0.isClosed { $0.commands.append(command) } }
        multi.wakeUp()
    }

    private func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            let commands = inbox.commands
            inbox.commands = []
            return commands
        }
    }

    private func run() {
        var active: Active = [:]
        while true {
            let commands = takeCommands()
            for (index, command) in commands.enumerated() {
                switch command {
                case .start(let transfer): begin(transfer, &active)
                case .resume(let transfer): active[ObjectIdentifier(transfer)]?.resume()
                case .cancel(let transfer): end(transfer, .failure(CancellationError()), &active)
                case .release(let transfer): active[ObjectIdentifier(transfer)]?.release()
                case .close: return shutDown(&active, rest: commands[(index + 1)...])
                }
            }
            multi.perform()
            while let (done, result) = multi.nextFinished(among: active.values) {
                end(done.transfer, done.outcome(of: result), &active)
            }
            let now = ContinuousClock.now
            for waiting in active.values {
                if let error = waiting.expiry(at: now) { end(waiting.transfer, .failure(error), &active) }
            }
            let next = active.values.compactMap(\.deadline).min()
            multi.wait(milliseconds: next.map { now.duration(to: $0).inMilliseconds + 1 } ?? 60_000)
        }
    }

    private func begin(_ transfer: Transfer, _ active: inout Active) {
        do throws(HTTPClientError) {
            let started = try ActiveTransfer(transfer, configuration)
            guard multi.add(started) else {
                throw HTTPClientError(.invalidRequest, "libcurl refused the request")
            }
            active[ObjectIdentifier(transfer)] = started
        } catch {
            release()
            transfer.finish(.failure(error))
        }
    }

    private func end(_ transfer: Transfer, _ outcome: Result<Void, any Error>, _ active: inout Active) {
        guard let ended = active.removeValue(forKey: ObjectIdentifier(transfer)) else { return }
        multi.remove(ended)
        release()
        transfer.finish(outcome)
    }

    private func release() { inbox.withLock { $0.underWay -= 1 } }

    private func shutDown(_ active: inout Active, rest: ArraySlice<Command>) {
        let late = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.commands = [] }
            return inbox.commands
        }
        let closed = HTTPClientError(.closed, "the client was shut down")
        for case .start(let transfer) in late + rest { transfer.finish(.failure(closed)) }
        for transfer in active.values.map(\.transfer) { end(transfer, .failure(closed), &active) }
    }
}
