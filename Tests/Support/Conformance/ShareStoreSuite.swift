internal import Core
public import Domain
internal import Testing

/// What every `ShareStore` must do, tried on an empty one beside the chats that it shows.
public enum ShareStoreSuite: Sendable {
    /// The stores of one installation.
    public struct Subject: Sendable {
        let chats: any ChatStore
        let shares: any ShareStore

        /// Puts them together.
        public init(chats: any ChatStore, shares: any ShareStore) {
            self.chats = chats
            self.shares = shares
        }
    }

    /// A case of this suite.
    public typealias Case = ConformanceCase<Subject>

    private static let start = Timestamp(seconds: 1_700_000_030)
    private static let ann = ChatStoreSuite.ann
    private static let bob = ChatStoreSuite.bob

    /// All cases.
    public static var cases: [Case] { ownerCases + lifeCases + factCases }

    private static func made(
        _ subject: Subject,
        of chat: ChatID,
        owner: PrincipalID = ann,
        _ extent: ShareExtent = .following,
        digest: [UInt8] = [1, 2, 3],
        expires: Timestamp = start + .seconds(600),
        limit: Int = 99
    ) async throws -> Share? {
        let draft = ShareDraft(
            chat: chat,
            owner: owner,
            title: "Disk 'full'",
            extent: extent,
            includesOutput: extent == .following,
            expires: expires
        )
        return try await subject.shares.createShare(draft, tokenDigest: digest, limit: limit, at: start)
    }

    private static func chat(_ subject: Subject, owner: PrincipalID = ann) async throws -> ChatID {
        try await subject.chats.create(ChatDraft(), owner: owner, at: start).id
    }

    private static var ownerCases: [Case] {
        [
            Case("a share is found by its digest and by its owner, with all that was stored") { subject in
                let chat = try await chat(subject)
                let snapshot = try #require(
                    try await made(subject, of: chat, .snapshot(through: 7), digest: [9])
                )
                let following = try #require(try await made(subject, of: chat))
                #expect(snapshot.extent == .snapshot(through: 7))
                #expect(snapshot.title == "Disk 'full'")
                #expect(!snapshot.includesOutput)
                #expect(following.extent == .following)
                #expect(following.includesOutput)
                #expect(following.chat == chat)
                #expect(following.owner == ann)
                #expect(following.created == start)
                #expect(following.expires == start + .seconds(600))
                #expect(following.revoked == nil)
                #expect(following.lastUsed == nil)
                #expect(following.id > snapshot.id)
                #expect(try await subject.shares.share(tokenDigest: [9]) == snapshot)
                #expect(try await subject.shares.share(tokenDigest: [1, 2, 3]) == following)
                #expect(try await subject.shares.share(tokenDigest: [1, 2]) == nil)
                #expect(try await subject.shares.share(following.id, owner: ann) == following)
            },
            Case("nobody sees or ends another's shares") { subject in
                let mine = try #require(try await made(subject, of: try await chat(subject)))
                let shares = subject.shares
                #expect(try await shares.share(mine.id, owner: bob) == nil)
                #expect(try await shares.shares(of: bob, before: nil, limit: 9).elements.isEmpty)
                #expect(try await !shares.revokeShare(mine.id, owner: bob, at: start))
                #expect(try await shares.revokeShares(of: bob, at: start) == [])
                #expect(try await shares.share(mine.id, owner: ann) == mine)
                let ended = try await shares.revokeShares(of: ann, at: start)
                #expect(ended.map(\.id) == [mine.id] && ended.map(\.revoked) == [start])
                #expect(try await shares.share(mine.id, owner: ann) == ended.first)
                #expect(try await shares.revokeShares(of: ann, at: start) == [])
            },
            Case("shares are listed newest first, in pages") { subject in
                let chat = try await chat(subject)
                var ids: [ShareID] = []
                for digest in 0..<5 as Range<UInt8> {
                    ids.append(try #require(try await made(subject, of: chat, digest: [digest])).id)
                }
                let first = try await subject.shares.shares(of: ann, before: nil, limit: 3)
                #expect(first.elements.map(\.id) == Array(ids.reversed().prefix(3)))
                #expect(first.hasMore)
                let rest = try await subject.shares.shares(of: ann, before: ids[2], limit: 3)
                #expect(rest.elements.map(\.id) == [ids[1], ids[0]])
                #expect(!rest.hasMore)
            },
            Case("an owner has so many live shares at most; those that ended do not count") { subject in
                let chat = try await chat(subject)
                let shares = subject.shares
                let first = try #require(try await made(subject, of: chat, digest: [1], limit: 2))
                _ = try await made(subject, of: chat, digest: [2], expires: start, limit: 2)
                #expect(try await made(subject, of: chat, digest: [3], limit: 2) != nil)
                #expect(try await made(subject, of: chat, digest: [4], limit: 2) == nil)
                let theirs = try await self.chat(subject, owner: bob)
                #expect(try await made(subject, of: theirs, owner: bob, digest: [5], limit: 2) != nil)
                #expect(try await shares.revokeShare(first.id, owner: ann, at: start))
                #expect(try await made(subject, of: chat, digest: [4], limit: 2) != nil)
            },
        ]
    }

