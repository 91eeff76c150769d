import Core
import Domain
import HTTPClient
import Providers
import TestSupport
import Testing

/// Calls of host applications over real sockets.
@Suite("Calls of host applications")
struct HostCallerTests {
    private struct EchoSigner: MessageSigner {
        let signed = Recorder<String>()
        func code(for message: [UInt8]) -> [UInt8] {
            signed.record(String(decoding: message, as: UTF8.self))
            return [0xAB, 0x01]
        }
    }

    private func caller(_ signer: EchoSigner = EchoSigner()) -> any HostCaller {
        makeHostCaller(
            signers: ["https://a": signer],
            client: HTTPClient(HTTPClientConfiguration()),
            clock: ManualClock(at: Timestamp(seconds: 1_800_000_003))
        )
    }

    private func call(_ url: String, issuer: String = "https://a") -> HostCall {
        HostCall(
            issuer: issuer,
            endpoint: url,
            body: Array(#"{"key":"k-1"}"#.utf8),
            key: "k-1",
            timeout: .seconds(20),
            maximumBytes: 64
        )
    }

    @Test("post what was asked with key, time, a nonce and a signature over all of it")
    func signed() async throws {
        let heads = Recorder<String>()
        let server = LoopbackServer { peer in
            guard let head = peer.readHead(), peer.readExactly(13) != nil else { return }
            heads.record(head)
            peer.respond("{}")
        }
        let signer = EchoSigner()
        for _ in 0..<2 {
            #expect(try await caller(signer).call(call(server.url + "/act")) == .accepted(Array("{}".utf8)))
        }
        var nonces: Set<String> = []
        for (head, signed) in zip(heads.all, signer.signed.all) {
            #expect(head.hasPrefix("POST /act HTTP/1.1\r\n") && head.contains("Idempotency-Key: k-1\r\n"))
            let parts = signed.split(separator: ".", maxSplits: 2).map(String.init)
            try #require(parts.count == 3)
            #expect(parts[0] == "1800000003" && parts[1].utf8.count == 32 && parts[2] == #"{"key":"k-1"}"#)
            let signature = "Deckhand-Signature: t=1800000003,n=\(parts[1]),v2=ab01\r\n"
            #expect(head.contains(signature), "\(head)")
            nonces.insert(parts[1])
        }
        #expect(nonces.count == 2, "the same call again is another one to who looks for replays")
    }

    @Test(
        "tell refusals, what was not done, and what nobody knows apart",
        arguments: [
            ("422 Unprocessable Content", "refused"), ("401 Unauthorized", "refused"),
            ("302 Found", "refused"),
            ("429 Too Many Requests", "not done"), ("425 Too Early", "not done"),
            ("503 Service Unavailable", "unknown"), ("408 Request Timeout", "unknown"),
        ]
    )
    func answers(status: String, meaning: String) async throws {
        let server = LoopbackServer { peer in
            guard peer.readHead() != nil, peer.readExactly(13) != nil else { return }
            peer.respond("no", status: status, headers: "Location: http://127.0.0.1:1/\r\n")
        }
        let answer = try await caller().call(call(server.url))
        switch answer {
        case .accepted: Issue.record("\(answer)")
        case .refused: #expect(meaning == "refused")
        case .notDone: #expect(meaning == "not done")
        case .unreachable: #expect(meaning == "unknown")
        }
    }

    @Test("where nothing was sent nothing was done; where the connection ends nobody knows")
    func lost() async throws {
        guard case .notDone = try await caller().call(call("http://127.0.0.1:1/")) else {
            Issue.record("nobody listens there")
            return
        }
        let server = LoopbackServer { peer in
            _ = peer.readHead()
            _ = peer.readExactly(13)
        }
        guard case .unreachable = try await caller().call(call(server.url)) else {
            Issue.record("it took the call and said nothing")
            return
        }
    }

    @Test("take no answer that is too long, and sign for nobody whose key is not known")
    func bounds() async throws {
        let server = LoopbackServer { peer in
            guard peer.readHead() != nil, peer.readExactly(13) != nil else { return }
            peer.respond(String(repeating: "x", count: 65))
        }
        guard case .unreachable = try await caller().call(call(server.url)) else {
            Issue.record("it was taken")
            return
        }
        guard case .notDone = try await caller().call(call(server.url, issuer: "https://b")) else {
            Issue.record("it was signed")
            return
        }
    }
}
