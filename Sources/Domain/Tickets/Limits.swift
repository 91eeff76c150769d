/// What happens when a ticket has produced as much output as is kept.
public enum OutputPolicy: String, Sendable, CaseIterable {
    /// The head and the newest part stay, the middle is counted and given back to the disk.
    case keepHeadAndTail = "keep"
    /// The ticket is ended.
    case end
}

/// The limits that one run gets.
public struct RunLimits: Sendable, Equatable {
    /// Wall-clock time, then a graceful end.
    public var time: Duration
    /// Between TERM and KILL.
    public var grace: Duration
    /// Bytes of output that are kept.
    public var outputBytes: Int64
    /// What happens beyond.
    public var outputPolicy: OutputPolicy
    /// CPU seconds per process; nil for none.
    public var cpuSeconds: Int?
    /// Memory in bytes, of the tree with cgroups, per process without; nil for none.
    public var memoryBytes: Int64?
    /// Processes at a time, of the tree with cgroups, of the user without; nil for none.
    public var processes: Int?
    /// Open files per process; nil for the server's own limit.
    public var openFiles: Int?
    /// Largest file a process may write, in bytes; nil for none.
    public var fileBytes: Int64?

    /// The blueprint's defaults: 5 minutes, 5 s of grace, 64 MiB kept, nothing else limited.
    public init(
        time: Duration = .seconds(300),
        grace: Duration = .seconds(5),
        outputBytes: Int64 = 64 << 20,
        outputPolicy: OutputPolicy = .keepHeadAndTail,
        cpuSeconds: Int? = nil,
        memoryBytes: Int64? = nil,
        processes: Int? = nil,
        openFiles: Int? = nil,
        fileBytes: Int64? = nil
    ) {
        self.time = time
        self.grace = grace
        self.outputBytes = outputBytes
        self.outputPolicy = outputPolicy
        self.cpuSeconds = cpuSeconds
        self.memoryBytes = memoryBytes
        self.processes = processes
        self.openFiles = openFiles
        self.fileBytes = fileBytes
    }
}

/// Limits asked for by a session or a ticket; nil means "as configured".
public struct LimitOverrides: Sendable, Equatable {
    /// Wall-clock time.
    public var time: Duration?
    /// Between TERM and KILL.
    public var grace: Duration?
    /// Bytes of output that are kept.
    public var outputBytes: Int64?
    /// What happens beyond.
    public var outputPolicy: OutputPolicy?
    /// CPU seconds per process.
    public var cpuSeconds: Int?
    /// Memory in bytes.
    public var memoryBytes: Int64?
    /// Processes at a time.
    public var processes: Int?
    /// Open files per process.
    public var openFiles: Int?
    /// Largest file a process may write, in bytes.
    public var fileBytes: Int64?

    /// Asks for nothing.
    public init() {}

    /// Says whether nothing is asked for.
    public var isEmpty: Bool { self == LimitOverrides() }

    /// The limits with what is asked for here put in their place.
    public func applied(to limits: RunLimits) -> RunLimits {
        RunLimits(
            time: time ?? limits.time,
            grace: grace ?? limits.grace,
            outputBytes: outputBytes ?? limits.outputBytes,
            outputPolicy: outputPolicy ?? limits.outputPolicy,
            cpuSeconds: cpuSeconds ?? limits.cpuSeconds,
            memoryBytes: memoryBytes ?? limits.memoryBytes,
            processes: processes ?? limits.processes,
            openFiles: openFiles ?? limits.openFiles,
            fileBytes: fileBytes ?? limits.fileBytes
        )
    }
}
