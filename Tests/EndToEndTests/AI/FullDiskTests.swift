import CLinux
import Core
import Testing

/// A disk that is really full below what business applications pay with and get made.
@Suite("A full disk under money and files")
struct FullDiskTests {
    private static let prices =
        #"prices: { unit: "EUR", decimals: 4, models: { "demo/*": { input: 1000000, output: 2000000 } }, items: { document: 500 } },"#
    private static let size = 200_000
    private static let script = """
        { shell_tool: false, answers: [
            { calls: [{ name: "artifact_create", arguments: { title: "Notes", media_type: "text/plain",
                content: "\(String(repeating: "n", count: size))" } }], usage: { input: 100, output: 50 } },
            { text: ["Made."], usage: { input: 100, output: 50 } } ] }
        """

    /// What was asked of the wallet, and what was said to it.
    private struct Ledger {
        /// Keys of deposits of one minor unit each.
        var deposits: [String] = []
        /// Keys of documents.
        var documents: [String] = []
        var refused: [(path: String, body: JSONValue)] = []
    }

    /// Begins a turn and waits until it is over; nil when it was refused, which must have been because of the disk.
    private static func ask(_ person: Person) async throws -> String? {
        guard let turn = try await begin(person) else { return nil }
        return try await person.end(of: turn)
    }

    /// Begins a turn; nil when it was refused, which must have been because of the disk.
    private static func begin(_ person: Person) async throws -> Int64? {
        let made = try await person.call("POST", "/v1/ai/chats", [:])
        guard let chat = made["id"]?.integer else {
            try full(made)
            return nil
        }
        let begun = try await person.call("POST", "/v1/ai/chats/\(chat)/turns", ["message": "Make it."])
        guard let turn = begun["id"]?.integer else {
            try full(begun)
            return nil
        }
        return turn
    }

    /// An answer that says what is wrong, and what to do.
    private static func full(_ answer: Answer) throws {
        #expect(answer.status == 503 && answer["code"]?.string == "storage_full", "\(answer.text)")
        #expect(answer["hint"]?.string?.contains("space") == true, "\(answer.text)")
    }

    private static func artifacts(_ person: Person) async throws -> [Int64] {
        let list = try await person.call("GET", "/v1/ai/artifacts")
        return list["artifacts"]?.array?.compactMap { $0["id"]?.integer } ?? []
    }

    @Test(
        "is said; nothing that was acknowledged is lost, the sums hold, and all goes on when there is room again",
        .enabled(if: Programs.areRoot, "mounting a small file system needs root")
    )
    func full() async throws {
        var disk: MountedDisk?
        defer { disk?.unmount() }
        try await HostApplication.with(
            script: Self.script,
            settings: Self.prices,
            { disk = try MountedDisk($0.data, size: "12m") }
        ) { server, shop in
            let disk = try #require(disk)
            #expect(try await shop.call("PUT", "/v1/ai/clients/acme", ["ai": true]).status == 200)
            let ann = try await shop.user("ann", brands: ["north"])
            let start: JSONValue = ["client": "acme", "amount": 10_000_000, "key": "start"]
            #expect(try await shop.call("POST", "/v1/ai/wallet/topups", start).status == 200)
            #expect(try await Self.ask(ann) == "completed")
            let first = try #require(try await Self.artifacts(ann).first)
            #expect(try await ann.call("DELETE", "/v1/ai/artifacts/\(first)").status == 204)

            // Room for rows, and none for the file.
            try disk.fill(sparing: Int64(Self.size) / 2)
            var waiting = [try await Self.begin(ann)]

            try disk.fill()
            let ledger = try await Self.spend(shop)
            #expect(ledger.refused.count == 6, "the disk was meant to be full")
            waiting.append(try await Self.begin(ann))

            try disk.makeRoom(size: "64m")
            // What was let in goes on as soon as it can be stored.
            for turn in waiting.compactMap({ $0 }) {
                let end = try await ann.end(of: turn)
                #expect(end == "completed" || end == "failed", "\(end)")
            }
            for (path, body) in ledger.refused {
                let again = try await shop.call("POST", path, body)
                #expect(again.status == 200, "\(again.text)")
            }
            #expect(try await Self.ask(ann) == "completed")
            let made = try #require(try await Self.artifacts(ann).first)
            let content = try await ann.call("GET", "/v1/ai/artifacts/\(made)/content")
            #expect(content.status == 200 && content.body.count == Self.size)

            // What the full disk kept from being settled is ended by the next start at the latest.
            try await server.restart()
            let wallet = try await eventually("nothing is reserved any more") {
                let wallet = try await shop.call("GET", "/v1/ai/wallet?client=acme")
                return wallet["held"]?.integer == 0 ? wallet : nil
            }
            try await Self.check(ledger, wallet, shop)
            #expect(try await server.deckhand("wallet", "verify").code == 0)
            let log = try await server.deckhand("audit", "export")
            try server.folder.write(log.text, to: "log.jsonl")
            let key = server.data + "/audit/public.pem"
            let verified = try await server.deckhand(
                "audit",
                "verify",
                server.folder.file("log.jsonl"),
                "--key",
                key
            )
            #expect(verified.code == 0, "\(verified.text) \(verified.errors)")
        }
    }

    /// Puts in and spends until six requests were refused.
    private static func spend(_ shop: HostApplication) async throws -> Ledger {
        var ledger = Ledger()
        for index in 0..<600 where ledger.refused.count < 6 {
            let key = "\(index)"
            let isDeposit = index % 2 == 0
            let path = isDeposit ? "/v1/ai/wallet/topups" : "/v1/ai/usage"
            let body: JSONValue =
                isDeposit
                ? ["client": "acme", "amount": 1, "key": .string(key)]
                : ["client": "acme", "key": .string(key), "item": "document", "charge": true]
            let answer = try await shop.call("POST", path, body)
            if answer.status != 200 {
                try full(answer)
                ledger.refused.append((path, body))
            }
            // What is refused is sent again when there is room.
            if isDeposit { ledger.deposits.append(key) } else { ledger.documents.append(key) }
        }
        return ledger
    }

    /// Each request counted once, whether it was acknowledged at once or sent again.
    private static func check(_ ledger: Ledger, _ wallet: Answer, _ shop: HostApplication) async throws {
        let path = "/v1/ai/wallet/transfers?client=acme&limit=1000"
        let transfers = try await shop.call("GET", path)["transfers"]?.array ?? []
        let deposits = transfers.filter { $0["kind"]?.string == "topup" }
        #expect(deposits.compactMap { $0["key"]?.string }.sorted() == (ledger.deposits + ["start"]).sorted())
        let sum = transfers.reduce(Int64(0)) { $0 + ($1["amount"]?.integer ?? 0) }
        #expect(wallet["balance"]?.integer == sum)
        let rows = try await shop.call("GET", "/v1/ai/usage?limit=1000")["usage"]?.array ?? []
        let documents = rows.filter { $0["model"]?.string == "host/document" }
        #expect(documents.count == ledger.documents.count)
        let cost = rows.reduce(Int64(0)) { $0 + ($1["cost"]?.integer ?? 0) }
        #expect(sum == 10_000_000 + Int64(ledger.deposits.count) - cost)
    }
}
