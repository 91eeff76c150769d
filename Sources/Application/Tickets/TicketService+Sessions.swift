internal import Core
public import Domain

// Sessions, and the verdicts that hold for all.
extension TicketService {
    /// Makes a session, with a readable random name if none is given.
    public func createSession(
        name: SessionName?,
        configure: (inout SessionDraft) -> Void,
        as principal: Principal
    ) async throws -> Session {
        try principal.require(.shellRun)
        if principal.isCustomer { try admit(sessionNamed: name, of: principal) }
        var draft = SessionDraft(name: try name ?? names.random())
        configure(&draft)
        if let directory = draft.workingDirectory { try TicketOptions.validate(directory: directory) }
        try TicketOptions.validate(environment: draft.environment)
        try draft.limits.validate()
        try secrets?.check(draft.environment, draft.workingDirectory)
        try secrets?.check(draft.name)
        let (made, now) = (draft, clock.now())
        return try await gate.use(made.name) {
            try await store.createSession(made, by: principal.id, at: now)
        }
    }

    /// The session of this name.
    public func session(named name: SessionName, as principal: Principal) async throws -> Session {
        try principal.require(.shellRead)
        guard let session = visible(try await store.session(named: name), to: principal) else {
            throw Failure.sessionNotFound(name)
        }
        return session
    }

    /// The session with this identity.
    public func session(_ id: SessionID, as principal: Principal) async throws -> Session {
        try principal.require(.shellRead)
        guard let session = visible(try await store.session(id), to: principal) else {
            throw Failure.sessionGone
        }
        return session
    }

    /// The session with this identity, for whoever is about to submit to it.
    public func session(_ id: SessionID, submittingAs principal: Principal) async throws -> Session {
        try principal.require(.shellRun)
        guard let session = visible(try await store.session(id), to: principal) else {
            throw Failure.sessionGone
        }
        return session
    }

    /// Sessions in the order they were made.
    public func sessions(after cursor: SessionID?, limit: Int, as principal: Principal) async throws -> Page<
        Session
    > {
        try principal.require(.shellRead)
        guard principal.isCustomer else { return try await store.sessions(after: cursor, limit: limit) }
        return try await store.sessions(madeBy: principal.id, after: cursor, limit: limit)
    }

    /// Sessions that have words in their name, in the order they were made.
    public func sessions(
        matching words: String,
        after cursor: SessionID?,
        limit: Int,
        as principal: Principal
    ) async throws -> SearchPage<Session, SessionID> {
        try principal.require(.shellRead)
        let maker = principal.isCustomer ? principal.id : nil
        return try await store.sessions(matching: words, madeBy: maker, after: cursor, limit: limit)
    }

    /// Removes a session with its tickets and their files; refused while one of them is not over.
    public func deleteSession(named name: SessionName, as principal: Principal) async throws {
        try principal.require(.shellRun)
        let session = try await session(named: name, as: principal)
        let entry = AuditEntry(
            time: clock.now(),
            principal: principal.id,
            action: "session.delete",
            subject: "session/\(session.id.rawValue)"
        )
        try await gate.remove(name) {
            let isDeleted = try await audit.keeping {
                $0 ? [entry] : []
            } with: {
                try await store.deleteSession(session.id)
            }
            guard isDeleted else { return }
            hub.finished.forgetAll()
            try await outputs.removeFolder(name)
        }
    }

    /// One sentence about what the command policy allows.
    public var policySummary: String { policy.summary }
}
