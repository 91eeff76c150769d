import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("The session in the question to the policy")
struct SessionVerdictTests {
    private static func submit(_ harness: Harness, _ session: String, _ origin: TicketOrigin) async throws {
        var submission = Submission(
            target: .named(try SessionName(session)),
            command: "cat notes",
            origin: origin
        )
        submission.options.workingDirectory = session == "own" ? "/srv" : nil
        submission.options.environment = ["B": "ticket"]
        _ = try await harness.tickets.submit(submission, as: Harness.operatorPrincipal)
    }

    @Test("its directory and variables are judged; the directory of a stateful one is not known")
    func circumstances() async throws {
        let policy = FakePolicy()
        let harness = Harness(policy: policy)
        for (name, mode) in [("plain", SessionMode.parallel), ("own", .parallel), ("state", .stateful)] {
            _ = try await harness.tickets.createSession(
                name: try SessionName(name),
                configure: {
                    $0.mode = mode
                    $0.workingDirectory = "/usr"
                    $0.environment = ["PATH": "/tmp", "B": "session"]
                },
                as: Harness.operatorPrincipal
            )
            try await Self.submit(harness, name, .assistant)
        }
        try await Self.submit(harness, "new", .assistant)
        #expect(policy.questions.map(\.workingDirectory) == ["/usr", "/srv", nil, nil])
        let both = ["PATH": "/tmp", "B": "ticket"]
        #expect(policy.questions.map(\.environment) == [both, both, both, ["B": "ticket"]])
    }

    @Test("a verdict without a session is not used for one with variables that was made meanwhile")
    func race() async throws {
        let store = MemoryTicketStore()
        let name = try SessionName("s")
        let principal = Harness.operatorPrincipal.id
        var made = SessionDraft(name: name)
        made.environment = ["PATH": "/tmp"]
        let now = Timestamp(seconds: 1)
        _ = try await store.createSession(made, by: principal, at: now)
        var draft = TicketDraft(command: "ls", origin: .assistant, submittedBy: principal)
        draft.needsPlainSession = true
        await #expect { try await store.append(draft, to: .named(name), maximumQueued: 9, at: now) } throws: {
            ($0 as? Failure)?.code == "session_changed"
        }
        _ = try await store.append(draft, to: .named(try SessionName("t")), maximumQueued: 9, at: now)
    }
}
