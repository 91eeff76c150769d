internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

/// The `CommandRunner`: hands runs to `deckhand-runner` and reads their journals.
final class TicketRunner: CommandRunner {
    let watch: RunWatch
    private let specs: SpecBuilder
    private let folders: SessionFolders
    private let files = DedicatedThread(name: "ticket-start")
    private let recent: RecentFolders
    private let masks = Mutex(EncodedMask())

    init(watch: RunWatch, specs: SpecBuilder, folders: SessionFolders, recent: RecentFolders) {
        self.recent = recent
        self.watch = watch
        self.specs = specs
        self.folders = folders
    }

    /// The present parent of runners.
    var parentPID: Int32? { watch.table.withLock { $0.parent?.pid } }

    var bootID: String { watch.bootID }
    var events: AsyncStream<RunEvent> { watch.events }

    func start(_ request: RunRequest) async throws {
        if try handOverAtOnce(request) { return }
        try await withCheckedThrowingContinuation { continuation in
            files.perform { [self] in
                do {
                    guard var run = try prepare(request, in: nil) else { return continuation.resume() }
                    if watch.handOver(run) { return continuation.resume() }
                    run.continuation = continuation
                    watch.revive()
                    watch.submit(run)
                } catch { continuation.resume(throwing: error) }
            }
        }
    }

    /// Gives the run to a runner that waits, if nothing about it needs a call that may block.
    private func handOverAtOnce(_ request: RunRequest) throws -> Bool {
        guard Self.isOrdinary(request), request.input == .none, request.runAs == nil,
            request.mask?.forms.isEmpty ?? true, watch.hasSpare, let folder = recent.folder(request.folder)
        else { return false }
        guard let run = try prepare(request, in: folder) else { return true }
        return watch.handOver(run)
    }

    func recover(_ ticket: TicketID, nonce: Int64?, folder: SessionName, startedUnder: String?) async throws
        -> RecoveredRun
    {
        try await files.run { [self] in examine(ticket, nonce, folder, startedUnder) }
    }

    func settled(_ ticket: TicketID) { watch.settled(ticket) }

    func end(_ ticket: TicketID) async throws {
        let isKnown = watch.table.withLock { table in
            if let run = table.watched[ticket] {
                table.watched[ticket]?.isToldToEnd = true
                if let handle = run.handle { _ = dh_pidfd_send_signal(handle.raw, SIGTERM) }
                return true
            }
            for (id, run) in table.pending where run.ticket == ticket {
                table.pending[id]?.isCancelled = true
                return true
            }
            return false
        }
        if !isKnown { throw Self.notRunning }
    }

    func write(_ bytes: [UInt8], to ticket: TicketID) async throws {
        let target = try await input(of: ticket)
        try await files.run {
            guard let target else { throw Self.inputClosed }
            try Self.send(bytes, to: target)
        }
    }

    func closeInput(of ticket: TicketID) async throws {
        guard let target = try? await input(of: ticket) else { return }
        try await files.run {
            let code = target.write(InputFrame.encoded(InputFrame.close, []))
            guard code == 0 || code == EPIPE else { throw Self.inputFull }
        }
    }

