internal import Core
public import Domain
internal import Testing

/// What every `TicketStore` must do, tried on an empty one.
public enum TicketStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any TicketStore>

    /// All cases.
    public static var cases: [Case] {
        sessionCases + appendCases + repeatCases + lifecycleCases + listCases + pruningCases + numberingCases
    }

    static let start = Timestamp(seconds: 1_700_000_000)

    static func draft(_ command: String, key: String? = nil, window: Duration? = nil) throws -> TicketDraft {
        TicketDraft(
            command: command,
            origin: .api,
            submittedBy: .hash,
            key: try key.map { try IdempotencyKey($0) },
            repeatWindow: window
        )
    }

    static func name(_ text: String) throws -> SessionName { try SessionName(text) }

    static func expectFailure(
        _ code: String,
        _ location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: location) {
            try await body()
        } throws: { error in
            (error as? Failure)?.code == code
        }
    }

    /// A ticket that is over, with so many bytes of output.
    static func finished(
        _ command: String,
        in session: String,
        bytes: Int64,
        at time: Timestamp,
        on store: any TicketStore
    ) async throws -> TicketID {
        let appended = try await store.append(
            try draft(command),
            to: .named(try name(session)),
            maximumQueued: 100_000,
            at: time
        )
        let run = RunFacts(started: time, finished: time, outputBytes: bytes, stdoutBytes: bytes)
        _ = try await store.finish(
            appended.ticket.id,
            as: .exited(code: 0),
            run: run,
            inlineOutput: nil,
            at: time
        )
        return appended.ticket.id
    }
}
