import CLinux
import Testing

@testable import deckhand

@Suite(.timeLimit(.minutes(1))) struct DescriptorStreamTests {
    private func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        _ = unsafe pipe2(&ends, O_CLOEXEC)
        return (ends[0], ends[1])
    }

    @Test("what is written is read, in order, and then the end")
    func transfer() async throws {
        let (reading, writing) = pipe()
        defer { _ = close(reading) }
        let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        async let written: Void = DescriptorStream(writing, name: "w").write(bytes)
        let input = DescriptorStream(reading, name: "r")
        var seen: [UInt8] = []
        while seen.count < bytes.count { seen += try await input.read(upTo: 10_000) }
        try await written
        #expect(seen == bytes)
        _ = close(writing)
        #expect(try await input.read(upTo: 10) == [])
    }

    @Test("a reader or writer that waits ends when its task is cancelled")
    func cancellation() async throws {
        let (reading, writing) = pipe()
        defer {
            _ = close(reading)
            _ = close(writing)
        }
        let input = DescriptorStream(reading, name: "r")
        let reader = Task { _ = try await input.read(upTo: 10) }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        let output = DescriptorStream(writing, name: "w")
        let writer = Task { try await output.write([UInt8](repeating: 1, count: 1 << 20)) }
        // The pipe is full when the first bytes beyond its size wait.
        #expect(try await input.read(upTo: 1).count == 1)
        writer.cancel()
        await #expect(throws: CancellationError.self) { try await writer.value }
    }

    @Test("a reader that is gone is told")
    func closed() async throws {
        dh_ignore_signal(SIGPIPE)
        let (reading, writing) = pipe()
        defer { _ = close(writing) }
        _ = close(reading)
        await #expect(throws: ConsoleClosed.self) {
            try await DescriptorStream(writing, name: "w").write([1])
        }
    }
}
