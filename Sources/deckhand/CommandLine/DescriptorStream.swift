import CLinux
import Core
import Synchronization

/// A descriptor that is read or written from a thread of its own, since it may block; a cancelled task stops waiting.
///
/// One call at a time.
final class DescriptorStream: Sendable {
    /// Pipes with room take so much without blocking (pipe(7), PIPE_BUF).
    private static let pieceBytes = 4_096
    private let descriptor: Int32
    private let thread: DedicatedThread

    init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        thread = DedicatedThread(name: name)
    }

    /// Some bytes, at most `limit`; none at the end, and none from a descriptor that cannot be read.
    func read(upTo limit: Int) async throws -> [UInt8] {
        try await interruptible { [descriptor] wake in
            var buffer = [UInt8](repeating: 0, count: limit)
            while true {
                try wake.wait(for: POLLIN, on: descriptor)
                let count = unsafe CLinux.read(descriptor, &buffer, limit)
                if count < 0, dh_errno() == EINTR || dh_errno() == EAGAIN { continue }
                return Array(buffer[..<max(count, 0)])
            }
        }
    }

    /// Writes everything; throws ``ConsoleClosed`` when nobody can read it any more.
    func write(_ bytes: [UInt8]) async throws {
        try await interruptible { [descriptor] wake in
            var rest = bytes[...]
            while !rest.isEmpty {
                try wake.wait(for: POLLOUT, on: descriptor)
                let count = unsafe rest.withUnsafeBytes { buffer in
                    unsafe CLinux.write(descriptor, buffer.baseAddress, min(buffer.count, Self.pieceBytes))
                }
                if count < 0, dh_errno() == EINTR || dh_errno() == EAGAIN { continue }
                guard count > 0 else { throw ConsoleClosed() }
                rest = rest.dropFirst(count)
            }
        }
    }

    private func interruptible<Value: Sendable>(
        _ body: @escaping @Sendable (WakeUp) throws -> Value
    ) async throws -> Value {
        let wake = WakeUp()
        return try await withTaskCancellationHandler {
            try await thread.run { try body(wake) }
        } onCancel: {
            wake.wake()
        }
    }
}

/// Ends the wait of a thread in poll(2) from another thread (eventfd(2)).
private final class WakeUp: Sendable {
    private let event: Int32

    init() { event = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }

    /// After both sides have let go of this object, so that no other descriptor can have its number.
    deinit { _ = close(event) }

    func wake() {
        var one: UInt64 = 1
        _ = unsafe write(event, &one, 8)
    }

    /// Returns when the descriptor is ready or broken; throws `CancellationError` when woken.
    func wait(for events: Int32, on descriptor: Int32) throws {
        while true {
            var polled = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: event, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&polled, 2, -1)
            if polled[1].revents != 0 { throw CancellationError() }
            if count > 0 { return }
        }
    }
}
