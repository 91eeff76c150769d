public import Core
public import Domain

/// Where checkpoints are kept for whoever ships them off the host.
public protocol CheckpointLog: Sendable {
    /// The newest one; nil when there is none.
    func last() async throws -> AuditCheckpoint?
    /// Adds one, synced to the disk.
    func append(_ checkpoint: AuditCheckpoint) async throws
}

/// Signs where the chain of the audit log is: after so many rows, after so much time, and at the end.
public actor AuditCheckpointer: Service {
    /// When a checkpoint is due.
    public struct Pace: Sendable {
        /// After so many rows.
        public var rows: Int64
        /// After so much time, if there are new rows.
        public var time: Duration
        /// How often it is looked.
        public var interval: Duration
        /// A thousand rows or five minutes, looked at each five seconds.
        public init(
            rows: Int64 = 1_000,
            time: Duration = .seconds(300),
            interval: Duration = .seconds(5)
        ) {
            self.rows = rows
            self.time = time
            self.interval = interval
        }
    }

    private let trail: any AuditTrail
    private let log: any CheckpointLog
    private let signer: any CheckpointSigner
    private let clock: any WallClock
    private let logger: Logger
    private let pace: Pace
    private var newest: AuditCheckpoint?

    /// Puts the service together.
    public init(
        trail: any AuditTrail,
        log: any CheckpointLog,
        signer: any CheckpointSigner,
        clock: any WallClock,
        logger: Logger,
        pace: Pace = Pace()
    ) {
        self.trail = trail
        self.log = log
        self.signer = signer
        self.clock = clock
        self.logger = logger
        self.pace = pace
    }

    /// Works until its task is cancelled, and signs once more then; see ``Service/run()``.
    public func run() async throws {
        while !Task.isCancelled {
            await look(isLast: false)
            try? await Task.sleep(for: pace.interval)
        }
        await UsageMeter.finishing { await self.look(isLast: true) }
    }

    private func look(isLast: Bool) async {
        do { _ = try await sign(ifDue: !isLast) } catch is CancellationError {
        } catch {
            logger.error(
                "the audit log's checkpoint cannot be written",
                .init("error", LogValue.error(error))
            )
        }
    }

    /// Signs the newest row unless that is done, with `ifDue` only when enough rows or time passed.
    ///
    /// Nil when nothing was signed.
    public func sign(ifDue: Bool) async throws -> AuditCheckpoint? {
        if newest == nil { newest = try await log.last() }
        let (head, now) = (try await trail.head(), clock.now())
        let reached = newest?.link.id ?? 0
        guard head.id > reached else {
            if head != newest?.link, head.id > 0 {
                logger.error("the audit log is behind its checkpoints", .init("row", head.id))
            }
            return nil
        }
        if ifDue, head.id - reached < pace.rows, let newest, now - newest.time < pace.time { return nil }
        let checkpoint = AuditCheckpoint(.checkpoint, head, at: now, by: signer)
        try await log.append(checkpoint)
        newest = checkpoint
        return checkpoint
    }
}
