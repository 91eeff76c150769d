internal import CLinux
internal import Synchronization

/// Where log lines go.
public protocol LogSink: Sendable {
    /// Takes one line without its newline; must not block.
    func write(line: [UInt8])
}

/// Drops everything; for tests.
public struct NullLogSink: LogSink {
    /// Makes the sink.
    public init() {}
    /// Takes one line without its newline; see ``LogSink``.
    public func write(line: [UInt8]) {}
}

/// Collects lines in memory; for tests that look at them.
public final class MemoryLogSink: LogSink {
    private let storage = Mutex<[UInt8]>([])

    /// Makes an empty sink.
    public init() {}

    /// Takes one line without its newline; see ``LogSink``.
    public func write(line: [UInt8]) { storage.withLock { $0 += line + [10] } }

    /// All lines so far.
    public var text: String { storage.withLock { String(decoding: $0, as: UTF8.self) } }
}

/// Writes lines to a file descriptor from a thread of its own, many lines in one call.
///
/// A reader of the log that is slow cannot slow the server: at most 4 MiB wait, further lines are dropped and counted.
public final class DescriptorLogSink: LogSink {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var isScheduled = false
    }

    private let state = Mutex(State())
    private let thread = DedicatedThread(name: "log")
    private let descriptor: Int32
    private let limit: Int

    /// Makes a sink on a descriptor, standard error by default.
    public init(descriptor: Int32 = 2, limit: Int = 4 << 20) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Takes one line without its newline; see ``LogSink``.
    public func write(line: [UInt8]) {
        let schedules = state.withLock { state -> Bool in
            guard state.waiting.count + line.count < limit else {
                state.dropped += 1
                return false
            }
            state.waiting.append(contentsOf: line)
            state.waiting.append(10)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if schedules { thread.perform { [self] in drain() } }
    }

    /// Waits until all lines taken so far are written.
    public func flush() async {
        _ = try? await thread.run { [self] in drain() }
    }

    private func drain() {
        while true {
            let (batch, dropped) = state.withLock { state in
                let result = (state.waiting, state.dropped)
                state.waiting = []
                state.dropped = 0
                if result.0.isEmpty { state.isScheduled = false }
                return result
            }
            if batch.isEmpty { return }
            writeAll(batch)
            if dropped > 0 {
                writeAll(
                    Array(
                        "{\"level\":\"warning\",\"message\":\"log lines dropped\",\"log.dropped\":\(dropped)}\n"
                            .utf8
                    )
                )
            }
        }
    }

    private func writeAll(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                guard let base = buffer.baseAddress else { return }
                let written = unsafe CLinux.write(descriptor, base + offset, buffer.count - offset)
                if written < 0, dh_errno() == EINTR { continue }
                if written < 0, dh_errno() == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&wait, 1, 1_000)
                    continue
                }
                if written <= 0 { return }
                offset += written
            }
        }
    }
}
