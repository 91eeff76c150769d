import Core
import Domain
import FoundationEssentials
import SQL
import SQLite
import Storage
import Synchronization
import TestSupport
import Testing

/// Every query of owned objects, attacked by somebody to whom the object does not belong.
@Suite("Owner filters")
struct OwnerFilterTests {
    private static let attacks = OwnerAttack.all

    @Test("keep each query from showing or changing what belongs to another", arguments: attacks)
    func holds(_ attack: OwnerAttack) async throws {
        #expect(try await attack.succeeds(with: OwnerFilter()) == false)
    }

    @Test("are each noticed when they are missing", arguments: attacks)
    func mutation(_ attack: OwnerAttack) async throws {
        #expect(try await attack.succeeds(with: OwnerFilter(without: attack.query)))
    }

    @Test("are all attacked here: those that a repository builds, and no others")
    func complete() async throws {
        let seen = Recorder<OwnerFilter.Query>()
        for attack in Self.attacks { _ = try await attack.succeeds(with: OwnerFilter { seen.record($0) }) }
        #expect(Set(seen.all) == Set(Self.attacks.map(\.query)))
        // Those that no attack reaches show in the sources.
        let folder = #filePath.dropLast("Tests/StorageTests/OwnerFilterTests.swift".count)
        let sources = "\(folder)Sources/Storage"
        var places = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: sources)
        where file.hasSuffix(".swift") {
            let bytes = FileManager.default.contents(atPath: "\(sources)/\(file)") ?? Data()
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            where !line.contains("verb: verb") && !line.contains("Self.owned(by") {
                if line.lowercased().contains("owned(by: owner)") || line.contains("filter.clause(") {
                    places += 1
                }
            }
        }
        #expect(places == Self.attacks.count)
    }
}

/// An attempt of one operator to reach what belongs to another, past the use cases.
struct OwnerAttack: Sendable, CustomTestStringConvertible {
    /// What the attempt knows: everything but who owns it.
    struct Target: Sendable {
        let stores: Stores
        let victim: Operator
        let attacker: Operator
        let chat: Chat
        let turn: TurnID
        let share: Share
        let signIn: SignInID
        let login: LoginID
        let action: ActionProposal
        let artifact: ArtifactID
        var now: Timestamp { Timestamp(seconds: 5_000) }
        var other: PrincipalID { attacker.id.principal }
    }

    let query: OwnerFilter.Query
    /// Says whether it worked.
    let attempt: @Sendable (Target) async throws -> Bool

    var testDescription: String { query.description }

    /// Tries it on a database of its own.
    func succeeds(with filter: OwnerFilter) async throws -> Bool {
        let folder = try ScratchFolder()
        let database = try await openSQLite(
            path: folder.file("deckhand.db"),
            readers: 1,
            durability: .process,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        // What is set up is set up rightly.
        let rightly = makeStores(on: database)
        let target = try await Self.target(rightly, makeStores(on: database, filter: filter))
        let result: Bool
        do {
            result = try await attempt(target)
        } catch let failure as Failure where failure.kind == .notFound {
            result = false
        }
        await database.close()
        return result
    }

    private static func target(_ rightly: Stores, _ stores: Stores) async throws -> Target {
        let now = Timestamp(seconds: 1_000)
        var people: [Operator] = []
        for name in ["victim", "attacker"] {
            let draft = OperatorDraft(
                name: try OperatorName(name),
                passphraseHash: Secret("x"),
                permissions: [],
                runAs: nil
            )
            people.append(try await rightly.operators.createOperator(draft, at: now))
        }
        let owner = people[0].id.principal
        let chat = try await rightly.chats.create(
            ChatDraft(key: "key"),
            owner: owner,
            at: now
        )
        let model = ModelReference(provider: try ProviderID("fake"), model: "model")
        let draft = TurnDraft(message: [.text("question")], options: TurnOptions(model: model))
        let begun = try await rightly.chats.begin(draft, in: chat.id, owner: owner, above: 0, at: now)
        let over = ChatEvent(
            .turnFinished(.completed, usage: TokenUsage(), failure: nil),
            number: begun.event.number + 1,
            turn: begun.turn.id,
            at: now
        )
        let change = TurnChange(
            state: .completed,
            reason: nil,
            usage: TokenUsage(),
            title: "title",
            wantsTitle: true
        )
        try await rightly.chats.record([over], of: begun.turn, change, reserving: 0, at: now)
        let share = ShareDraft(
            chat: chat.id,
            owner: owner,
            extent: .following,
            includesOutput: false,
            expires: now + .seconds(99_999)
        )
        let shared = try await rightly.shares.createShare(share, tokenDigest: [1, 2], limit: 9, at: now)
        let signIn = try await rightly.signIns.beginSignIn(
            .client,
            of: people[0],
            secretDigest: nil,
            expires: now + .seconds(99_999),
            limit: 9,
            at: now
        )
        let login = try await rightly.accounts.begin(
            try ProviderID("codex"),
            for: owner,
            at: now,
            expires: now + .seconds(900)
        )
        let client = try await rightly.tenants.putClient(
            try TenantKey("acme"),
            of: "https://app.example",
            ClientChange(),
            at: now
        )
        let action = try await rightly.actions.propose(
            ActionDraft(
                chat: chat.id,
                turn: begun.turn.id,
                step: ToolStepID(call: "call", index: 0),
                owner: owner,
                place: Place(client: client.id),
                issuer: client.issuer,
                action: "act",
                arguments: "{}",
                price: .zero,
                expires: now + .seconds(99_999)
            ),
            at: now
        )
        let quota = ArtifactQuota(bytesOfOwner: 99, countOfOwner: 9, bytesOfClient: 99)
        let artifact = try await rightly.artifacts.keep(
            try ArtifactStoreSuite.draft(1, of: owner, at: nil),
            within: quota,
            at: now
        )
        return Target(
            stores: stores,
            victim: people[0],
            attacker: people[1],
            chat: chat,
            turn: begun.turn.id,
            share: try #require(shared),
            signIn: try #require(signIn).id,
            login: login.id,
            action: action,
            artifact: artifact.id
        )
    }
}

extension OwnerAttack {
    private init(
        _ kind: ObjectKind,
        _ verb: String,
        _ attempt: @escaping @Sendable (Target) async throws -> Bool
    ) {
        query = OwnerFilter.Query(kind, verb)
        self.attempt = attempt
    }

