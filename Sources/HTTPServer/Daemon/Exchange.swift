internal import Core
internal import Synchronization

/// One request and its answer, from the request line to the last byte of the response.
///
/// The library's thread feeds it; a handler task answers it.
final class Exchange: Sendable {
    /// What the access handler does next.
    enum Step {
        /// Wait for more input, or for the handler.
        case proceed
        /// Send this answer now; `stream` is its producer's buffer.
        case answer(HTTPResponse, stream: ResponseStream?)
    }

    private enum Phase {
        case awaitingHead
        case receiving(RequestHead)
        case discarding(HTTPRejection)
        case waiting
        case answered(HTTPResponse, ResponseStream?)
        case sending
    }
    private struct State {
        var phase = Phase.awaitingHead
        var method: HTTPMethod?
        var body: [UInt8] = []
        var bodyStarted: Int64 = 0
        var received = 0
        var reserved = 0
        var status = 0
        var bytes: Int64 = 0
        var routeTemplate: StaticString?
        var clientAddress: String?
        var stream: ResponseStream?
        var leavesBodyUnread = false
    }

    let id: String
    let startedAt = ContinuousClock.now
    private let rawTarget: [UInt8]
    private let listener: ListenerContext
    private let connection: Connection
    private let handle: ConnectionHandle
    private let state = Mutex(State())
    private var core: ServerCore { listener.core }

    init(target: [UInt8], listener: ListenerContext, connection: Connection, handle: ConnectionHandle) {
        rawTarget = target
        id = listener.core.ids.next()
        self.listener = listener
        self.connection = connection
        self.handle = handle
        let limits = listener.core.configuration.limits
        // The first head's time began when the connection was accepted.
        if !connection.isFresh {
            connection.expect(by: MonotonicTime.now() + MonotonicTime.nanoseconds(limits.headTimeout))
        }
    }

    /// Whether the server is going down, so that connections end with their present answer.
    var isDraining: Bool { core.isDraining }

    /// Whether the head is yet to be handed in.
    var needsHead: Bool {
        state.withLock { if case .awaitingHead = $0.phase { true } else { false } }
    }

    // MARK: Called by the library's thread

    /// Takes the head; a refusal is answered at once and closes the connection, body unread.
    ///
    /// `targetSize` is the distance from target to version: more than the target's length if that has a NUL in it.
    func takeHead(_ method: String, _ version: String, _ fields: HeaderCollector, targetSize: Int) -> Step {
        let raw = RawHead(
            method: method,
            version: version,
            target: rawTarget,
            headers: HTTPHeaders(fields.fields),
            headerBytes: fields.bytes,
            isWellFormed: fields.areWellFormed && targetSize == rawTarget.count
        )
        return state.withLock { state in
            state.method = HTTPMethod(method)
            let hasBody = raw.headers["Content-Length"] != nil || raw.headers["Transfer-Encoding"] != nil
            state.leavesBodyUnread = hasBody
            do throws(HeadRefusal) {
                let head = try core.rules.check(
                    raw,
                    listener: listener.kind,
                    onLoopback: listener.isOnLoopback
                )
                if let rejection = reserveBody(of: head, &state) { return refuse(rejection, &state) }
                state.phase = .receiving(head)
                state.leavesBodyUnread = false
                state.bodyStarted = MonotonicTime.now()
                extendBodyTime(state)
                return .proceed
            } catch {
                return refuse(
                    rejection(error.reason, error.message, hint: error.hint, path: error.pathText, state),
                    &state
                )
            }
        }
    }

    /// Takes a piece of the body.
    func takeBody(_ bytes: [UInt8]) -> Step {
        state.withLock { state in
            state.received += bytes.count
            extendBodyTime(state)
            guard case .receiving(let head) = state.phase else { return .proceed }
            let limit = core.configuration.limits.body
            if state.received > limit {
                discard(bodyTooLarge(head, state), &state)
            } else if state.received > state.reserved, !reserve(up: state.received, &state) {
                discard(outOfMemory(head, state), &state)
            } else {
                state.body += bytes
            }
            return .proceed
        }
    }

    /// Whether what is still thrown away of a refused body has become too much.
    var hasDiscardedEnough: Bool {
        state.withLock { state in
            guard case .discarding = state.phase else { return false }
            return state.received > 2 * core.configuration.limits.body
        }
    }

    /// All input is there, or a handler has answered.
    func advance() -> Step {
        let (step, request) = state.withLock { state -> (Step, HTTPRequest?) in
            switch state.phase {
            case .receiving(let head):
                state.phase = .waiting
                return (.proceed, makeRequest(head, &state))
            case .discarding(let rejection): return (refuse(rejection, &state), nil)
            case .answered(let response, let stream):
                state.phase = .sending
                return (.answer(response, stream: stream), nil)
            case .awaitingHead, .waiting, .sending: return (.proceed, nil)
            }
        }
        if let request { admit(request) }
        return step
    }

    /// Hands the request to the handlers.
    ///
    /// The connection is suspended first: from then on, an answer may resume it at any moment.
    private func admit(_ request: HTTPRequest) {
        handle.suspend()
        if core.admission.offer(Admitted(request: request, exchange: self)) { return }
        let isDraining = core.isDraining
        let rejection = HTTPRejection(
            reason: isDraining ? .draining : .overloaded,
            message: isDraining ? "The server is going down." : "Too many requests are waiting.",
            hint: "Try again in a moment.",
            retryAfter: .seconds(1),
            method: request.method,
            pathText: request.pathText,
            id: id
        )
        core.instruments.rejected(rejection.reason)
        answer(core.response(to: rejection, closes: isDraining), stream: nil)
    }

