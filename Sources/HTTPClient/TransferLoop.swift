internal import CCurl
internal import Core

/// What happens on the client's thread: the transfers under way, their sockets and their deadlines.
final class TransferLoop {
    private let configuration: HTTPClientConfiguration
    private let poll: SocketPoll
    private let multi: MultiHandle
    private var active: [ObjectIdentifier: ActiveTransfer] = [:]
    private var deadlines = DeadlineHeap<ActiveTransfer>()
    /// Called for each transfer that is over.
    private let ended: () -> Void

    init(_ configuration: HTTPClientConfiguration, _ poll: SocketPoll, ended: @escaping () -> Void) {
        self.configuration = configuration
        self.poll = poll
        self.ended = ended
        multi = MultiHandle(poll)
    }

    func begin(_ transfer: Transfer) {
        do throws(HTTPClientError) {
            let started = try ActiveTransfer(transfer, configuration)
            guard multi.add(started) else {
                throw HTTPClientError(.invalidRequest, "libcurl refused the request")
            }
            active[ObjectIdentifier(transfer)] = started
            schedule(started)
        } catch {
            ended()
            transfer.finish(.failure(error))
        }
    }

    /// The reader has made room.
    func resume(_ transfer: Transfer) {
        guard let active = active[ObjectIdentifier(transfer)] else { return }
        active.resume()
        schedule(active)
    }

    /// The rest is thrown away.
    func release(_ transfer: Transfer) {
        guard let active = active[ObjectIdentifier(transfer)] else { return }
        active.release()
        schedule(active)
    }

    func end(_ transfer: Transfer, _ outcome: Result<Void, any Error>) {
        guard let over = active.removeValue(forKey: ObjectIdentifier(transfer)) else { return }
        deadlines.schedule(over, at: nil)
        multi.remove(over)
        ended()
        transfer.finish(outcome)
    }

    func endAll(_ error: HTTPClientError) {
        for transfer in active.values.map(\.transfer) { end(transfer, .failure(error)) }
    }

    /// Waits for whatever comes first, and deals with it.
    func turn() {
        let ready = poll.wait(milliseconds: patience(at: .now))
        let now = ContinuousClock.now
        multi.act(on: ready, at: now)
        while let (done, result) = multi.nextFinished() { end(done.transfer, done.outcome(of: result)) }
        while let first = deadlines.first, let time = first.time, time <= now {
            if let error = first.expiry(at: now) {
                end(first.transfer, .failure(error))
            } else {
                // Something arrived since its deadline was written down.
                deadlines.schedule(first, at: first.nextLook(at: now))
            }
        }
    }

    /// Until libcurl's timer or the first deadline, a minute at most.
    private func patience(at now: ContinuousClock.Instant) -> Int32 {
        let first = [multi.timer, deadlines.first?.time].compactMap { $0 }.min()
        guard let first else { return 60_000 }
        guard first > now else { return 0 }
        return Int32(min(now.duration(to: first).inMilliseconds + 1, 60_000))
    }

    /// Writes down a deadline that came nearer; one that moved away is found out when it comes.
    private func schedule(_ transfer: ActiveTransfer) {
        guard let next = transfer.nextLook(at: .now) else { return }
        if let time = transfer.time, time <= next { return }
        deadlines.schedule(transfer, at: next)
    }
}
