internal import CLinux
internal import Core
internal import Domain

/// The files of one ticket.
struct TicketFiles: Sendable {
    static let inlineLimit: Int64 = 4_096

    let folder: Descriptor
    let name: SessionName
    let number: Int
    /// The ticket's; see ``Ticket/nonce``.
    var nonce: Int64?

    var outputName: String { "\(number).ticket" }
    var journalName: String { "\(number).run" }
    var inputName: String { "\(number).in" }
    /// The pipe of a terminal that takes no input, for its size.
    var sizeName: String { "\(number).size" }

    /// Reads the journal; nil when no runner claimed the ticket, also where one of another ticket has its name.
    func journal() -> RunJournal? {
        guard let journal = SessionFolders.contents(journalName, in: folder).map(RunJournal.init(bytes:))
        else {
            return nil
        }
        // One that names nobody is taken for ours: nothing is believed of it.
        guard let runner = journal.runner else { return journal }
        return isOwn(runner) ? journal : nil
    }

    /// Another ticket's journal has the name of this one's.
    var areTaken: Bool {
        SessionFolders.contents(journalName, in: folder).map(RunJournal.init(bytes:))?.runner.map {
            !isOwn($0)
        }
            ?? false
    }

    private func isOwn(_ runner: RunJournal.Runner) -> Bool {
        let token = String(decoding: runner.token, as: UTF8.self).split(separator: "/").dropFirst()
        return token.elementsEqual([number.description[...]] + (nonce.map { [$0.description[...]] } ?? []))
    }

    /// The outcome with the output if that is small and complete; nil while the run is not over.
    ///
    /// An output that the runner told, if it is as long as the journal says, spares the reading.
    func outcome(_ journal: RunJournal, told: [UInt8] = []) -> RunOutcome? {
        guard var outcome = journal.outcome else { return nil }
        let length = outcome.facts.outputBytes
        guard length > 0 else {
            outcome.inlineOutput = InlineOutput(combined: [], stretches: [])
            return outcome
        }
        if told.count == Int(length), outcome.facts.omitted == nil {
            outcome.inlineOutput = InlineOutput(combined: told, stretches: journal.stretches(length: length))
            return outcome
        }
        guard let file = SessionFolders.file(outputName, in: folder) else {
            if journal.keptNothing { return outcome }
            outcome.facts.notes.append("The output file is missing.")
            return outcome
        }
        guard length <= Self.inlineLimit, outcome.facts.omitted == nil,
            let bytes = file.read(at: 0, count: Int(length)), bytes.count == Int(length)
        else { return outcome }
        outcome.inlineOutput = InlineOutput(combined: bytes, stretches: journal.stretches(length: length))
        return outcome
    }

    /// The outcome of a run whose runner ended without a word.
    func lost(_ journal: RunJournal?, reason: String, notes: [String], now: Timestamp) -> RunOutcome {
        var facts = RunFacts(started: journal?.started, finished: now, notes: (journal?.notes ?? []) + notes)
        if let started = journal?.started { facts.wallTime = max(now - started, .zero) }
        if let file = SessionFolders.file(outputName, in: folder), let size = file.size {
            facts.outputBytes = size
            for (index, length) in (journal?.stretches(length: size) ?? [Int(size)]).enumerated() {
                if index % 2 == 0 {
                    facts.stdoutBytes += Int64(length)
                } else {
                    facts.stderrBytes += Int64(length)
                }
            }
            facts.omitted = journal?.omitted.map {
                OmittedRange(start: $0.start, end: min($0.end, max(size, $0.start)))
            }
        } else if journal?.hasOutput == true {
            facts.notes.append("The output file is missing.")
        }
        return RunOutcome(state: .lost(reason: reason), facts: facts, inlineOutput: nil)
    }
}
