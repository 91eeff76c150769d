import Core
import Domain
import HTTPClient
import Providers
import Synchronization
import TestSupport
import Testing

/// Notices to receivers that work, and that do not, over real sockets.
@Suite("The webhook for approvals")
struct WebhookTests {
    /// Shows what it signed, so that the wire can be compared.
    private struct EchoSigner: MessageSigner {
        let signed = Recorder<String>()
        func code(for message: [UInt8]) -> [UInt8] {
            signed.record(String(decoding: message, as: UTF8.self))
            return [0xAB, 0x01]
        }
    }

    private func notice(detail: Bool = false) -> ApprovalNotice {
        ApprovalNotice(
            event: "approval.created",
            id: ApprovalID(5),
            kind: "run",
            state: "awaiting",
            reason: "It \"changes\" something.",
            link: "https://h/approve/5",
            created: Timestamp(seconds: 1_800_000_000),
            expires: Timestamp(seconds: 1_800_086_400),
            change: 17,
            detail: detail ? .init(command: "touch /x", workingDirectory: nil, user: "www") : nil
        )
    }

    private func notifier(_ url: String, signer: EchoSigner = EchoSigner()) -> any Notifier {
        makeWebhookNotifier(
            url: Secret(url),
            signer: signer,
            client: HTTPClient(HTTPClientConfiguration()),
            clock: ManualClock(at: Timestamp(seconds: 1_800_000_003))
        )
    }

    private static func length(_ head: String) -> Int {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        return line.flatMap { Int(String($0.dropFirst(15)).trimmed) } ?? 0
    }

    @Test("posts a pointer as JSON, signed with its time; the command only where that is wanted")
    func delivered() async throws {
        let heads = Recorder<String>()
        let bodies = Recorder<[UInt8]>()
        let server = LoopbackServer { peer in
            guard let head = peer.readHead(), let body = peer.readExactly(Self.length(head)) else { return }
            heads.record(head)
            bodies.record(body)
            peer.respond("", status: "204 No Content")
        }
        let signer = EchoSigner()
        let notifier = notifier(server.url + "/hook?token=t", signer: signer)
        #expect(await notifier.send(notice()) == .delivered)
        #expect(await notifier.send(notice(detail: true)) == .delivered)
        let head = try #require(heads.all.first)
        #expect(head.hasPrefix("POST /hook?token=t HTTP/1.1\r\n"))
        #expect(head.contains("Deckhand-Signature: t=1800000003,v1=ab01\r\n"), "\(head)")
        #expect(head.contains("Deckhand-Delivery: 5-17\r\n"))
        let body = String(decoding: try #require(bodies.all.first), as: UTF8.self)
        #expect(signer.signed.all.first == "1800000003." + body)
        let json = try JSONValue(parsing: Array(body.utf8))
        #expect(json["event"]?.string == "approval.created" && json["id"]?.integer == 5)
        #expect(json["kind"]?.string == "run" && json["link"]?.string == "https://h/approve/5")
        #expect(json["summary"]?.string == "A command waits for approval 5: It \"changes\" something.")
        #expect(json["created"]?.string == Timestamp(seconds: 1_800_000_000).rfc3339)
        #expect(json["expires"]?.string == Timestamp(seconds: 1_800_086_400).rfc3339)
        #expect(json["detail"] == nil)
        let detail = try JSONValue(parsing: try #require(bodies.all.last))["detail"]
        #expect(detail?["command"]?.string == "touch /x" && detail?["user"]?.string == "www")
    }

    @Test(
        "a receiver that fails may be tried again, one that refuses is not",
        arguments: [
            ("500 Internal Server Error", true), ("503 Service Unavailable", true),
            ("429 Too Many Requests", true), ("404 Not Found", false), ("401 Unauthorized", false),
            ("302 Found", false),
        ]
    )
    func answers(status: String, isFailure: Bool) async {
        let server = LoopbackServer { peer in
            guard let head = peer.readHead() else { return }
            _ = peer.readExactly(Self.length(head))
            peer.respond("no", status: status, headers: "Location: http://127.0.0.1:1/x\r\n")
        }
        switch await notifier(server.url).send(notice()) {
        case .failed(let reason): #expect(isFailure && !reason.isEmpty)
        case .refused(let reason): #expect(!isFailure && !reason.isEmpty)
        case .delivered: Issue.record("it was not delivered")
        }
    }

    @Test("a dead receiver is a failure, and no error holds the address's path")
    func dead() async throws {
        let server = LoopbackServer { _ in }
        server.stop()
        guard case .failed(let reason) = await notifier(server.url + "/s3cret-path").send(notice()) else {
            Issue.record("a dead receiver took it")
            return
        }
        #expect(!reason.contains("s3cret"))
    }
}
