internal import Core
internal import Domain
internal import HTTPClient

/// Calls the endpoints that the operator declared, with a signature over time and body.
struct SignedHostCaller: HostCaller {
    /// Statuses of RFC 6585 and RFC 8470 by which a request is turned away undone.
    private static let undone: Set<Int> = [425, 429]

    /// By issuer.
    let signers: [String: any MessageSigner]
    let client: HTTPClient
    let clock: any WallClock

    func call(_ call: HostCall) async throws -> HostAnswer {
        guard let signer = signers[call.issuer] else { return .notDone("there is no key for it") }
        let time = String(clock.now().seconds)
        let nonce = TextCoding.hex((0..<16).map { _ in UInt8.random(in: 0...255) })
        let code = TextCoding.hex(signer.code(for: Array("\(time).\(nonce).".utf8) + call.body))
        var request = HTTPClientRequest(
            "POST",
            call.endpoint,
            headers: [
                ("Content-Type", "application/json"), ("Accept", "application/json"),
                ("Idempotency-Key", call.key), ("Deckhand-Signature", "t=\(time),n=\(nonce),v2=\(code)"),
            ],
            body: call.body
        )
        request.redirects = .refused
        request.totalTimeout = call.timeout
        request.maximumBodyBytes = call.maximumBytes
        do {
            let response = try await client.send(request)
            let status = response.status
            if status >= 500 || status == 408 || Self.undone.contains(status) {
                response.body.release()
                let answer = "it answered \(status)"
                return Self.undone.contains(status) ? .notDone(answer) : .unreachable(answer)
            }
            let body = try await response.body.collect(limit: call.maximumBytes)
            return (200..<300).contains(status) ? .accepted(body) : .refused(status, body)
        } catch let error as HTTPClientError where error.code == .redirectRefused {
            return .refused(302, [])
        } catch let error as HTTPClientError {
            return error.sentNothing ? .notDone(error.detail) : .unreachable(error.detail)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .unreachable("the answer cannot be read")
        }
    }
}