    func resizeTerminal(of ticket: TicketID, to size: TerminalSize) async throws {
        let target = try await pipe(of: ticket) { [$0.inputName, $0.sizeName] }
        let numbers = [size.columns, size.rows].flatMap { number in
            [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        }
        try await files.run {
            guard let target else { throw Self.notRunning }
            switch target.write(InputFrame.encoded(InputFrame.resize, numbers[...])) {
            case 0: return
            case EPIPE: throw Self.notRunning
            default: throw Self.inputFull
            }
        }
    }

    /// What is to be sent for a run; nil when it is under way already.
    private func prepare(_ request: RunRequest, in known: Descriptor?) throws -> PendingRun? {
        if watch.table.withLock({ $0.knows(request.ticket) }) { return nil }
        let spec = try specs.spec(request)
        let folder = try known ?? folders.make(request.folder)
        if known == nil { recent.keep(folder, of: request.folder) }
        var message = RunMessage(id: 0)
        var descriptors = [folder]
        if case .bytes(let bytes) = request.input {
            message.hasInput = true
            descriptors.append(try Descriptor.memory(bytes))
        }
        if let mask = request.mask, !mask.forms.isEmpty {
            message.hasSecrets = true
            descriptors.append(try Descriptor.memory(masks.withLock { $0.bytes(of: mask) }))
        }
        var encoded = spec.encoded
        if encoded.count > SpecBuilder.largestInMessage {
            message.isInFile = true
            descriptors.append(try Descriptor.memory(encoded))
            encoded = []
        }
        let files = TicketFiles(
            folder: folder,
            name: request.folder,
            number: request.ticket.number,
            nonce: request.nonce
        )
        return PendingRun(
            ticket: request.ticket,
            files: files,
            message: message,
            specification: encoded,
            descriptors: descriptors,
            isOrdinary: Self.isOrdinary(request) && !message.hasSecrets,
            continuation: nil
        )
    }

    /// Nothing of such a run stays in its runner for the next one to find.
    private static func isOrdinary(_ request: RunRequest) -> Bool {
        request.input != .open && request.terminal == nil && !request.isStateful && request.secrets.isEmpty
            && request.limits.memoryBytes == nil && request.limits.processes == nil && !request.isReadOnly
    }

    private func examine(
        _ ticket: TicketID,
        _ nonce: Int64?,
        _ name: SessionName,
        _ startedUnder: String?
    ) -> RecoveredRun {
        guard let folder = folders.existing(name) else { return unclaimed(startedUnder) }
        let files = TicketFiles(folder: folder, name: name, number: ticket.number, nonce: nonce)
        guard let journal = files.journal() else { return unclaimed(startedUnder) }
        if watch.table.withLock({ $0.watched[ticket] != nil }) { return .running(started: journal.started) }
        if let outcome = files.outcome(journal) { return .finished(outcome) }
        if let runner = journal.runner, runner.boot == bootID,
            let handle = ProcessTable.open(pid: runner.pid, start: runner.start)
        {
            watch.adopt(
                ticket,
                files: files,
                handle: handle,
                pid: runner.pid,
                // Its message about the start may have gone to the server before us.
                hasStarted: true
            )
            return .running(started: journal.started)
        }
        return .finished(
            watch.lost(files, token: SpecBuilder.token(ticket, nonce: nonce), startedUnder: startedUnder)
        )
    }

    private func unclaimed(_ startedUnder: String?) -> RecoveredRun {
        guard let startedUnder, startedUnder != bootID else { return .unclaimed }
        return .finished(
            RunOutcome(
                state: .lost(reason: "The machine was restarted, and nothing is known of the command."),
                facts: RunFacts(started: nil, finished: SystemWallClock().now()),
                inlineOutput: nil
            )
        )
    }

    /// The named pipe of an interactive run; nil when its input is closed.
    private func input(of ticket: TicketID) async throws -> Descriptor? {
        try await pipe(of: ticket) { [$0.inputName] }
    }

    /// The first of these named pipes that a runner listens to.
    private func pipe(of ticket: TicketID, _ names: @escaping @Sendable (TicketFiles) -> [String])
        async throws -> Descriptor?
    {
        // A command that was handed over but not started has no pipe yet.
        await withCheckedContinuation { continuation in
            let waits = watch.table.withLock { table in
                guard table.watched[ticket]?.hasStarted == false else { return false }
                table.watched[ticket]?.waiting.append(continuation)
                return true
            }
            if !waits { continuation.resume() }
        }
        guard let files = watch.table.withLock({ $0.watched[ticket]?.files }) else { throw Self.inputClosed }
        return try await self.files.run {
            names(files).lazy.compactMap { Self.pipe($0, in: files.folder) }.first
        }
    }

    private static func pipe(_ name: String, in folder: Descriptor) -> Descriptor? {
        let flags = O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC
        guard let pipe = unsafe Descriptor(dh_openat(folder.raw, name, flags, 0)) else { return nil }
        var status = stat()
        guard unsafe fstat(pipe.raw, &status) == 0, status.st_mode & UInt32(S_IFMT) == UInt32(S_IFIFO)
        else { return nil }
        return pipe
    }

    /// Writes all frames or none: half of a pipe's room always takes them, however they fall on its pages (pipe(7)).
    private static func send(_ bytes: [UInt8], to pipe: Descriptor) throws {
        var waiting: Int32 = 0
        _ = unsafe dh_ioctl(pipe.raw, UInt(FIONREAD), &waiting)
        let room = Int(dh_fcntl(pipe.raw, F_GETPIPE_SZ, 0)) / 2
        guard bytes.count + bytes.count / 1_024 + 8 <= room else {
            throw Failure(
                .tooLarge,
                code: "input_too_large",
                message: "At most \(room / 1_024 * 1_000) bytes can be written at once.",
                hint: "Write the input in smaller pieces."
            )
        }
        guard Int(waiting) + bytes.count + bytes.count / 1_024 + 8 <= room else { throw inputFull }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(InputFrame.maximumPayload)
            rest = rest.dropFirst(piece.count)
            switch pipe.write(InputFrame.encoded(InputFrame.data, piece)) {
            case 0: continue
            case EPIPE: throw inputClosed
            default: throw inputFull
            }
        }
    }

    private static var notRunning: Failure {
        Failure(.conflict, code: "ticket_not_running", message: "The ticket is not running.")
    }
    private static var inputClosed: Failure {
        Failure(.conflict, code: "input_closed", message: "The input of this ticket is closed.")
    }
    private static var inputFull: Failure {
        Failure(
            .rateLimited,
            code: "input_full",
            message: "The command has not read its earlier input yet.",
            hint: "Wait until it reads, then write again.",
            retryAfter: .seconds(1)
        )
    }
}
