import Core

/// The keys by which a person decides: pure.
///
/// A key that was pressed before, or as, the question appeared decides nothing.
struct ApprovalPrompt: Sendable {
    /// How long after its appearance the question takes no keys.
    static let pause = Duration.milliseconds(400)

    enum Answer: Sendable, Equatable {
        case approve(always: Bool)
        /// With what the model is told about it; nil for nothing.
        case deny(note: String?)
    }

    /// What a key leads to.
    enum Reaction: Sendable, Equatable {
        case nothing
        /// A line to show.
        case say(String)
        /// A line to show; from now on whole lines arrive.
        case write(String)
        /// A line to show; from now on single keys arrive again.
        case back(String)
        case answer(Answer)
    }

    let approval: ApprovalView
    private let shown: ContinuousClock.Instant
    private var isConfirming = false
    /// The person writes why they refuse.
    private(set) var isWriting = false
    private var note: [UInt8] = []
    private var lastSequence: ContinuousClock.Instant?

    init(_ approval: ApprovalView, at now: ContinuousClock.Instant) {
        self.approval = approval
        shown = now
    }

    /// What the keys do.
    var help: String {
        let always = approval.proposedRule == nil ? "" : "   w approve and propose to always allow it"
        return "  a approve this once   d deny   n deny with a note\(always)   Ctrl-C end the turn"
    }

    /// Takes what arrived from the keyboard at once.
    mutating func press(_ keys: [UInt8], at now: ContinuousClock.Instant) -> Reaction {
        if isWriting { return write(keys) }
        // Arrows and the like are escape and more: their letters are no answers, even when they come apart.
        let isSequence = keys.contains(0x1B)
        defer { if isSequence { lastSequence = now } }
        guard !isSequence, keys.count == 1, let key = keys.first, shown.duration(to: now) >= Self.pause,
            lastSequence.map({ $0.duration(to: now) >= Self.pause }) != false
        else { return .nothing }
        if isConfirming {
            isConfirming = false
            return key == UInt8(ascii: "y") ? .answer(.approve(always: true)) : .say(help)
        }
        switch key {
        case UInt8(ascii: "a"): return .answer(.approve(always: false))
        case UInt8(ascii: "d"): return .answer(.deny(note: nil))
        case UInt8(ascii: "n"):
            isWriting = true
            return .write("  Why? The model is told. Enter refuses, an empty line goes back.")
        case UInt8(ascii: "w"):
            guard let rule = approval.proposedRule else { return .say(help) }
            isConfirming = true
            return .say(
                "  The rule, which somebody reviews before it counts:\n  \(TerminalText.line(rule, limit: 4_000))\n"
                    + "  y approve and propose it   any other key: back"
            )
        case 0..<0x20: return .nothing
        default: return .say(help)
        }
    }

    /// Takes a part of the line that says why.
    private mutating func write(_ bytes: [UInt8]) -> Reaction {
        note += bytes
        guard let end = note.firstIndex(of: UInt8(ascii: "\n")) else { return .nothing }
        let text = String(decoding: note[..<end], as: UTF8.self).trimmed
        note = []
        isWriting = false
        return text.isEmpty ? .back(help) : .answer(.deny(note: text))
    }
}
