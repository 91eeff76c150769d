import Core
import Domain
import SQL
import SQLite
import Storage
import TestSupport
import Testing

/// A database in a directory of its own.
struct Installation {
    let folder: ScratchFolder
    let database: any FileDatabase
    let stores: Stores

    init(readers: Int = 2) async throws {
        folder = try ScratchFolder()
        database = try await openSQLite(
            path: folder.file("deckhand.db"),
            readers: readers,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        stores = makeStores(on: database)
    }
}

@Suite("Stores on SQLite keep the promises of their ports")
struct ConformanceTests {
    @Test("tickets", arguments: TicketStoreSuite.cases)
    func tickets(_ promise: TicketStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.tickets)
        await installation.database.close()
    }

    @Test("tokens", arguments: TokenStoreSuite.cases)
    func tokens(_ promise: TokenStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.tokens)
        await installation.database.close()
    }

    @Test("audit", arguments: AuditStoreSuite.cases)
    func audit(_ promise: AuditStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.audit)
        await installation.database.close()
    }

    @Test("secrets", arguments: SecretStoreSuite.cases)
    func secrets(_ promise: SecretStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.secrets)
        await installation.database.close()
    }

    @Test("accounts", arguments: AccountStoreSuite.cases)
    func accounts(_ promise: AccountStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(installation.stores.accounts)
        await installation.database.close()
    }

    @Test("approvals", arguments: ApprovalStoreSuite.cases)
    func approvals(_ promise: ApprovalStoreSuite.Case) async throws {
        let installation = try await Installation()
        try await promise.run(
            ApprovalStoreSuite.Subject(
                tickets: installation.stores.tickets,
                approvals: installation.stores.approvals
            )
        )
        await installation.database.close()
    }

    @Test("a rule is proposed once per approval, and stays a proposal")
    func proposals() async throws {
        let installation = try await Installation()
        let proposal = RuleProposal(
            approval: ApprovalID(3),
            rule: "allow rm x",
            command: "rm x",
            proposedBy: PrincipalID("operator:1"),
            created: Timestamp(seconds: 5)
        )
        let proposals = installation.stores.proposals
        for _ in 0..<2 { try await proposals.propose(proposal) }
        #expect(try await proposals.openProposals(limit: 9) == [proposal])
        await installation.database.close()
    }
}
