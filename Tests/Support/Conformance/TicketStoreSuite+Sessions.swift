internal import Core
internal import Domain
internal import Testing

extension TicketStoreSuite {
    static let sessionCases: [Case] = [
        Case("a session is stored with all that was asked for") { store in
            var draft = SessionDraft(name: try name("build.1"))
            draft.mode = .stateful
            draft.workingDirectory = "/srv/ä ö"
            draft.environment = ["A": "1", "B": "two \" \\ \u{1}"]
            draft.limits.time = .seconds(7)
            draft.limits.outputPolicy = .end
            draft.limits.processes = 12
            let made = try await store.createSession(draft, by: .hash, at: start)
            #expect(made.mode == .stateful)
            #expect(made.workingDirectory == draft.workingDirectory)
            #expect(made.environment == draft.environment)
            #expect(made.limits == draft.limits)
            #expect(made.createdBy == .hash)
            #expect(made.created == start)
            #expect(made.lastNumber == 0)
            #expect(try await store.session(made.id) == made)
            #expect(try await store.session(named: made.name) == made)
        },
        Case("a taken name is a conflict, and the earlier session stays as it is") { store in
            let first = try await store.createSession(
                SessionDraft(name: try name("one")),
                by: .hash,
                at: start
            )
            await expectFailure("session_exists") {
                var draft = SessionDraft(name: try name("one"))
                draft.mode = .sequential
                _ = try await store.createSession(draft, by: .hash, at: start)
            }
            #expect(try await store.session(named: first.name) == first)
        },
        Case("names differ by case") { store in
            _ = try await store.createSession(SessionDraft(name: try name("one")), by: .hash, at: start)
            _ = try await store.createSession(SessionDraft(name: try name("One")), by: .hash, at: start)
            #expect(try await store.sessions(after: nil, limit: 10).elements.count == 2)
        },
        Case("what is not there is nil") { store async throws in
            #expect(try await store.session(named: try name("none")) == nil)
            #expect(try await store.session(SessionID(99)) == nil)
            #expect(try await store.session(SessionID(-1)) == nil)
            #expect(try await store.deleteSession(SessionID(99)) == false)
        },
        Case("sessions are listed in the order of their identities, page by page") { store in
            for index in 0..<5 {
                _ = try await store.createSession(
                    SessionDraft(name: try name("s\(9 - index)")),
                    by: .hash,
                    at: start
                )
            }
            let first = try await store.sessions(after: nil, limit: 3)
            #expect(first.elements.map(\.name.rawValue) == ["s9", "s8", "s7"])
            #expect(first.hasMore)
            let second = try await store.sessions(after: first.elements.last?.id, limit: 3)
            #expect(second.elements.map(\.name.rawValue) == ["s6", "s5"])
            #expect(!second.hasMore)
        },
        Case("a session with an unfinished ticket is busy; afterwards it goes with its tickets") { store in
            let appended = try await store.append(
                try draft("true"),
                to: .named(try name("gone")),
                maximumQueued: 10,
                at: start
            )
            await expectFailure("session_busy") { _ = try await store.deleteSession(appended.session.id) }
            _ = try await store.cancel(appended.ticket.id, at: start)
            #expect(try await store.deleteSession(appended.session.id))
            #expect(try await store.ticket(appended.ticket.id) == nil)
            #expect(try await store.session(appended.session.id) == nil)
        },
        Case("an identity is not given again after its session was deleted") { store in
            let first = try await store.createSession(
                SessionDraft(name: try name("same")),
                by: .hash,
                at: start
            )
            #expect(try await store.deleteSession(first.id))
            let second = try await store.createSession(
                SessionDraft(name: try name("same")),
                by: .hash,
                at: start
            )
            #expect(second.id > first.id)
        },
        Case("deleting one session leaves its neighbours' tickets") { store in
            let left = try await finished("a", in: "left", bytes: 1, at: start, on: store)
            let middle = try await finished("b", in: "middle", bytes: 1, at: start, on: store)
            let right = try await finished("c", in: "right", bytes: 1, at: start, on: store)
            #expect(try await store.deleteSession(middle.session))
            #expect(try await store.ticket(left) != nil)
            #expect(try await store.ticket(right) != nil)
        },
    ]
}
