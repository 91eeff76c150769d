import Core
import Domain
import TestSupport
import Testing

@Suite("Shares")
struct ShareTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    private static func share(revoked: Timestamp? = nil) -> Share {
        Share(
            id: ShareID(1),
            chat: ChatID(2),
            owner: PrincipalID("operator:3"),
            extent: .snapshot(through: 9),
            includesOutput: false,
            created: start,
            expires: start + .seconds(60),
            revoked: revoked
        )
    }

    @Test("a share lives until it expires or is revoked")
    func life() {
        #expect(Self.share().isLive(at: Self.start))
        #expect(Self.share().isLive(at: Self.start + .seconds(59)))
        #expect(!Self.share().isLive(at: Self.start + .seconds(60)))
        #expect(!Self.share(revoked: Self.start).isLive(at: Self.start))
    }

    @Test("a snapshot ends at its event, a following share never")
    func extent() {
        #expect(Self.share().extent.lastEvent == 9)
        #expect(ShareExtent.following.lastEvent == .max)
    }

    @Test("who replaces stands in the place of the one and of all between")
    func superseded() {
        var turns = SupersededTurns()
        let shown: () -> [Int64] = { (1...12).filter { !turns.contains(TurnID($0)) } }
        #expect(shown() == Array(1...12))
        turns.replace(from: TurnID(3), by: TurnID(5))
        #expect(shown() == [1, 2, 5, 6, 7, 8, 9, 10, 11, 12])
        turns.replace(from: TurnID(7), by: TurnID(9))
        #expect(shown() == [1, 2, 5, 6, 9, 10, 11, 12])
        turns.replace(from: TurnID(9), by: TurnID(10))
        #expect(shown() == [1, 2, 5, 6, 10, 11, 12])
        turns.replace(from: TurnID(2), by: TurnID(12))
        #expect(shown() == [1, 12])
        turns.replace(from: TurnID(14), by: TurnID(14))
        #expect(!turns.contains(TurnID(14)))
    }

    @Test("replaced turns are the same however they are asked for", arguments: 0..<50 as Range<UInt64>)
    func supersededAgainstModel(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var turns = SupersededTurns()
        // A turn replaces one that is shown, as the store demands.
        var shown: [Int64] = []
        for turn in 1...60 as ClosedRange<Int64> {
            if !shown.isEmpty, Bool.random(using: &generator) {
                let first = shown[Int.random(in: 0..<shown.count, using: &generator)]
                shown.removeAll { $0 >= first }
                turns.replace(from: TurnID(first), by: TurnID(turn))
            }
            shown.append(turn)
        }
        #expect((1...60).filter { !turns.contains(TurnID($0)) } == shown)
    }

    @Test("facts show images by their type, and results of a caller's tools only with output")
    func facts() throws {
        let model = ModelReference(provider: try ProviderID("p"), model: "m")
        let parts: [ContentPart] = [.text("look"), .image(ImageContent(mediaType: "image/png", bytes: [1]))]
        var draft = TurnDraft(message: parts, options: TurnOptions(model: model))
        let ended = ShellCommandResult(stdout: "out", stderr: "err", outcome: .timeout)
        draft.results = [
            ToolResult(callID: "a", name: "f", content: .parts([.text("secret")], isError: true)),
            ToolResult(callID: "b", name: "shell", content: .shell([ended], maximumOutput: nil)),
        ]
        let stored = ChatEvent(.turnStarted(draft), number: 4, turn: TurnID(1), at: Self.start)
        let event = ChatEvent(
            number: stored.number,
            turn: stored.turn,
            time: stored.time,
            kind: stored.kind,
            json: stored.json,
            hidden: nil
        )
        let message = SharedContent.message([.text("look"), .image(mediaType: "image/png")], model: model)
        let (first, second) = (ToolStepID(call: "a", index: 0), ToolStepID(call: "b", index: 0))
        #expect(
            try SharedFact.facts(of: event, includesOutput: false).map(\.content) == [
                .result(first, .text(nil, isError: true)), .result(second, .command(.timeout, output: nil)),
                message,
            ]
        )
        let open = try SharedFact.facts(of: event, includesOutput: true).map(\.content)
        #expect(open.first == .result(first, .text("secret", isError: true)))
        guard case .result(_, .command(_, let output)) = open[1] else {
            Issue.record("no command")
            return
        }
        #expect(output?.stdout == "out" && output?.stderr == "err")
    }
}
