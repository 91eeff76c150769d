import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@Suite("Shares keep the promises of their port")
struct ShareConformanceTests {
    @Test("on SQLite", arguments: ShareStoreSuite.cases)
    func database(_ promise: ShareStoreSuite.Case) async throws {
        let installation = try await Installation()
        let stores = installation.stores
        try await promise.run(ShareStoreSuite.Subject(chats: stores.chats, shares: stores.shares))
        await installation.database.close()
    }

    @Test("in memory, which other tests rely on", arguments: ShareStoreSuite.cases)
    func memory(_ promise: ShareStoreSuite.Case) async throws {
        let chats = FakeChatStore()
        try await promise.run(ShareStoreSuite.Subject(chats: chats, shares: MemoryShareStore(chats: chats)))
    }

    @Test("an unused chat stays for as long as a share of it lives")
    func kept() async throws {
        let installation = try await Installation()
        let (chats, shares) = (installation.stores.chats, installation.stores.shares)
        let owner = PrincipalID("operator:1")
        let start = Timestamp(seconds: 1_000)
        var made: [Share] = []
        for digest in 0..<3 as Range<UInt8> {
            let chat = try await chats.create(ChatDraft(), owner: owner, at: start)
            let draft = ShareDraft(
                chat: chat.id,
                owner: owner,
                extent: .following,
                includesOutput: false,
                expires: start + .seconds(digest == 0 ? 50 : 100)
            )
            made.append(
                try #require(
                    try await shares.createShare(draft, tokenDigest: [digest], limit: 9, at: start)
                )
            )
        }
        #expect(try await shares.revokeShare(made[1].id, owner: owner, at: start))
        #expect(try await chats.removeUnused(since: start + .seconds(60), limit: 9).count == 2)
        #expect(try await shares.shares(of: owner, before: nil, limit: 9).elements.map(\.id) == [made[2].id])
        #expect(try await chats.removeUnused(since: start + .seconds(101), limit: 9) == [made[2].chat])
        await installation.database.close()
    }
}
