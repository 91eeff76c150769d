import Application
import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

/// Every list of users, beside rows that are not theirs to see.
@Suite("Lists of users of a host application")
struct TenantListTests {
    /// Where a list has its rows, and what they are; nothing for lists that tell of the caller or the server only.
    private static let lists: [String: (member: String, kind: ObjectKind)?] = [
        "/v1/ai/chats": ("chats", .chat), "/v1/ai/actions": ("actions", .action),
        "/v1/ai/artifacts": ("artifacts", .artifact), "/v1/shares": ("shares", .share),
        "/v1/ai/usage": ("usage", .wallet), "/v1/ai/wallet": nil, "/v1/ai/wallet/transfers": nil,
        "/v1/ai/account": nil, "/v1/ai/account/limits": nil, "/v1/ai/models": nil, "/v1/ai/session": nil,
        "/v1/models": nil, "/v1/events": nil,
    ]

    /// Plants a row of each kind; their numbers.
    private func plant(_ matrix: TenantMatrix, _ owner: PrincipalID, _ place: Place) async throws
        -> [ObjectKind:
        Set<Int64>]
    {
        var planted: [ObjectKind: Set<Int64>] = [:]
        for (kind, name) in [
            (ObjectKind.chat, "chat"), (.action, "action"), (.artifact, "artifact"), (.share, "id"),
        ] {
            let names = try #require(try await matrix.make(kind, of: owner, at: place))
            planted[kind, default: []].insert(try #require(Int64(names[name] ?? "")))
            // The others bring a chat along.
            if let chat = names["chat"].flatMap({ Int64($0) }) { planted[.chat, default: []].insert(chat) }
        }
        return planted
    }

    /// Money and usage of a brand, which all of its administrators see.
    private func pay(
        _ matrix: TenantMatrix,
        _ client: String,
        _ brand: String,
        _ issuer: String,
        _ word: String
    )
        async throws
    {
        let bench = UserBench(matrix.harness)
        let place = "\"client\":\"\(client)\",\"brand\":\"\(brand)\""
        let top = "{\(place),\"amount\":500,\"key\":\"k-\(word)\",\"note\":\"\(word)\"}"
        let paid = try await bench.backend(.post, "/v1/ai/wallet/topups", json: top, issuer: issuer)
        #expect(paid.status == 200, "\(paid.text)")
        let use = "{\(place),\"key\":\"u-\(word)\",\"item\":\"\(word)\"}"
        let used = try await bench.backend(.post, "/v1/ai/usage", json: use, issuer: issuer)
        #expect((200...201).contains(used.status), "\(used.text)")
    }

    private static func ids(_ answer: Answer, _ member: String) -> Set<Int64> {
        Set((answer[member]?.array ?? []).compactMap { $0["id"]?.integer })
    }

    @Test("hold the caller's own rows in their scope, and none of anybody else's")
    func lists() async throws {
        let matrix = try await TenantMatrix()
        let ann = try await matrix.session("acme", "1", "ann", role: "brand_superadmin")
        let (me, here) = try await matrix.target(.own, ann)
        let own = try await plant(matrix, me, here)
        var foreign: [ObjectKind: Set<Int64>] = [:]
        var words: Set<String> = []
        for relation in TenantMatrix.Relation.allCases where relation != .own {
            let (owner, place) = try await matrix.target(relation, ann)
            let planted = try await plant(matrix, owner, place)
            for (kind, ids) in planted { foreign[kind, default: []].formUnion(ids) }
            if owner != me { _ = try await matrix.make(.login, of: owner, at: place) }
        }
        let issuers = [AssistantHarness.issuer, AssistantHarness.otherIssuer]
        try await pay(matrix, "acme", "acme1", issuers[0], "mine")
        for (client, brand, issuer) in [
            ("acme", "acme2", issuers[0]), ("zeta", "zeta1", issuers[0]), ("acme", "acme1", issuers[1]),
        ] {
            let word = "planted-\(brand)-\(issuer == issuers[0] ? 1 : 2)"
            try await pay(matrix, client, brand, issuer, word)
            words.insert(word)
        }
        var seen: Set<String> = []
        for route in matrix.routes where route.method == .get && !route.template.description.contains("{") {
            let path = route.template.description
            seen.insert(path)
            let list = try #require(Self.lists[path], "\(path) is a list without an entry here")
            guard path != "/v1/events" else { continue }
            let answer = try await ann.caller.api(.get, path)
            // The ledger of the whole brand is more than one location sees; and no account is connected.
            let statuses: Set =
                ["/v1/ai/wallet/transfers": [403], "/v1/ai/account/limits": [200, 409]][path] ?? [200]
            #expect(statuses.contains(answer.status), "\(path): \(answer.text)")
            for word in words { #expect(!answer.text.contains(word), "\(path)") }
            if path == "/v1/ai/account" { #expect(answer["login"] == .null, "\(answer.text)") }
            guard let (member, kind) = list else { continue }
            let ids = Self.ids(answer, member)
            #expect(!ids.isEmpty || path == "/v1/ai/usage", "\(path)")
            #expect(ids.isDisjoint(with: foreign[kind] ?? []), "\(path)")
            if let mine = own[kind] { #expect(ids.isSuperset(of: mine), "\(path): \(answer.text)") }
        }
        #expect(seen == Set(Self.lists.keys), "each entry is a route")
    }

    @Test(
        "money and usage of another brand, client or application are in no list of one who sees a whole brand"
    )
    func money() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let foreign = [
            ("acme", "south", AssistantHarness.issuer), ("zeta", "east", AssistantHarness.issuer),
            ("acme", "north", AssistantHarness.otherIssuer),
        ]
        for (number, (client, brand, issuer)) in ([("acme", "north", AssistantHarness.issuer)] + foreign)
            .enumerated()
        {
            _ = try await bench.user("u\(number)", client: client, brands: [brand], issuer: issuer)
            let place = "\"client\":\"\(client)\",\"brand\":\"\(brand)\""
            let top =
                "{\(place),\"amount\":\(77_001 + number),\"key\":\"k-\(number)\",\"note\":\"note-\(number)\"}"
            #expect(
                try await bench.backend(.post, "/v1/ai/wallet/topups", json: top, issuer: issuer).status
                    == 200
            )
            let use = "{\(place),\"key\":\"u-\(number)\",\"item\":\"item-\(number)\"}"
            _ = try await bench.backend(.post, "/v1/ai/usage", json: use, issuer: issuer)
        }
        for (path, query) in [
            ("/v1/ai/wallet", []), ("/v1/ai/wallet/transfers", []), ("/v1/ai/usage", []),
            ("/v1/ai/usage", [("by", "client,brand,user,day,model")]), ("/v1/ai/usage", [("format", "csv")]),
        ] {
            let answer = try await ann.api(.get, path, query)
            #expect(answer.status == 200, "\(path): \(answer.text)")
            let own = ["77001", "note-0", "item-0"].contains { answer.text.contains($0) }
            #expect(own, "\(path): \(answer.text)")
            for number in 1...3 {
                for word in ["\(77_001 + number)", "note-\(number)", "item-\(number)"] {
                    #expect(!answer.text.contains(word), "\(path): \(word)")
                }
            }
            for word in ["south", "east", "zeta", AssistantHarness.otherIssuer] {
                #expect(!answer.text.contains(word), "\(path): \(word)")
            }
        }
    }

    @Test(
        "a server without the filter of scopes or owners is noticed in the lists",
        arguments: [ObjectKind.chat, .action, .artifact, .share],
        [true, false]
    )
    func noticed(_ kind: ObjectKind, _ isScope: Bool) async throws {
        let matrix = try await TenantMatrix(
            scopes: isScope ? ScopeFilter(without: kind) : ScopeFilter(),
            filter: isScope ? OwnerFilter() : OwnerFilter(without: kind)
        )
        let ann = try await matrix.session("acme", "1", "ann", role: "brand_superadmin")
        let (owner, place) = try await matrix.target(isScope ? .ownElsewhere : .colleague, ann)
        let planted = try await plant(matrix, owner, place)
        let entry = try #require(Self.lists.first { $0.value?.kind == kind })
        let answer = try await ann.caller.api(.get, entry.key)
        let ids = Self.ids(answer, try #require(entry.value).member)
        #expect(!ids.isDisjoint(with: planted[kind] ?? []), "\(answer.text)")
    }
}
