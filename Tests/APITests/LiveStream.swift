import Core
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// An event of a stream, as a client reads it.
struct LiveEvent: Sendable, Equatable {
    var id: String?
    var event: String
    var data: String

    var json: JSONValue { (try? JSONValue(parsing: Array(data.utf8))) ?? .null }
}

/// What a client has read of a stream so far.
final class LiveStream: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var end: Result<Void, any Error>?
        var isHeld = false
        var waiting: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    /// Reads the body of an answer while `body` runs; then the client leaves, if the stream is not over.
    static func following<Value: Sendable>(
        _ response: HTTPResponse,
        held: Bool = false,
        _ body: (LiveStream) async throws -> Value
    ) async throws -> Value {
        guard case .stream(_, let write) = response.body else {
            throw NoStream(status: response.status)
        }
        let stream = LiveStream()
        stream.state.withLock { $0.isHeld = held }
        let reading = Task {
            do {
                try await write(HTTPResponseWriter { try await stream.take($0) })
                stream.end(.success(()))
            } catch {
                stream.end(.failure(error))
            }
        }
        defer {
            reading.cancel()
            stream.release()
        }
        return try await body(stream)
    }

    private func take(_ bytes: [UInt8]) async throws {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isHeld else { return true }
                state.waiting = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
        try Task.checkCancellation()
        state.withLock { $0.bytes += bytes }
    }

    private func end(_ result: Result<Void, any Error>) { state.withLock { $0.end = result } }

    /// A held client reads on.
    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            return state.waiting.take()
        }
        waiting?.resume()
    }

    /// The stream was ended by the server: with its end, or cut with an error.
    var result: Result<Void, any Error>? { state.withLock { $0.end } }

    var isOver: Bool { result != nil }

    var events: [LiveEvent] {
        let text = String(decoding: state.withLock { $0.bytes }, as: UTF8.self)
        return text.components(separatedBy: "\n\n").dropLast().compactMap { block in
            var event = LiveEvent(id: nil, event: "message", data: "")
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.event = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
            }
            return event.data.isEmpty ? nil : event
        }
    }

    /// Waits until there are events as wanted; returns all.
    @discardableResult
    func until(_ what: String, _ isThere: ([LiveEvent]) -> Bool) async throws -> [LiveEvent] {
        try await eventually("\(what); there are \(self.events.map(\.event))") { isThere(self.events) }
        return events
    }

    /// Waits until the server ended the stream; returns all events.
    func untilOver() async throws -> [LiveEvent] {
        try await eventually("the end of the stream; there are \(self.events.map(\.event))") { self.isOver }
        return events
    }
}

/// The answer is no stream.
struct NoStream: Error {
    let status: Int
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
