internal import Core
internal import Domain
internal import HTTPClient

/// Calls the endpoints that the operator declared, with a signature over time and body.
struct SignedHostCaller: HostCaller {
    /// Statuses of RFC 9110 and RFC 6585 that say "later".
    private static let passing: Set<Int> = [408, 425, 429]

    /// By issuer.
    let signers: [String: any MessageSigner]
    let client: HTTPClient
    let clock: any WallClock

    func call(_ call: HostCall) async throws -> HostAnswer {
        guard let signer = signers[call.issuer] else { return .unreachable("there is no key for it") }
        let time = String(clock.now().seconds)
        let code = TextCoding.hex(signer.code(for: Array("\(time).".utf8) + call.body))
        var request = HTTPClientRequest(
            "POST",
            call.endpoint,
            headers: [
                ("Content-Type", "application/json"), ("Accept", "application/json"),
                ("Idempotency-Key", call.key), ("Deckhand-Signature", "t=\(time),v1=\(code)"),
            ],
            body: call.body
        )
        request.redirects = .refused
        request.totalTimeout = call.timeout
        request.maximumBodyBytes = call.maximumBytes
        do {
            let response = try await client.send(request)
            guard response.status >= 500 || Self.passing.contains(response.status) else {
                let body = try await response.body.collect(limit: call.maximumBytes)
                return (200..<300).contains(response.status)
                    ? .accepted(body) : .refused(response.status, body)
            }
            response.body.release()
            return .unreachable("it answered \(response.status)")
        } catch let error as HTTPClientError where error.code == .redirectRefused {
            return .refused(302, [])
        } catch let error as HTTPClientError {
            return .unreachable(error.detail)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .unreachable("the answer cannot be read")
        }
    }
}
