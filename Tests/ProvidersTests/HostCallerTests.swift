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

    @Test("post what was asked with key, time and signature over both")
    func signed() async throws {
        let heads = Recorder<String>()
        let server = LoopbackServer { peer in
            guard let head = peer.readHead(), peer.readExactly(13) != nil else { return }
            heads.record(head)
            peer.respond("{}")
        }
        let signer = EchoSigner()
        #expect(try await caller(signer).call(call(server.url + "/act")) == .accepted(Array("{}".utf8)))
        let head = try #require(heads.all.first)
        #expect(head.hasPrefix("POST /act HTTP/1.1\r\n") && head.contains("Idempotency-Key: k-1\r\n"))
        #expect(head.contains("Deckhand-Signature: t=1800000003,v1=ab01\r\n"), "\(head)")
        #expect(signer.signed.all == [#"1800000003.{"key":"k-1"}"#])
    }

    @Test(
        "tell refusals from what may be tried again",
        arguments: [
            ("422 Unprocessable Content", true), ("401 Unauthorized", true), ("302 Found", true),
            ("429 Too Many Requests", false), ("503 Service Unavailable", false),
        ]
    )
    func answers(status: String, isFinal: Bool) async throws {
        let server = LoopbackServer { peer in
            guard peer.readHead() != nil, peer.readExactly(13) != nil else { return }
            peer.respond("no", status: status, headers: "Location: http://127.0.0.1:1/\r\n")
        }
        let answer = try await caller().call(call(server.url))
        if case .refused = answer { #expect(isFinal) } else { #expect(!isFinal, "\(answer)") }
    }

    @Test("take no answer that is too long, and sign for nobody whose key is not known")
    func bounds() async throws {
        let server = LoopbackServer { peer in
            guard peer.readHead() != nil, peer.readExactly(13) != nil else { return }
            peer.respond(String(repeating: "x", count: 65))
        }
        for call in [call(server.url), call(server.url, issuer: "https://b")] {
            guard case .unreachable = try await caller().call(call) else {
                Issue.record("it was taken")
                continue
            }
        }
    }
}
