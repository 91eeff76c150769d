public import Core

/// What is known of a run that is over, from the runner's journal.
public struct RunFacts: Sendable, Equatable {
    /// When the command started; nil when it never did.
    public var started: Timestamp?
    /// When it ended.
    public var finished: Timestamp
    /// Wall-clock time by the monotonic clock.
    public var wallTime: Duration
    /// CPU time in user mode, of the whole tree that was waited for.
    public var userTime: Duration
    /// CPU time in the kernel.
    public var systemTime: Duration
    /// Largest resident set of a process of the tree, in bytes.
    public var peakMemory: Int64
    /// Bytes the command produced on both streams, kept or not.
    public var outputBytes: Int64
    /// Bytes of those from standard output.
    public var stdoutBytes: Int64
    /// Bytes of those from standard error.
    public var stderrBytes: Int64
    /// The stretch of output that was not kept.
    public var omitted: OmittedRange?
    /// Which limit ended the run, if one did: `time`, `output`, `cpu`, `memory`.
    public var limit: String?
    /// Things worth saying to the caller: state not carried over, processes that had to be killed.
    public var notes: [String]

    /// Makes a value.
    public init(
        started: Timestamp?,
        finished: Timestamp,
        wallTime: Duration = .zero,
        userTime: Duration = .zero,
        systemTime: Duration = .zero,
        peakMemory: Int64 = 0,
        outputBytes: Int64 = 0,
        stdoutBytes: Int64 = 0,
        stderrBytes: Int64 = 0,
        omitted: OmittedRange? = nil,
        limit: String? = nil,
        notes: [String] = []
    ) {
        self.started = started
        self.finished = finished
        self.wallTime = wallTime
        self.userTime = userTime
        self.systemTime = systemTime
        self.peakMemory = peakMemory
        self.outputBytes = outputBytes
        self.stdoutBytes = stdoutBytes
        self.stderrBytes = stderrBytes
        self.omitted = omitted
        self.limit = limit
        self.notes = notes
    }
}

extension RunFacts {
    /// Bytes that the command produced on a stream, kept or not.
    public func bytes(of stream: OutputStream) -> Int64 {
        switch stream {
        case .combined: outputBytes
        case .stdout: stdoutBytes
        case .stderr: stderrBytes
        }
    }
}

/// A stretch of output that was produced but not kept: offsets in bytes of the output as produced.
public struct OmittedRange: Sendable, Equatable {
    /// The first byte that is missing.
    public let start: Int64
    /// The first byte after the gap.
    public let end: Int64
    /// How many bytes are missing.
    public var count: Int64 { end - start }
    /// Makes a range.
    public init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }
}

/// Output small enough to be stored with the ticket's row.
public struct InlineOutput: Sendable, Equatable {
    /// Both streams as produced.
    public var combined: [UInt8]
    /// Lengths of the stretches, in turn standard output and standard error, beginning with standard output.
    public var stretches: [Int]

    /// Makes a value.
    public init(combined: [UInt8], stretches: [Int]) {
        self.combined = combined
        self.stretches = stretches
    }

    /// The stretches of a part of the combined bytes.
    public func stretches(from start: Int, to end: Int) -> [OutputStretch] {
        var result: [OutputStretch] = []
        var position = 0
        for (index, length) in stretches.enumerated() {
            let overlap = min(end, position + length) - max(start, position)
            if overlap > 0 {
                result.append(OutputStretch(stream: index % 2 == 0 ? .stdout : .stderr, count: overlap))
            }
            position += length
        }
        return result
    }

    /// The bytes of one stream.
    public func bytes(of stream: OutputStream) -> [UInt8] {
        guard stream != .combined else { return combined }
        var result: [UInt8] = []
        var position = 0
        for (index, length) in stretches.enumerated() {
            let end = min(position + length, combined.count)
            if (index % 2 == 0) == (stream == .stdout) { result += combined[position..<end] }
            position = end
        }
        return result
    }
}

/// Which of a ticket's streams is meant.
public enum OutputStream: String, Sendable, CaseIterable {
    /// Both, in the order of their arrival.
    case combined
    case stdout
    case stderr
}
