import Core
import Testing

@testable import deckhand

@Suite struct ChatTurnDeskTests {
    private static let step = ChatEventView.Step(call: "c", index: 0)
    private static let waits = ChatEventView.Body.toolTicket(
        step,
        name: "chat-1/1",
        state: "awaiting_approval",
        approval: 5
    )

    private func approval(state: String = "awaiting", rule: String? = "allow rm") throws -> ApprovalView {
        var members: [String: JSONValue] = [
            "id": .integer(5), "state": .string(state), "digest": .string("d-5"),
            "command": .string("rm -rf /tmp/x\n\techo \u{1B}[8mhidden\u{202E}"), "cwd": .string("/root"),
            "user": .string("www"), "host": .string("web1"), "reason": .string("It removes files."),
            "rule": .string("builtin:rm"), "env": .object(["A": .string("b\nc")]),
            "scripts": .array([.object(["path": .string("/x.sh"), "sha256": .string("abc")])]),
        ]
        if let rule { members["proposed_rule"] = .string(rule) }
        return try #require(ApprovalView(.object(members)))
    }

    private func text(_ effects: [ChatTurnDesk.Effect]) -> String {
        effects.map { effect in
            if case .show(.note(let text)) = effect { text } else { "" }
        }.joined()
    }

    private func desk(canDecide: Bool = true) -> ChatTurnDesk {
        ChatTurnDesk(paint: TerminalPaint(isOn: false), canDecide: canDecide, showsReasoning: false)
    }

    private let start = ContinuousClock.now
    private var later: ContinuousClock.Instant { start + .seconds(1) }

