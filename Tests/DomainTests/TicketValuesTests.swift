import Core
import Domain
import TestSupport
import Testing

@Suite("Values of a ticket")
struct TicketValuesTests {
    static let states: [TicketState] = [
        .denied(reason: "no"), .awaitingApproval, .expired, .queued, .starting, .running, .exited(code: 0),
        .exited(code: 255), .killed(signal: 9), .timedOut, .cancelled, .lost(reason: "gone"),
        .failed(reason: "disk"),
    ]

    @Test("a state comes back from its word, numbers and reason", arguments: states)
    func roundTrip(state: TicketState) {
        let again = TicketState(
            word: state.word,
            exitCode: state.exitCode,
            signal: state.signal,
            reason: state.reason
        )
        #expect(again == state)
    }

    @Test("an unknown word is no state", arguments: ["", "Running", "exited ", "done", "timedOut"])
    func unknown(word: String) {
        #expect(TicketState(word: word, exitCode: nil, signal: nil, reason: nil) == nil)
    }

    @Test("words are distinct, and exactly four states are not the end")
    func words() {
        #expect(Set(Self.states.map(\.word)).count == 12)
        #expect(
            Set(Self.states.filter { !$0.isTerminal }.map(\.word)) == [
                "awaiting_approval", "queued", "starting", "running",
            ]
        )
        #expect(Self.states.filter(\.holdsPlace) == [.starting, .running])
        #expect(Self.states.allSatisfy { !($0.holdsPlace && $0.isTerminal) })
    }

    private let mixed = InlineOutput(combined: Array("oneERRtwo".utf8), stretches: [3, 3, 3])

    @Test("inline output is told apart by stream")
    func inlineStreams() {
        #expect(mixed.bytes(of: .combined) == Array("oneERRtwo".utf8))
        #expect(mixed.bytes(of: .stdout) == Array("onetwo".utf8))
        #expect(mixed.bytes(of: .stderr) == Array("ERR".utf8))
        let errorFirst = InlineOutput(combined: Array("Ex".utf8), stretches: [0, 1, 1])
        #expect(errorFirst.bytes(of: .stderr) == Array("E".utf8))
        #expect(errorFirst.bytes(of: .stdout) == Array("x".utf8))
    }

    @Test("the stretches of any part add up to it and name the right streams")
    func stretches() {
        for start in 0...9 {
            for end in start...9 {
                let parts = mixed.stretches(from: start, to: end)
                #expect(parts.reduce(0) { $0 + $1.count } == end - start)
                let spelled = parts.flatMap { [OutputStream](repeating: $0.stream, count: $0.count) }
                #expect(spelled == (start..<end).map { $0 / 3 == 1 ? .stderr : .stdout })
            }
        }
    }

    @Test("stretches that promise more than there is do no harm")
    func inconsistent() {
        let odd = InlineOutput(combined: [1, 2, 3], stretches: [2, 50, 4])
        #expect(odd.bytes(of: .stdout) == [1, 2])
        #expect(odd.bytes(of: .stderr) == [3])
    }

    @Test("overrides replace what they name and nothing else")
    func overrides() {
        let defaults = RunLimits(memoryBytes: 1_000, processes: 10)
        #expect(LimitOverrides().applied(to: defaults) == defaults)
        #expect(LimitOverrides().isEmpty)

        var asked = LimitOverrides()
        asked.time = .seconds(1)
        asked.outputPolicy = .end
        asked.processes = 3
        #expect(!asked.isEmpty)
        var expected = defaults
        expected.time = .seconds(1)
        expected.outputPolicy = .end
        expected.processes = 3
        #expect(asked.applied(to: defaults) == expected)
    }

    @Test("every override reaches its limit")
    func everyOverride() {
        var asked = LimitOverrides()
        asked.time = .seconds(1)
        asked.grace = .seconds(2)
        asked.outputBytes = 3
        asked.outputPolicy = .end
        asked.cpuSeconds = 4
        asked.memoryBytes = 5
        asked.processes = 6
        asked.openFiles = 7
        asked.fileBytes = 8
        #expect(
            asked.applied(to: RunLimits())
                == RunLimits(
                    time: .seconds(1),
                    grace: .seconds(2),
                    outputBytes: 3,
                    outputPolicy: .end,
                    cpuSeconds: 4,
                    memoryBytes: 5,
                    processes: 6,
                    openFiles: 7,
                    fileBytes: 8
                )
        )
    }

    @Test("a ticket started when its journal says so, else when the server saw it")
    func started() throws {
        let clock = ManualClock()
        var ticket = Ticket(
            id: TicketID(session: SessionID(1), number: 1),
            sessionName: try SessionName("s"),
            command: "true",
            origin: .get,
            submittedBy: .hash,
            key: nil,
            options: TicketOptions(),
            created: clock.now(),
            state: .running,
            run: nil,
            inlineOutput: nil
        )
        #expect(ticket.started == nil)
        ticket.runningSince = clock.now()
        #expect(ticket.started == clock.now())
        ticket.run = RunFacts(started: clock.now() - .seconds(1), finished: clock.now())
        #expect(ticket.started == clock.now() - .seconds(1))
    }

    @Test("a gap counts its bytes")
    func gap() {
        #expect(OmittedRange(start: 10, end: 25).count == 15)
    }
}
