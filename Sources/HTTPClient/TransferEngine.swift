internal import Core
internal import Synchronization

/// The client's thread, which sends and receives for all tasks, and what these hand over to it.
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

    let configuration: HTTPClientConfiguration
    private let inbox = Mutex(Inbox())
    private let poll = SocketPoll()

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
        poll.wakeUp()
    }

    /// Hands a command over; each transfer has three at most in the queue, so it is bounded by their number.
    func post(_ command: Command) {
        let isFirst = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(command)
            return inbox.commands.count == 1
        }
        if isFirst { poll.wakeUp() }
    }

    private func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            let commands = inbox.commands
            inbox.commands = []
            return commands
        }
    }

    private func run() {
        let loop = TransferLoop(configuration, poll) { [self] in inbox.withLock { $0.underWay -= 1 } }
        while true {
            let commands = takeCommands()
            for (index, command) in commands.enumerated() {
                switch command {
                case .start(let transfer): loop.begin(transfer)
                case .resume(let transfer): loop.resume(transfer)
                case .cancel(let transfer): loop.end(transfer, .failure(CancellationError()))
                case .release(let transfer): loop.release(transfer)
                case .close: return shutDown(loop, rest: commands[(index + 1)...])
                }
            }
            loop.turn()
        }
    }

    private func shutDown(_ loop: TransferLoop, rest: ArraySlice<Command>) {
        let late = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.commands = [] }
            return inbox.commands
        }
        let closed = HTTPClientError(.closed, "the client was shut down")
        for case .start(let transfer) in late + rest { transfer.finish(.failure(closed)) }
        loop.endAll(closed)
    }
}