    @Test(
        "a command that waits is shown with all that the decision covers, and a key decides with its digest"
    )
    func approve() throws {
        var desk = desk()
        #expect(desk.take(Self.waits).contains(.load(approval: 5)))
        #expect(desk.take(Self.waits).contains(.load(approval: 5)) == false, "asked once")
        let approval = try approval()
        let shown = text(desk.loaded(.success(approval), at: start))
        for part in [
            "│ rm -rf /tmp/x\n", "\\u{9}echo \\u{1B}[8mhidden\\u{202E}", "/root", "www on web1",
            "It removes files.",
            "builtin:rm", "A=b⏎c", "/x.sh (sha256 abc)", "a approve this once",
        ] { #expect(shown.contains(part), "\(part) in \(shown)") }
        let effects = desk.typed([UInt8(ascii: "a")], at: later)
        #expect(effects.last == .decide(approval, .approve(always: false)))
        #expect(approval.digest == "d-5")
        #expect(desk.typed([UInt8(ascii: "a")], at: later).isEmpty, "decided once")
    }

    @Test("input that waits is asked for as a command is, and withdrawn when somebody else decided")
    func typing() throws {
        func progress(_ waiting: Bool, kind: String = "approval") -> ChatEventView.Body {
            let json = JSONValue.object([
                "call_id": .string("c"), "step": .integer(0), "kind": .string(kind), "id": .string("5"),
                "state": .string("awaiting"), "waiting": .bool(waiting),
            ])
            return ChatEventView(number: 1, kind: "tool.progress", json).body
        }
        var desk = desk()
        #expect(desk.take(progress(true, kind: "action")).isEmpty)
        #expect(desk.take(progress(true)) == [.load(approval: 5)])
        #expect(desk.take(progress(true)).isEmpty, "asked once")
        _ = desk.loaded(.success(try approval()), at: start)
        #expect(desk.isAsking)
        #expect(text(desk.take(progress(false))).contains("decided elsewhere"))
        #expect(!desk.isAsking)
    }

    @Test("keys before the question, just after it, of arrows, and several at once decide nothing")
    func stray() throws {
        var desk = desk()
        #expect(desk.typed([UInt8(ascii: "a")], at: start).isEmpty)
        _ = desk.take(Self.waits)
        _ = desk.loaded(.success(try approval()), at: start)
        #expect(desk.typed([UInt8(ascii: "a")], at: start + .milliseconds(100)).isEmpty)
        #expect(desk.typed(Array("\u{1B}[A".utf8), at: later).isEmpty)
        #expect(desk.typed([0x1B], at: later).isEmpty)
        #expect(
            desk.typed([UInt8(ascii: "a")], at: later + .milliseconds(50)).isEmpty,
            "the rest of a sequence"
        )
        #expect(desk.typed(Array("aa".utf8), at: later + .seconds(1)).isEmpty)
        #expect(
            desk.typed(Array("A".utf8), at: later + .seconds(1)).last
                != .decide(try approval(), .approve(always: false))
        )
        #expect(desk.typed([13], at: later + .seconds(1)).isEmpty)
        #expect(desk.isAsking)
        #expect(
            desk.typed([UInt8(ascii: "d")], at: later + .seconds(1)).last
                == .decide(try approval(), .deny(note: nil))
        )
    }

    @Test("always is asked twice, with the rule, and not offered where there is none")
    func always() throws {
        var desk = desk()
        _ = desk.take(Self.waits)
        let approval = try approval()
        _ = desk.loaded(.success(approval), at: start)
        #expect(text(desk.typed([UInt8(ascii: "w")], at: later)).contains("allow rm"))
        #expect(text(desk.typed([UInt8(ascii: "n")], at: later)).contains("a approve this once"))
        _ = desk.typed([UInt8(ascii: "w")], at: later)
        #expect(desk.typed([UInt8(ascii: "y")], at: later).last == .decide(approval, .approve(always: true)))

        var prompt = ApprovalPrompt(try self.approval(rule: nil), at: start)
        #expect(!prompt.help.contains("always"))
        #expect(prompt.press([UInt8(ascii: "w")], at: later) == .say(prompt.help))
        #expect(prompt.press([UInt8(ascii: "y")], at: later) == .say(prompt.help))
    }

    @Test("a refusal takes a note, which is a line; an empty one goes back to the question")
    func note() throws {
        var desk = desk()
        _ = desk.take(Self.waits)
        let approval = try approval()
        _ = desk.loaded(.success(approval), at: start)
        #expect(desk.typed([UInt8(ascii: "n")], at: later).last == .read(lines: true))
        let back = desk.typed(Array("  \n".utf8), at: later)
        #expect(back.last == .read(lines: false) && text(back).contains("a approve this once"))
        _ = desk.typed([UInt8(ascii: "n")], at: later)
        #expect(desk.typed(Array("a".utf8), at: later).isEmpty, "a letter of the note decides nothing")
        let effects = desk.typed(Array("sk first.\n".utf8), at: later)
        #expect(effects.last == .decide(approval, .deny(note: "ask first.")))
        #expect(effects.contains(.read(lines: false)) && text(effects).contains("denied, with your note"))
        #expect(!desk.isAsking)

        var other = self.desk()
        _ = other.take(Self.waits)
        _ = other.loaded(.success(approval), at: start)
        _ = other.typed([UInt8(ascii: "n")], at: later)
        let running = ChatEventView.Body.toolTicket(
            Self.step,
            name: "chat-1/1",
            state: "running",
            approval: nil
        )
        #expect(other.take(running).last == .read(lines: false), "decided elsewhere while it is written")
        #expect(other.typed(Array("x\n".utf8), at: later).isEmpty)
    }

    @Test("what somebody else decided is not asked any more")
    func elsewhere() throws {
        var desk = desk()
        _ = desk.take(Self.waits)
        _ = desk.loaded(.success(try approval()), at: start)
        let running = ChatEventView.Body.toolTicket(
            Self.step,
            name: "chat-1/1",
            state: "running",
            approval: nil
        )
        #expect(text(desk.take(running)).contains("decided elsewhere"))
        #expect(desk.typed([UInt8(ascii: "a")], at: later).isEmpty)

        var second = self.desk()
        _ = second.take(Self.waits)
        #expect(second.loaded(.success(try approval(state: "denied")), at: start).isEmpty)
        #expect(!second.isAsking)
    }

    @Test("a decision that is refused is said, and asked again")
    func refused() throws {
        var desk = desk()
        _ = desk.take(Self.waits)
        let approval = try approval()
        _ = desk.loaded(.success(approval), at: start)
        _ = desk.typed([UInt8(ascii: "a")], at: later)
        let effects = desk.refused(approval, ChatTrouble(text: "The command changed."))
        #expect(text(effects).contains("The command changed.") && effects.last == .load(approval: 5))
    }

    @Test("where nobody can press keys it is said that something waits")
    func unattended() {
        var desk = desk(canDecide: false)
        let effects = desk.take(Self.waits)
        #expect(!effects.contains(.load(approval: 5)) && text(effects).contains("waits for approval 5"))
    }

    @Test("Ctrl-C ends the turn, and a second one leaves")
    func interrupt() {
        var desk = desk()
        #expect(desk.interrupt().last == .cancel)
        #expect(desk.interrupt() == [.leave])
        let end = ChatEventView.Body.turnFinished(state: "cancelled", nil, input: 0, output: 0)
        #expect(desk.take(end).last == .finish(state: "cancelled"))
        #expect(ChatConversation.End.state("cancelled").exitCode == 130)
        #expect(ChatConversation.End.state("completed").exitCode == 0)
        #expect(ChatConversation.End.state("stopped").exitCode == 3)
        #expect(ChatConversation.End.state("failed").exitCode == 1)
    }

    @Test("questions with attachments")
    func questions() throws {
        var question = ChatQuestion(text: "why?")
        question.attachment = Array("log line\n".utf8)
        question.model = "a/b"
        let body = try question.body(key: "k")
        #expect(body["message"]?.array?.first?["text"]?.string == "why?\n\nlog line\n")
        #expect(body["key"]?.string == "k" && body["model"]?.string == "a/b")
        question.attachment = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]
        let image = try question.body(key: "k")["message"]?.array?.last
        #expect(image?["media_type"]?.string == "image/png" && image?["data"]?.string == "iVBORw0KGgoA")
        for wrong in [[0xFF, 0xFE], [UInt8](repeating: 0x61, count: (1 << 20) + 1)] as [[UInt8]] {
            question.attachment = wrong
            #expect(throws: UsageError.self) { try question.body(key: "k") }
        }
        #expect(throws: UsageError.self) { try ChatQuestion(text: "").body(key: "k") }
    }

    @Test("lines become messages; a backslash at the end goes on")
    func lines() {
        var lines = ChatLines()
        #expect(lines.take(Array("one\ntwo\\\n".utf8)) == ["one"])
        #expect(lines.isOpen)
        #expect(lines.take(Array("three\n\n  \n".utf8)) == ["two\nthree"])
        #expect(!lines.isOpen && lines.finish() == nil)
    }

    @Test("a sign-in is kept for its server only, private, and until it expires")
    func signInFile() throws {
        let folder = TemporaryFolder()
        let surroundings = Surroundings(
            environment: ["XDG_STATE_HOME": folder.path + "/state"],
            workingDirectory: "/",
            homeDirectory: nil,
            userID: 0,
            executablePath: "/bin/deckhand"
        )
        let file = try #require(SignInFile(surroundings, place: "https://a.example"))
        let now = Timestamp(seconds: 1_800_000_000)
        #expect(file.read(now: now) == nil)
        let expires = Timestamp(seconds: 1_800_000_100).rfc3339
        #expect(file.write(.init(name: "ann", token: Secret("t-1"), expires: expires)))
        #expect(file.write(.init(name: "ann", token: Secret("t-2"), expires: expires)))
        #expect(file.read(now: now)?.token.reveal() == "t-2" && file.read(now: now)?.name == "ann")
        #expect(file.read(now: Timestamp(seconds: 1_800_000_101)) == nil)
        #expect(folder.mode(of: String(file.path.dropFirst(folder.path.count + 1))) == 0o600)
        #expect(folder.mode(of: "state/deckhand") == 0o700)
        #expect(SignInFile(surroundings, place: "https://b.example")?.read(now: now) == nil)
        file.remove()
        #expect(file.read(now: now) == nil)
    }
}