    static let all: [OwnerAttack] = [
        OwnerAttack(.chat, "create(_:owner:at:)") {
            let draft = ChatDraft(key: "key", title: nil)
            return try await $0.stores.chats.create(draft, owner: $0.other, at: $0.now).id == $0.chat.id
        },
        OwnerAttack(.chat, "chat(_:owner:)") {
            try await $0.stores.chats.chat($0.chat.id, owner: $0.other) != nil
        },
        OwnerAttack(.chat, "chat(key:at:owner:)") {
            try await $0.stores.chats.chat(key: "key", at: nil, owner: $0.other) != nil
        },
        OwnerAttack(.chat, "chats(of:matching:after:limit:)") {
            try await !$0.stores.chats.chats(of: $0.other, matching: nil, after: nil, limit: 9).elements
                .isEmpty
        },
        OwnerAttack(.chat, "change(_:owner:_:above:at:)") {
            let change = ChatChange(title: "stolen")
            return try await $0.stores.chats
                .change($0.chat.id, owner: $0.other, change, above: 0, at: $0.now) != nil
        },
        OwnerAttack(.chat, "noteUse(of:owner:unlessSince:at:)") {
            try await $0.stores.chats
                .noteUse(of: [$0.chat.id], owner: $0.other, unlessSince: $0.now, at: $0.now) > 0
        },
        OwnerAttack(.chat, "remove(_:owner:)") {
            try await $0.stores.chats.remove($0.chat.id, owner: $0.other)
        },
        OwnerAttack(.chat, "begin(_:in:owner:above:at:)") {
            let model = ModelReference(provider: try ProviderID("fake"), model: "model")
            let draft = TurnDraft(message: [.text("mine")], options: TurnOptions(model: model))
            _ = try await $0.stores.chats.begin(draft, in: $0.chat.id, owner: $0.other, above: 0, at: $0.now)
            return true
        },
        OwnerAttack(.chat, "wantCancel(of:owner:)") {
            let model = ModelReference(provider: try ProviderID("fake"), model: "model")
            let draft = TurnDraft(message: [.text("theirs")], options: TurnOptions(model: model))
            let owner = $0.victim.id.principal
            let chats = $0.stores.chats
            let begun = try await chats.begin(draft, in: $0.chat.id, owner: owner, above: 0, at: $0.now)
            return try await chats.wantCancel(of: begun.turn.id, owner: $0.other)
        },
        OwnerAttack(.chat, "turn(_:owner:)") {
            try await $0.stores.chats.turn($0.turn, owner: $0.other) != nil
        },
        OwnerAttack(.chat, "turns(of:owner:before:limit:)") {
            let chats = $0.stores.chats
            return try await !chats.turns(of: $0.chat.id, owner: $0.other, before: nil, limit: 9).elements
                .isEmpty
        },
        OwnerAttack(.chat, "events(of:owner:after:limit:)") {
            try await !$0.stores.chats.events(of: $0.chat.id, owner: $0.other, after: 0, limit: 9).isEmpty
        },
        OwnerAttack(.chat, "events(of:owner:)") {
            try await !$0.stores.chats.events(of: $0.turn, owner: $0.other).isEmpty
        },
        OwnerAttack(.chat, "context(of:owner:before:maximumBytes:)") {
            let before = TurnID($0.turn.rawValue + 1)
            let chats = $0.stores.chats
            return try await !chats.context(
                of: $0.chat.id,
                owner: $0.other,
                before: before,
                maximumBytes: 99_999
            ).turns.isEmpty
        },
        OwnerAttack(.chat, "lastShownTurn(of:owner:before:)") {
            let next = TurnID($0.turn.rawValue + 1)
            return try await $0.stores.chats.lastShownTurn(of: $0.chat.id, owner: $0.other, before: next)
                != nil
        },
        OwnerAttack(.chat, "takeTitleTry(of:owner:)") {
            try await $0.stores.chats.takeTitleTry(of: $0.chat.id, owner: $0.other)
        },
        OwnerAttack(.chat, "keepTitle(of:owner:)") {
            try await $0.stores.chats.keepTitle(of: $0.chat.id, owner: $0.other)
            return try await $0.stores.chats.untitledChats().isEmpty
        },
        OwnerAttack(.share, "revokeShares(of:at:)") {
            _ = try await $0.stores.shares.revokeShares(of: $0.other, at: $0.now)
            return try await $0.stores.shares.share(tokenDigest: [1, 2])?.revoked != nil
        },
        OwnerAttack(.share, "share(_:owner:)") {
            try await $0.stores.shares.share($0.share.id, owner: $0.other) != nil
        },
        OwnerAttack(.share, "shares(of:before:limit:)") {
            try await !$0.stores.shares.shares(of: $0.other, before: nil, limit: 9).elements.isEmpty
        },
        OwnerAttack(.share, "revokeShare(_:owner:at:)") {
            try await $0.stores.shares.revokeShare($0.share.id, owner: $0.other, at: $0.now)
        },
        OwnerAttack(.login, "login(_:of:)") {
            try await $0.stores.accounts.login($0.login, of: $0.other) != nil
        },
        OwnerAttack(.login, "openLogin(of:)") {
            try await $0.stores.accounts.openLogin(of: $0.other) != nil
        },
        OwnerAttack(.action, "proposal(_:owner:in:)") {
            let scope = Scope(client: $0.action.draft.place.client, brands: [])
            return try await $0.stores.actions.proposal($0.action.id, owner: $0.other, in: scope) != nil
        },
        OwnerAttack(.action, "proposals(of:in:before:limit:)") {
            let scope = Scope(client: $0.action.draft.place.client, brands: [])
            return try await !$0.stores.actions.proposals(of: $0.other, in: scope, before: nil, limit: 9)
                .elements
                .isEmpty
        },
        OwnerAttack(.artifact, "artifact(_:owner:in:)") {
            try await $0.stores.artifacts.artifact($0.artifact, owner: $0.other, in: nil) != nil
        },
        OwnerAttack(.artifact, "artifacts(of:in:chat:before:limit:)") {
            let store = $0.stores.artifacts
            return try await !store.artifacts(of: $0.other, in: nil, chat: nil, before: nil, limit: 9)
                .elements
                .isEmpty
        },
        OwnerAttack(.artifact, "remove(_:owner:in:at:)") {
            try await $0.stores.artifacts.remove($0.artifact, owner: $0.other, in: nil, at: $0.now)
        },
        OwnerAttack(.artifact, "usage(of:client:)") {
            try await $0.stores.artifacts.usage(of: $0.other, client: nil).count > 0
        },
        OwnerAttack(.signIn, "signIns(of:at:)") {
            try await !$0.stores.signIns.signIns(of: $0.attacker.id, at: $0.now).isEmpty
        },
        OwnerAttack(.signIn, "endSignIn(_:of:at:)") {
            try await $0.stores.signIns.endSignIn($0.signIn, of: $0.attacker.id, at: $0.now)
        },
    ]
}
