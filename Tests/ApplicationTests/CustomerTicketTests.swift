import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Tickets of a panel's customers")
struct CustomerTicketTests {
    private static func customer(_ id: Int64, signedIn: Bool = true) throws -> Principal {
        let person = Operator(
            id: OperatorID(id),
            name: try OperatorName("panel-c-\(id)"),
            permissions: Permission.forCustomers,
            runAs: "c\(id)",
            source: .panel,
            created: Timestamp(seconds: 1)
        )
        guard !signedIn else { return Principal(person, signIn: SignInID(id)) }
        return Principal(id: person.principal, permissions: Permission.forCustomers, runAs: person.runAs)
    }

    private func code(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch { return (error as? Failure)?.code }
    }

    private func submission(_ target: SubmissionTarget, _ command: String = "id") -> Submission {
        Submission(target: target, command: command, origin: .api)
    }

    @Test("run as the customer, in sessions that are the customer's alone")
    func own() async throws {
        let harness = Harness()
        let (ann, bob) = (try Self.customer(1), try Self.customer(2))
        let made = try await harness.tickets.submit(submission(.random(repeatedBy: nil)), as: ann)
        #expect(made.ticket.options.runAs == "c1")
        let name = made.session.name
        #expect(try await harness.tickets.submit(submission(.named(name)), as: ann).ticket.id.number == 2)

        let foreign = try await harness.submit("secret", to: "ops").ticket
        for other in [bob, Harness.operatorPrincipal] {
            #expect(
                await code { _ = try await harness.tickets.submit(submission(.named(name)), as: other) }
                    == "session_not_found",
                "what a customer set in a session must not act in others' commands"
            )
        }
        for (number, session, who) in [(1, name, bob), (foreign.id.number, foreign.sessionName, ann)] {
            let id = try await harness.store.ticket(number: number, inSessionNamed: session)?.id
            let ticket = try #require(id)
            #expect(
                await code { _ = try await harness.tickets.ticket(ticket, as: who) } == "ticket_not_found"
            )
            #expect(
                await code { _ = try await harness.tickets.ticket(number: number, in: session, as: who) }
                    == "ticket_not_found"
            )
            #expect(
                await code { _ = try await harness.tickets.cancel(ticket, as: who) } == "ticket_not_found"
            )
            #expect(
                await code { _ = try await harness.tickets.write([1], closing: false, to: ticket, as: who) }
                    == "ticket_not_found"
            )
            #expect(
                await code { try await harness.tickets.resize(ticket, to: TerminalSize(), as: who) }
                    == "ticket_not_found"
            )
            #expect(
                await code { _ = try await harness.tickets.session(named: session, as: who) }
                    == "session_not_found"
            )
            #expect(
                await code { _ = try await harness.tickets.session(ticket.session, as: who) }
                    == "session_not_found"
            )
            #expect(
                await code { try await harness.tickets.deleteSession(named: session, as: who) }
                    == "session_not_found"
            )
        }
        #expect(try await harness.tickets.sessions(after: nil, limit: 10, as: bob).elements == [])
        #expect(
            try await harness.tickets.sessions(after: nil, limit: 10, as: ann).elements.map(\.name) == [name]
        )
        // Operators look after all of them.
        #expect(
            try await harness.tickets.sessions(after: nil, limit: 10, as: Harness.operatorPrincipal).elements
                .count == 2
        )
        let list = try await harness.tickets.tickets(in: foreign.id.session, after: nil, limit: 10, as: ann)
        #expect(list.elements.isEmpty)
    }

    @Test("names of sessions are the server's, so that nobody waits for another one's")
    func names() async throws {
        let harness = Harness()
        let ann = try Self.customer(1)
        #expect(
            await code {
                _ = try await harness.tickets.submit(submission(.named(try SessionName("chat-7"))), as: ann)
            }
                == "session_not_found"
        )
        #expect(
            await code {
                _ = try await harness.tickets.createSession(
                    name: try SessionName("chat-7"),
                    configure: { _ in },
                    as: ann
                )
            } == "invalid_session_name"
        )
        _ = try await harness.tickets.createSession(name: nil, configure: { _ in }, as: ann)
        // The assistant, which works without a sign-in, makes the session of the customer's chat.
        let assistant = try Self.customer(1, signedIn: false)
        let session = try await harness.tickets.createSession(
            name: try SessionName("chat-7"),
            configure: { $0.mode = .stateful },
            as: assistant
        )
        _ = try await harness.tickets.submit(submission(.named(session.name)), as: assistant)
        #expect(try await harness.tickets.ticket(number: 1, in: session.name, as: ann).command == "id")
    }

    @Test("no secrets of the server, and nothing without a system user")
    func secrets() async throws {
        let harness = Harness()
        _ = try await harness.secrets.set(
            try SecretName("DB"),
            Secret(Array("a-long-secret-value".utf8)),
            by: .hash
        )
        var naming = submission(.random(repeatedBy: nil))
        naming.options.secrets = [try SecretName("DB")]
        #expect(
            await code { _ = try await harness.tickets.submit(naming, as: try Self.customer(1)) }
                == "secret_not_found"
        )
        let bare = Principal(id: PrincipalID(customer: OperatorID(1)), permissions: Permission.forCustomers)
        #expect(
            await code {
                _ = try await harness.tickets.submit(submission(.random(repeatedBy: nil)), as: bare)
            }
                == "permission_missing"
        )
    }
}
