import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Answers as they go over the wire")
struct GoldenAnswerTests {
    private let clock = ManualClock()
    private var links: Links {
        Links(
            baseURL: { "http://127.0.0.1:8083" },
            capabilities: CapabilitySigner(cryptography: FakeCryptography(), clock: clock),
            holder: .hash(1),
            caller: AccessService.hashPrincipal
        )
    }

    private func ticket(_ state: TicketState, run: RunFacts? = nil) throws -> Ticket {
        Ticket(
            id: TicketID(session: SessionID(3), number: 7),
            sessionName: try SessionName("my_session"),
            command: "printf '%s\\n' \"a\" <b>",
            origin: .get,
            submittedBy: .hash,
            key: try IdempotencyKey("k-1"),
            options: TicketOptions(),
            created: clock.now(),
            state: state,
            run: run,
            inlineOutput: nil
        )
    }

    private var facts: RunFacts {
        RunFacts(
            started: clock.now() + .milliseconds(4),
            finished: clock.now() + .milliseconds(254),
            wallTime: .milliseconds(250),
            userTime: .milliseconds(12),
            systemTime: .milliseconds(3),
            peakMemory: 3_407_872,
            outputBytes: 12,
            stdoutBytes: 8,
            stderrBytes: 4,
            omitted: OmittedRange(start: 3, end: 5),
            limit: "time",
            notes: ["Processes that the command had left running were ended: 1"]
        )
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func keys(_ bytes: [UInt8]) throws -> Set<String> {
        Set(try #require(try JSONValue(parsing: bytes).object).keys)
    }

    @Test("a submission has the seed's keys, and ours after them")
    func submission() throws {
        let bytes = SeedAnswers.submission(try ticket(.queued), wasCached: false, links: links)
        #expect(try keys(bytes).isSuperset(of: ["type", "cached", "ticket", "session", "input", "callback"]))
        #expect(
            text(bytes).hasPrefix(
                "{\"type\":\"submission\",\"cached\":false,\"ticket\":7,\"session\":\"my_session\",\"input\":"
            )
        )
        try Golden.check(text(bytes), "submission.json")
        try Golden.check(
            text(SeedAnswers.submission(try ticket(.running), wasCached: true, links: links)),
            "submission-cached.json"
        )
    }

    @Test(
        "a ticket that is not over has the seed's keys",
        arguments: [TicketState.queued, .awaitingApproval, .running]
    )
    func working(state: TicketState) throws {
        var ticket = try ticket(state)
        if state == .running { ticket.runningSince = clock.now() + .milliseconds(4) }
        let now = clock.now() + .seconds(75)
        let bytes = SeedAnswers.working(ticket, output: nil, links: links, now: now)
        #expect(try keys(bytes).isSuperset(of: ["status", "message"]))
        #expect(text(bytes).hasPrefix("{\"status\":\"working\",\"message\":\"No output for ticket 7 yet. "))
        try Golden.check(text(bytes), "working-\(state.word).json")
        if state == .running {
            var output = ResultOutput()
            output.output = "so far"
            output.nextOffset = 6
            try Golden.check(
                text(SeedAnswers.working(ticket, output: output, links: links, now: now)),
                "working-output.json"
            )
        }
    }

    @Test(
        "a result has the seed's keys, whatever the end",
        arguments: [
            TicketState.exited(code: 0), .exited(code: 127), .killed(signal: 9), .timedOut, .cancelled,
            .lost(reason: "The machine was restarted."), .failed(reason: "There is no directory /x."),
            .expired,
        ]
    )
    func result(state: TicketState) throws {
        var run: RunFacts? = facts
        if case .failed = state { run = RunFacts(started: nil, finished: clock.now()) }
        if state != .timedOut { run?.limit = nil }
        var output = ResultOutput()
        output.output = "out\u{1B}[0m\n\u{0}é\u{FFFD}\"\\%s\n"
        output.stdout = "out"
        output.stderr = "err"
        if state == .exited(code: 0) {
            output.omitted = 5
            output.nextOffset = 99
        }
        let bytes = SeedAnswers.result(try ticket(state, run: run), output: output, links: links)
        #expect(try keys(bytes).isSuperset(of: ["type", "next", "ticket", "session", "input", "output"]))
        #expect(text(bytes).contains("You can now issue your next command to /shell"))
        #expect(bytes.last == 10)
        let name = state.exitCode.map { "exited-\($0)" } ?? state.word
        try Golden.check(text(bytes), "result-\(name).json")
    }

    @Test("a ticket of the JSON face")
    func native() throws {
        for (name, ticket) in [
            ("ticket-queued", try ticket(.queued)),
            ("ticket-over", try ticket(.killed(signal: 15), run: facts)),
        ] {
            var writer = JSONWriter()
            TicketFields.write(ticket, to: &writer)
            try Golden.check(text(writer.bytes) + "\n", "\(name).json")
        }
    }

    @Test("errors in the shape of each face")
    func errors() async throws {
        let full = PresentedError(
            Failure(
                .rateLimited,
                code: "queue_full",
                message: "Too many tickets \"wait\".",
                hint: "Try again later.",
                retryAfter: .milliseconds(1_200)
            )
        )
        let bare = PresentedError(
            Failure(.notFound, code: "ticket_not_found", message: "There is no ticket 7.")
        )
        for (name, error) in [("full", full), ("bare", bare), ("internal", .internal)] {
            for (face, path) in [("seed", "/callback"), ("problem", "/v1/sessions")] {
                let answer = try await Answer(
                    ErrorPresenter.response(error, path: path, basePath: "/base", requestID: "r-1")
                )
                var lines = "\(answer.status)\n"
                for field in answer.headers { lines += "\(field.name): \(field.value)\n" }
                try Golden.check(lines + "\n" + answer.text, "error-\(face)-\(name).txt")
            }
        }
    }

    @Test("every kind of failure has its own status", arguments: Failure.Kind.allCases)
    func statuses(kind: Failure.Kind) {
        #expect((400...504).contains(kind.status))
        #expect(Failure.Kind.allCases.count { $0.status == kind.status } == 1)
    }

    @Test("/v1 is the JSON face, and what only looks like it is not")
    func faces() async throws {
        let error = PresentedError(Failure(.notFound, code: "x", message: "x"))
        for (path, isProblem) in [
            ("/v1", true), ("/v1/", true), ("/v1x", false), ("/", false), ("/shell", false),
        ] {
            let answer = try await Answer(
                ErrorPresenter.response(error, path: path, basePath: "", requestID: "r")
            )
            #expect((answer.headers["Content-Type"] == "application/problem+json") == isProblem, "\(path)")
        }
    }
}
