internal import Core
internal import Domain
internal import HTTPServer
internal import Synchronization

/// Writes an answer in the form of one interface: as events while it arrives, or whole.
protocol AnswerWriter: Sendable {
    /// What is sent before anything is known.
    mutating func begin() -> [SSEEvent]
    /// What is sent for a step of an answer.
    mutating func events(for step: AnswerAssembler.Step, of answer: AnswerAssembler) -> [SSEEvent]
    /// What is sent at the end.
    mutating func end(_ answer: AnswerAssembler) -> [SSEEvent]
    /// What is sent when it could not be completed.
    mutating func failed(_ error: PresentedError, _ answer: AnswerAssembler) -> [SSEEvent]
    /// The whole answer as JSON text.
    func whole(_ answer: AnswerAssembler) -> [UInt8]
}

/// Where an answer comes from: calls the closure with what arrives, and returns at its end.
typealias AnswerSource =
    @Sendable (_ receive: @escaping @Sendable ([ModelEvent]) async throws -> Void) async throws -> Void

/// An answer on its way from its source to the caller.
final class AnswerRelay<Writer: AnswerWriter>: Sendable {
    private struct State {
        var assembler: AnswerAssembler
        var writer: Writer
    }
    private let state: Mutex<State>

    init(_ writer: Writer, offersShell: Bool) {
        state = Mutex(State(assembler: AnswerAssembler(offersShell: offersShell), writer: writer))
    }

    /// The whole answer, once it is complete.
    func gather(_ source: AnswerSource) async throws -> [UInt8] {
        try await source { events in _ = try self.take(events) }
        return state.withLock { $0.writer.whole($0.assembler) }
    }

    /// Sends the answer while it arrives, each event with one write.
    ///
    /// Errors are sent, too, since the status is sent already; `note` is told of those that are ours.
    func stream(
        _ source: AnswerSource,
        to sse: SSEWriter,
        _ note: @Sendable (any Error) -> Void
    ) async throws {
        for event in state.withLock({ $0.writer.begin() }) { try await sse.send(event) }
        do {
            try await source { events in
                let told = try self.take(events)
                // Whoever left has called the answer off, which is no fault of the provider's.
                do { for event in told { try await sse.send(event) } } catch is HTTPStreamError {
                    throw CancellationError()
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            note(error)
            for event in fail(error) { try await sse.send(event) }
            return
        }
        for event in state.withLock({ $0.writer.end($0.assembler) }) { try await sse.send(event) }
    }

    private func take(_ events: [ModelEvent]) throws(Failure) -> [SSEEvent] {
        try state.withLock { state throws(Failure) in
            var result: [SSEEvent] = []
            for event in events {
                for step in try state.assembler.take(event) {
                    result += state.writer.events(for: step, of: state.assembler)
                }
            }
            return result
        }
    }

    private func fail(_ error: any Error) -> [SSEEvent] {
        let shown = OpenAIErrors.presented(error)
        return state.withLock { $0.writer.failed(shown, $0.assembler) }
    }
}

extension SSEEvent {
    /// An event with JSON text, without a name.
    init(json: JSONWriter) { self.init(data: String(decoding: json.bytes, as: UTF8.self)) }
}
