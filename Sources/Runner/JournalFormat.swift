// The format of a run's journal. Both programs compile this file: the runner writes lines, the server reads them.
//
// Lines of ASCII words, append-only; a line counts when its newline is there. Unknown words and keys are skipped, so
// that an older program reads a newer journal as far as it can. Version 1.

/// Why a run ended, as the journal spells it.
enum JournalReason: UInt8, CaseIterable {
    case exit, signal, time, cpu, memory, output, cancel, failed

    var word: StaticString {
        switch self {
        case .exit: "exit"
        case .signal: "signal"
        case .time: "time"
        case .cpu: "cpu"
        case .memory: "memory"
        case .output: "output"
        case .cancel: "cancel"
        case .failed: "failed"
        }
    }
}

/// The end of a run.
struct JournalExit: Equatable {
    var reason = JournalReason.exit
    var code: Int64 = 0
    var signal: Int64 = 0
    /// Microseconds since the epoch.
    var finished: Int64 = 0
    /// Microseconds by the monotonic clock, and of CPU time.
    var wall: Int64 = 0
    var user: Int64 = 0
    var system: Int64 = 0
    /// Bytes.
    var peakMemory: Int64 = 0
    var stdout: Int64 = 0
    var stderr: Int64 = 0
    var gapStart: Int64 = 0
    var gapEnd: Int64 = 0
    /// A sentence, when it could not be started.
    var message: [UInt8] = []
}

/// One line of a journal.
enum JournalRecord: Equatable {
    /// The first line: who claimed the ticket. `start` is field 22 of proc_pid_stat(5).
    case runner(version: Int64, token: [UInt8], pid: Int64, start: Int64, boot: [UInt8])
    /// The command's process exists, at this time in microseconds since the epoch.
    case started(pid: Int64, at: Int64)
    /// The output has a file from now on; a command that prints nothing may never need one.
    case output
    /// From this offset on the output is of the other stream; it begins with standard output.
    case mark(offset: Int64, isError: Bool)
    /// From this offset on the streams are not told apart any more.
    case mixed(offset: Int64)
    /// Somebody asked for the end.
    case cancel(at: Int64)
    /// This stretch of the output is not kept; a later line replaces an earlier one.
    case omitted(start: Int64, end: Int64)
    /// Something worth saying to the caller.
    case note([UInt8])
    /// The run is over; nothing follows.
    case exited(JournalExit)
}

extension JournalRecord {
    static let version: Int64 = 1

    /// The line with its newline.
    var line: [UInt8] {
        var line = JournalLine()
        switch self {
        case .runner(let version, let token, let pid, let start, let boot):
            line.word("deckhand-run")
            line.number(version)
            line.escaped(token)
            line.number(pid)
            line.number(start)
            line.escaped(boot)
        case .started(let pid, let time):
            line.word("started")
            line.number(pid)
            line.number(time)
        case .output: line.word("output")
        case .mark(let offset, let isError):
            line.word(isError ? "stderr" : "stdout")
            line.number(offset)
        case .mixed(let offset):
            line.word("mixed")
            line.number(offset)
        case .cancel(let time):
            line.word("cancel")
            line.number(time)
        case .omitted(let start, let end):
            line.word("omitted")
            line.number(start)
            line.number(end)
        case .note(let text):
            line.word("note")
            line.escaped(text)
        case .exited(let exit): exit.write(to: &line)
        }
        return line.bytes + [10]
    }

    /// Reads a line without its newline; nil for what is unknown or torn.
    init?(line: ArraySlice<UInt8>) {
        let words = line.split(separator: 32, omittingEmptySubsequences: true)
        guard let first = words.first else { return nil }
        func number(_ index: Int) -> Int64? { index < words.count ? JournalLine.number(words[index]) : nil }
        func bytes(_ index: Int) -> [UInt8]? {
            index < words.count ? JournalLine.unescaped(words[index]) : nil
        }
        if first.elementsEqual("deckhand-run".utf8) {
            guard let version = number(1), let token = bytes(2), let pid = number(3), let start = number(4),
                let boot = bytes(5)
            else { return nil }
            self = .runner(version: version, token: token, pid: pid, start: start, boot: boot)
        } else if first.elementsEqual("started".utf8), let pid = number(1), let time = number(2) {
            self = .started(pid: pid, at: time)
        } else if first.elementsEqual("output".utf8) {
            self = .output
        } else if first.elementsEqual("stdout".utf8), let offset = number(1) {
            self = .mark(offset: offset, isError: false)
        } else if first.elementsEqual("stderr".utf8), let offset = number(1) {
            self = .mark(offset: offset, isError: true)
        } else if first.elementsEqual("mixed".utf8), let offset = number(1) {
            self = .mixed(offset: offset)
        } else if first.elementsEqual("cancel".utf8), let time = number(1) {
            self = .cancel(at: time)
        } else if first.elementsEqual("omitted".utf8), let start = number(1), let end = number(2),
            start <= end
        {
            self = .omitted(start: start, end: end)
        } else if first.elementsEqual("note".utf8), let text = bytes(1) {
            self = .note(text)
        } else if first.elementsEqual("exited".utf8), let exit = JournalExit(words: words.dropFirst()) {
            self = .exited(exit)
        } else {
            return nil
        }
    }
}