    /// The exchange is over, whether all was sent or not.
    func ended(completely: Bool) {
        let limits = core.configuration.limits
        connection.markCompleted()
        connection.expect(
            by: MonotonicTime.now() + MonotonicTime.nanoseconds(limits.idleTimeout + limits.headTimeout)
        )
        let (stream, reserved, leavesBodyUnread, record) = state.withLock { state in
            defer { state.body = [] }
            let record = AccessRecord(
                id: id,
                method: state.method,
                routeTemplate: state.routeTemplate,
                status: state.status,
                duration: startedAt.duration(to: .now),
                bytes: state.stream?.sent ?? state.bytes,
                clientAddress: state.clientAddress,
                isComplete: completely
            )
            return (state.stream, state.reserved, state.leavesBodyUnread, record)
        }
        stream?.clientLeft()
        if leavesBodyUnread, completely { core.lingering.keep(connection.descriptor) }
        core.bodyMemory.release(reserved)
        core.note(record)
    }

    // MARK: Called by the handler's task

    /// Gives the answer; the connection goes on.
    func answer(_ response: HTTPResponse, stream: ResponseStream?) {
        state.withLock { state in
            record(response, stream, &state)
            state.phase = .answered(response, stream)
            handle.resume()
        }
    }

    // MARK: Details, all under the lock

    private func makeRequest(_ head: RequestHead, _ state: inout State) -> HTTPRequest {
        connection.expectNothing()
        let (address, isSecure) = core.forwarding.client(
            of: connection.peer,
            isTLS: listener.kind == .tls,
            headers: head.headers
        )
        state.clientAddress = address
        defer { state.body = [] }
        var request = HTTPRequest(
            method: head.method,
            rawTarget: String(decoding: rawTarget, as: UTF8.self),
            path: head.target.path,
            pathText: head.target.pathText,
            query: head.target.query,
            headers: head.headers,
            body: state.body,
            peer: connection.peer,
            clientAddress: address,
            isSecure: isSecure,
            listener: listener.kind,
            id: id,
            receivedAt: startedAt
        )
        request.isClientGone = { [connections = core.connections, connection] in
            connections.isClosedByClient(connection)
        }
        return request
    }

    private func refuse(_ rejection: HTTPRejection, _ state: inout State) -> Step {
        core.instruments.rejected(rejection.reason)
        let response = core.response(to: rejection, closes: true)
        record(response, nil, &state)
        state.phase = .sending
        return .answer(response, stream: nil)
    }

    private func record(_ response: HTTPResponse, _ stream: ResponseStream?, _ state: inout State) {
        state.status = response.status
        state.routeTemplate = response.routeTemplate
        state.stream = stream
        if case .bytes(let bytes) = response.body, state.method != .head { state.bytes = Int64(bytes.count) }
    }

    private func discard(_ rejection: HTTPRejection, _ state: inout State) {
        state.body = []
        state.phase = .discarding(rejection)
        core.bodyMemory.release(state.reserved)
        state.reserved = 0
    }

    private func reserveBody(of head: RequestHead, _ state: inout State) -> HTTPRejection? {
        guard case .length(let length) = head.framing else { return nil }
        if length > core.configuration.limits.body { return bodyTooLarge(head, state) }
        return reserve(up: length, &state) ? nil : outOfMemory(head, state)
    }

    /// Reserves in steps, so that a chunked body does not ask for each chunk.
    private func reserve(up size: Int, _ state: inout State) -> Bool {
        let wanted = max(size, min(state.reserved * 2, core.configuration.limits.body))
        guard core.bodyMemory.reserve(wanted - state.reserved) else { return false }
        state.reserved = wanted
        return true
    }

    private func extendBodyTime(_ state: State) {
        let limits = core.configuration.limits
        let earned = Int64(state.received) * 1_000_000_000 / Int64(max(1, limits.bodyRate))
        connection.expect(by: state.bodyStarted + MonotonicTime.nanoseconds(limits.bodyTimeout) + earned)
    }

    private func bodyTooLarge(_ head: RequestHead, _ state: State) -> HTTPRejection {
        rejection(
            .bodyTooLarge,
            "The body is larger than \(core.configuration.limits.body) bytes.",
            hint: "Send less, or in parts.",
            path: head.target.pathText,
            state
        )
    }

    private func outOfMemory(_ head: RequestHead, _ state: State) -> HTTPRejection {
        rejection(
            .outOfBodyMemory,
            "Too many request bodies are being received.",
            hint: "Try again in a moment.",
            retryAfter: .seconds(2),
            path: head.target.pathText,
            state
        )
    }

    private func rejection(
        _ reason: HTTPRejection.Reason,
        _ message: String,
        hint: String?,
        retryAfter: Duration? = nil,
        path: String?,
        _ state: State
    ) -> HTTPRejection {
        HTTPRejection(
            reason: reason,
            message: message,
            hint: hint,
            retryAfter: retryAfter,
            method: state.method,
            pathText: path,
            id: id
        )
    }
}

/// A request on its way to a handler.
struct Admitted: Sendable {
    let request: HTTPRequest
    let exchange: Exchange
}
