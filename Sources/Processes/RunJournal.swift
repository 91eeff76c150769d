internal import Core
internal import Domain

/// What a journal says; garbage and torn lines are skipped.
struct RunJournal: Equatable {
    struct Runner: Equatable {
        var token: [UInt8]
        var pid: Int32
        var start: Int64
        var boot: String
    }

    var runner: Runner?
    var started: Timestamp?
    /// The runner made the output's file.
    var hasOutput = false
    /// Offsets at which the stream changes, in turn to standard error and back.
    var marks: [Int64] = []
    var cancelled = false
    var omitted: OmittedRange?
    var notes: [String] = []
    var exit: JournalExit?

    /// Reads the complete lines.
    init(bytes: [UInt8]) {
        var rest = bytes[...]
        var isError = false
        while let newline = rest.firstIndex(of: 10) {
            let line = rest[..<newline]
            rest = rest[(newline + 1)...]
            guard let record = JournalRecord(line: line) else { continue }
            switch record {
            case .runner(_, let token, let pid, let start, let boot):
                runner = Runner(
                    token: token,
                    pid: Int32(truncatingIfNeeded: pid),
                    start: start,
                    boot: String(decoding: boot, as: UTF8.self)
                )
            case .started(_, let time): started = Timestamp(microseconds: time)
            case .output: hasOutput = true
            case .mark(let offset, let toError):
                guard toError != isError, offset >= marks.last ?? 0 else { continue }
                isError = toError
                marks.append(offset)
            case .mixed(let offset):
                // What is not told apart any more counts as standard output.
                if isError, offset >= marks.last ?? 0 {
                    isError = false
                    marks.append(offset)
                }
            case .cancel: cancelled = true
            case .omitted(let start, let end): omitted = OmittedRange(start: start, end: end)
            case .note(let text): notes.append(String(decoding: text, as: UTF8.self))
            case .exited(let end): exit = end
            }
        }
        if let exit {
            omitted = exit.gapEnd > exit.gapStart ? OmittedRange(start: exit.gapStart, end: exit.gapEnd) : nil
        }
    }

    /// The outcome, when the run is over.
    var outcome: RunOutcome? {
        guard let exit else { return nil }
        var facts = RunFacts(
            started: started,
            finished: Timestamp(microseconds: exit.finished),
            wallTime: .microseconds(exit.wall),
            userTime: .microseconds(exit.user),
            systemTime: .microseconds(exit.system),
            peakMemory: exit.peakMemory,
            outputBytes: exit.stdout &+ exit.stderr,
            stdoutBytes: exit.stdout,
            stderrBytes: exit.stderr,
            omitted: omitted,
            notes: notes
        )
        let state: TicketState
        switch exit.reason {
        case .exit: state = .exited(code: Int(exit.code))
        case .signal: state = .killed(signal: Int(exit.signal))
        case .time, .cpu, .memory, .output:
            state = .timedOut
            facts.limit = exit.reason.word.description
        case .cancel: state = .cancelled
        case .failed: state = .failed(reason: String(decoding: exit.message, as: UTF8.self))
        }
        return RunOutcome(state: state, facts: facts, inlineOutput: nil)
    }

    /// Says whether the run is over and had no output that was kept: then there need not be a file.
    var keptNothing: Bool {
        guard let exit else { return false }
        return exit.gapStart == 0 && exit.gapEnd >= exit.stdout &+ exit.stderr
    }

    /// The first mark behind an offset (binary search); before an even one the bytes are standard output's.
    func firstMark(after offset: Int64) -> Int {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle] > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Lengths of the stretches of an output, beginning with standard output.
    func stretches(length: Int64) -> [Int] {
        var result: [Int] = []
        var position: Int64 = 0
        for mark in marks where mark <= length {
            result.append(Int(mark - position))
            position = mark
        }
        result.append(Int(length - position))
        return result
    }
}