extension JournalExit {
    fileprivate func write(to line: inout JournalLine) {
        line.word("exited")
        line.pair("reason", word: reason.word)
        line.pair("code", code)
        line.pair("signal", signal)
        line.pair("at", finished)
        line.pair("wall", wall)
        line.pair("user", user)
        line.pair("system", system)
        line.pair("peak", peakMemory)
        line.pair("stdout", stdout)
        line.pair("stderr", stderr)
        line.pair("gap", gapStart)
        line.pair("until", gapEnd)
        if !message.isEmpty { line.pair("message", escaped: message) }
    }

    /// Reads `key=value` words; without a reason and a time it is not an end.
    fileprivate init?(words: ArraySlice<ArraySlice<UInt8>>) {
        var reason: JournalReason?
        var hasTime = false
        for word in words {
            guard let equals = word.firstIndex(of: 61) else { continue }
            let key = word[..<equals]
            let value = word[(equals + 1)...]
            if key.elementsEqual("reason".utf8) {
                reason = JournalReason.allCases.first { known in
                    known.word.withUTF8Buffer { unsafe $0.elementsEqual(value) }
                }
                continue
            }
            if key.elementsEqual("message".utf8) {
                message = JournalLine.unescaped(value) ?? []
                continue
            }
            guard let number = JournalLine.number(value) else { continue }
            if key.elementsEqual("code".utf8) { code = number }
            if key.elementsEqual("signal".utf8) { signal = number }
            if key.elementsEqual("at".utf8) {
                finished = number
                hasTime = true
            }
            if key.elementsEqual("wall".utf8) { wall = number }
            if key.elementsEqual("user".utf8) { user = number }
            if key.elementsEqual("system".utf8) { system = number }
            if key.elementsEqual("peak".utf8) { peakMemory = number }
            if key.elementsEqual("stdout".utf8) { stdout = number }
            if key.elementsEqual("stderr".utf8) { stderr = number }
            if key.elementsEqual("gap".utf8) { gapStart = number }
            if key.elementsEqual("until".utf8) { gapEnd = number }
        }
        guard let reason, hasTime, gapStart <= gapEnd else { return nil }
        self.reason = reason
    }
}

/// Words, numbers and escaped text of a line.
struct JournalLine {
    var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(160) }

    mutating func word(_ text: StaticString) {
        if !bytes.isEmpty { bytes.append(32) }
        bytes += Self.bytes(text)
    }

    mutating func number(_ value: Int64) {
        if !bytes.isEmpty { bytes.append(32) }
        Self.append(value, to: &bytes)
    }

    mutating func escaped(_ text: [UInt8]) {
        if !bytes.isEmpty { bytes.append(32) }
        appendEscaped(text)
    }

    mutating func pair(_ key: StaticString, _ value: Int64) {
        word(key)
        bytes.append(61)
        Self.append(value, to: &bytes)
    }

    mutating func pair(_ key: StaticString, word value: StaticString) {
        word(key)
        bytes.append(61)
        bytes += Self.bytes(value)
    }

    mutating func pair(_ key: StaticString, escaped value: [UInt8]) {
        word(key)
        bytes.append(61)
        appendEscaped(value)
    }

    private mutating func appendEscaped(_ text: [UInt8]) {
        for byte in text {
            if byte > 32, byte < 127, byte != 37 {
                bytes.append(byte)
            } else {
                bytes.append(37)
                bytes.append(Self.digit(byte >> 4))
                bytes.append(Self.digit(byte & 15))
            }
        }
        if text.isEmpty { bytes.append(45) }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }

    static func bytes(_ text: StaticString) -> [UInt8] { text.withUTF8Buffer { unsafe Array($0) } }

    /// Appends a number in decimal.
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(45) }
        var rest = value.magnitude
        var digits: [UInt8] = []
        repeat {
            digits.append(48 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes += digits.reversed()
    }

    /// Reads a decimal number; nil for anything else, overflow included.
    static func number(_ text: some Collection<UInt8>) -> Int64? {
        var value: Int64 = 0
        var isNegative = false
        var count = 0
        for byte in text {
            if byte == 45, count == 0, !isNegative {
                isNegative = true
                continue
            }
            guard byte >= 48, byte <= 57 else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = tens.addingReportingOverflow(Int64(byte - 48))
            guard !overflow, !carries else { return nil }
            value = sum
            count += 1
        }
        guard count > 0 else { return nil }
        return isNegative ? -value : value
    }

    /// Reads escaped text; nil when an escape is broken.
    static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        if text.count == 1, text.first == 45 { return [] }
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == 37 else {
                bytes.append(text[index])
                index += 1
                continue
            }
            guard index + 2 < text.endIndex, let high = nibble(text[index + 1]),
                let low = nibble(text[index + 2])
            else { return nil }
            bytes.append(high << 4 | low)
            index += 3
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        default: nil
        }
    }
}
