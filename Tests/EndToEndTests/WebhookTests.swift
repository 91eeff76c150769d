import Core
import Crypto
import Domain
import class TestSupport.LoopbackServer
import class TestSupport.Recorder
import struct TestSupport.Peer
import Testing

/// A receiver of notices on a real socket.
private struct Receiver: Sendable {
    struct Notice: Sendable {
        let signature: String
        let body: String
        var json: JSONValue? { try? JSONValue(parsing: Array(body.utf8)) }
    }

    let server: LoopbackServer
    let notices = Recorder<Notice>()

    /// `answer` gets the number of the request, from 0.
    init(_ answer: @escaping @Sendable (Int, Peer) -> Void = { $1.respond("", status: "204 No Content") }) {
        let notices = notices
        server = LoopbackServer { peer in
            guard let head = peer.readHead() else { return }
            var fields: [String: String] = [:]
            for line in head.split(separator: "\r\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1]).trimmed }
            }
            let body = peer.readExactly(Int(fields["content-length"] ?? "") ?? 0) ?? []
            let number = notices.all.count
            notices.record(
                Notice(
                    signature: fields["deckhand-signature"] ?? "",
                    body: String(decoding: body, as: UTF8.self)
                )
            )
            answer(number, peer)
        }
    }
}

/// Somebody outside is told about approvals; whether they listen changes nothing for those who decide.
@Suite struct WebhookTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    private func withServer(
        _ receiver: Receiver,
        _ body: (TestServer, Person) async throws -> Void
    ) async throws {
        let hook = "{ url: '\(receiver.server.url)/hook', secret: { env: 'HOOK_SECRET' } }"
        try await TestServer.withScript(
            "{ answers: [{ text: ['x'] }] }",
            settings: "approvals: { webhook: \(hook) },",
            ["GET_POLICY": "ask", "HOOK_SECRET": Self.secret]
        ) { server, person in try await body(server, person) }
    }

    private func ask(_ server: TestServer, _ command: String) async throws {
        let answer = try await server.get("/shell", [("session", "s"), ("cmd", command)])
        try #require(answer.text.contains("awaiting_approval"), "\(answer.text)")
    }

    @Test func aReceiverIsToldSignedAndAgainAfterATrouble() async throws {
        let receiver = Receiver { number, peer in
            peer.respond("", status: number == 0 ? "500 Internal Server Error" : "204 No Content")
        }
        try await withServer(receiver) { server, person in
            try await ask(server, "touch /tmp/deckhand-hook")
            try await eventually("the notice comes again") { receiver.notices.all.count == 2 }
            try await person.decideAll("deny")
            try await eventually("the decision is told") { receiver.notices.all.count == 3 }
            let notices = receiver.notices.all
            #expect(notices[0].json == notices[1].json)
            let asked = try #require(notices[1].json)
            #expect(asked["event"]?.string == "approval.created" && asked["kind"]?.string == "run")
            #expect(asked["link"]?.string == "\(server.baseURL)/approve/1")
            #expect(asked["expires"]?.string ?? "" > asked["created"]?.string ?? "x")
            #expect(notices[2].json?["event"]?.string == "approval.settled")
            #expect(notices[2].json?["state"]?.string == "denied")
            let signer = makeMessageSigner(key: Secret(Self.secret))
            for notice in notices {
                #expect(!notice.body.contains("deckhand-hook") && !notice.body.contains(Self.secret))
                let parts = notice.signature.split(separator: ",").map(String.init)
                let time = try #require(parts.first?.dropFirst(2))
                let code = TextCoding.hex(signer.code(for: Array("\(time).\(notice.body)".utf8)))
                #expect(parts.last == "v1=\(code)")
            }
            let check = try await server.deckhand("check")
            #expect(check.text.contains("it took a signed notice"), "\(check.text)")
            #expect(!check.text.contains(Self.secret) && !check.text.contains("/hook"))
            #expect(receiver.notices.all.last?.json?["event"]?.string == "approval.test")
            // What signs the notices is a secret like any other: no command says it.
            let spoken = try await server.get("/shell", [("session", "s"), ("cmd", "echo \(Self.secret)")])
            #expect(!spoken.text.contains("awaiting_approval"), "\(spoken.text)")
        }
    }

    @Test func oneThatHangsHoldsNobodyUp() async throws {
        let receiver = Receiver { _, peer in peer.waitForClose() }
        try await withServer(receiver) { server, person in
            let start = ContinuousClock.now
            for number in 0..<5 { try await ask(server, "touch /tmp/deckhand-\(number)") }
            try await eventually("the first notice is under way") { receiver.notices.all.count == 1 }
            try await person.decideAll("deny")
            let list = try await person.call("GET", "/v1/approvals?state=awaiting")
            #expect(list["approvals"]?.array?.isEmpty == true, "\(list.text)")
            // Shorter than the receiver is waited for.
            #expect(ContinuousClock.now - start < .seconds(9))
        }
    }

    @Test func oneThatIsDeadIsSaidByCheckAndStopsNothing() async throws {
        let receiver = Receiver()
        receiver.server.stop()
        try await withServer(receiver) { server, person in
            try await ask(server, "touch /tmp/deckhand-dead")
            try await person.decideAll("deny")
            let check = try await server.deckhand("check")
            #expect(check.code == 0 && check.text.contains("Approvals work without it"), "\(check.text)")
        }
    }

    @Test func itsMistakesAreReportedTogether() async throws {
        try await TestServer.with(["HOOK_SECRET": "short"], starts: false) { server in
            let file = """
                { approvals: { webhook: { url: "http://chat.example.com/hook", secret: { env: "HOOK_SECRET" },
                    retries: 3 } } }
                """
            try server.folder.write(file, to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            let run = try await server.deckhand("serve")
            #expect(run.code != 0)
            for part in ["readable for everyone", "fewer than 24", "retries"] {
                #expect(run.errors.contains(part), "\(run.errors)")
            }
        }
    }
}
