internal import Synchronization

/// One request under way, seen from both sides: the client's thread delivers, one task takes.
final class Transfer: Sendable {
    private struct State {
        var head: ResponseHead?
        var waiting: [UInt8] = []
        var isHeldBack = false
        /// Bytes that may still come and are thrown away; nil while somebody reads.
        var discarding: Int?
        var outcome: Result<Void, any Error>?
        var headReader: CheckedContinuation<ResponseHead, any Error>?
        var bodyReader: CheckedContinuation<[UInt8]?, any Error>?
    }

    let request: HTTPClientRequest
    private let state = Mutex(State())
    private let limit: Int
    private let engine: TransferEngine

    init(_ request: HTTPClientRequest, bufferedBytes: Int, engine: TransferEngine) {
        self.request = request
        self.limit = bufferedBytes
        self.engine = engine
    }

    // MARK: The client's thread

    func deliver(head: ResponseHead) {
        let reader = state.withLock { state in
            state.head = head
            return state.headReader.take()
        }
        reader?.resume(returning: head)
    }

    /// Takes a piece of the body unless too much waits already; then the sender is held back.
    func deliver(chunk: () -> [UInt8]) -> Bool {
        let (accepted, reader, bytes) = state.withLock {
            state -> (Bool, CheckedContinuation<[UInt8]?, any Error>?, [UInt8]) in
            if let left = state.discarding {
                state.discarding = left - 1
                return (left > 0, nil, [])
            }
            guard state.waiting.count < limit else {
                state.isHeldBack = true
                return (false, nil, [])
            }
            let bytes = chunk()
            if let reader = state.bodyReader.take() { return (true, reader, bytes) }
            state.waiting += bytes
            return (true, nil, [])
        }
        reader?.resume(returning: bytes)
        return accepted
    }

    func finish(_ outcome: Result<Void, any Error>) {
        let (headReader, bodyReader) = state.withLock {
            state -> (
                CheckedContinuation<ResponseHead, any Error>?, CheckedContinuation<[UInt8]?, any Error>?
            ) in
            guard state.outcome == nil else { return (nil, nil) }
            state.outcome = outcome
            return (state.headReader.take(), state.bodyReader.take())
        }
        switch outcome {
        case .success:
            headReader?.resume(
                throwing: HTTPClientError(.malformedResponse, "the connection ended without a response")
            )
            bodyReader?.resume(returning: nil)
        case .failure(let error):
            headReader?.resume(throwing: error)
            bodyReader?.resume(throwing: error)
        }
    }

    var isHeldBack: Bool { state.withLock { $0.isHeldBack } }

    // MARK: The task

    func head() async throws -> ResponseHead {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<ResponseHead, any Error>? in
                    if let head = state.head { return .success(head) }
                    switch state.outcome {
                    case .failure(let error): return .failure(error)
                    case .success:
                        return .failure(
                            HTTPClientError(.malformedResponse, "the connection ended without a response")
                        )
                    case nil:
                        state.headReader = continuation
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// The next piece of the body; nil after the last one.
    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (result, resumes) = state.withLock { state -> (Result<[UInt8]?, any Error>?, Bool) in
                    precondition(state.bodyReader == nil, "the body of a response has one reader")
                    if !state.waiting.isEmpty {
                        let all = state.waiting
                        state.waiting = []
                        let wasHeldBack = state.isHeldBack
                        state.isHeldBack = false
                        return (.success(all), wasHeldBack)
                    }
                    switch state.outcome {
                    case .success: return (.success(nil), false)
                    case .failure(let error): return (.failure(error), false)
                    case nil:
                        state.bodyReader = continuation
                        return (nil, false)
                    }
                }
                if resumes { engine.post(.resume(self)) }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Throws away what still comes, for a short time.
    func release() {
        let isOver = state.withLock { state in
            state.waiting = []
            state.discarding = 64
            state.isHeldBack = false
            return state.outcome != nil
        }
        if !isOver { engine.post(.release(self)) }
    }

    /// Ends the request and closes its connection; a finished one stays as it is, and so does a released one.
    func cancel() {
        let isOver = state.withLock { state in
            if state.discarding != nil { return true }
            if state.outcome == nil { state.waiting = [] }
            return state.outcome != nil
        }
        guard !isOver else { return }
        finish(.failure(CancellationError()))
        engine.post(.cancel(self))
    }
}