    private static var lifeCases: [Case] {
        [
            Case("a share is revoked once, and stays to be seen") { subject in
                let share = try #require(try await made(subject, of: try await chat(subject)))
                for second in [1, 9] as [Int64] {
                    let now = start + .seconds(second)
                    #expect(try await subject.shares.revokeShare(share.id, owner: ann, at: now))
                }
                #expect(
                    try await subject.shares.share(tokenDigest: [1, 2, 3])?.revoked == start + .seconds(1)
                )
            },
            Case("reading is remembered to the minute and never goes back") { subject in
                let share = try #require(try await made(subject, of: try await chat(subject)))
                let minute = Timestamp(seconds: start.seconds - start.seconds % 60)
                try await subject.shares.touchShare(share.id, at: start)
                #expect(try await subject.shares.share(share.id, owner: ann)?.lastUsed == minute)
                try await subject.shares.touchShare(share.id, at: start + .seconds(120))
                try await subject.shares.touchShare(share.id, at: start)
                let lastUsed = try await subject.shares.share(share.id, owner: ann)?.lastUsed
                #expect(lastUsed == minute + .seconds(120))
            },
            Case("expired shares are forgotten, oldest first") { subject in
                let chat = try await chat(subject)
                for (digest, life) in [(1, 30), (2, 10), (3, 20)] as [(UInt8, Int64)] {
                    _ = try await made(subject, of: chat, digest: [digest], expires: start + .seconds(life))
                }
                let shares = subject.shares
                let now = start + .seconds(25)
                #expect(try await shares.removeExpiredShares(before: now, limit: 1) == 1)
                #expect(try await shares.share(tokenDigest: [2]) == nil)
                #expect(try await shares.share(tokenDigest: [3]) != nil)
                #expect(try await shares.removeExpiredShares(before: now, limit: 9) == 1)
                #expect(try await shares.removeExpiredShares(before: now, limit: 9) == 0)
                #expect(try await shares.share(tokenDigest: [1]) != nil)
            },
            Case("shares go with their chat") { subject in
                let (chat, other) = (try await chat(subject), try await chat(subject))
                let share = try #require(try await made(subject, of: chat, digest: [1]))
                _ = try await made(subject, of: other, digest: [2])
                #expect(try await subject.chats.remove(chat, owner: ann))
                #expect(try await subject.shares.share(tokenDigest: [1]) == nil)
                #expect(try await subject.shares.share(share.id, owner: ann) == nil)
                #expect(try await subject.shares.shares(of: ann, before: nil, limit: 9).elements.count == 1)
                let facts = try await subject.shares.facts(
                    of: share,
                    after: 0,
                    startsOnly: false,
                    maximumBytes: 999
                )
                #expect(facts.elements.isEmpty)
            },
        ]
    }

    private static var factCases: [Case] {
        [
            Case("facts come in order up to the last event, in pieces, and only those of the chat") {
                subject in
                let chat = try await chat(subject)
                let other = try await self.chat(subject)
                for word in ["one", "two", "three"] {
                    try await ChatStoreSuite.talk(subject.chats, chat, word, "answer to \(word)")
                }
                try await ChatStoreSuite.talk(subject.chats, other, "elsewhere", "elsewhere")
                let all = try await subject.chats.events(of: chat, owner: ann, after: 0, limit: 99)
                let share = try #require(try await made(subject, of: chat))
                let shares = subject.shares
                let whole = try await shares.facts(
                    of: share,
                    after: 0,
                    startsOnly: false,
                    maximumBytes: 1 << 20
                )
                #expect(!whole.hasMore)
                #expect(whole.elements.map(\.number) == all.filter { $0.kind != .modelStarted }.map(\.number))
                #expect(whole.elements.map(\.json) == all.filter { $0.kind != .modelStarted }.map(\.json))
                var pieces: [ChatEvent] = []
                while true {
                    let piece = try await shares.facts(
                        of: share,
                        after: pieces.last?.number ?? 0,
                        startsOnly: false,
                        maximumBytes: 1
                    )
                    #expect(piece.elements.count == 1)
                    pieces += piece.elements
                    if !piece.hasMore { break }
                }
                #expect(pieces == whole.elements)
                let starts = try await shares.facts(
                    of: share,
                    after: 0,
                    startsOnly: true,
                    maximumBytes: 1 << 20
                )
                #expect(starts.elements.map(\.kind) == [.turnStarted, .turnStarted, .turnStarted])
            },
            Case("a snapshot ends at its event") { subject in
                let chat = try await chat(subject)
                try await ChatStoreSuite.talk(subject.chats, chat, "one", "a")
                let last = try #require(try await subject.chats.chat(chat, owner: ann)).lastEvent
                try await ChatStoreSuite.talk(subject.chats, chat, "two", "b")
                let share = try #require(try await made(subject, of: chat, .snapshot(through: last)))
                let facts = try await subject.shares.facts(
                    of: share,
                    after: 0,
                    startsOnly: false,
                    maximumBytes: 1 << 20
                )
                #expect(facts.elements.last?.number == last)
                #expect(!facts.hasMore)
            },
            Case("what is hidden in facts does not come along") { subject in
                let chat = try await chat(subject)
                var draft = try ChatStoreSuite.draft("look")
                draft.message.append(.image(ImageContent(mediaType: "image/png", bytes: [1, 2, 3])))
                draft.options.instructions = "be secret"
                _ = try await subject.chats.begin(draft, in: chat, owner: ann, above: 0, at: start)
                let share = try #require(try await made(subject, of: chat))
                let facts = try await subject.shares.facts(
                    of: share,
                    after: 0,
                    startsOnly: false,
                    maximumBytes: 999
                )
                #expect(facts.elements.count == 1)
                #expect(facts.elements.first?.hidden == nil)
            },
        ]
    }
}
