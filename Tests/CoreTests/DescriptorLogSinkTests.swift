import Core
import FoundationEssentials
import Testing
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

@Suite("A log on a descriptor", .serialized)
struct DescriptorLogSinkTests {
    /// A pipe whose reading end the test holds.
    private struct Pipe {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(unsafe pipe(&ends) == 0)
            reading = ends[0]
            writing = ends[1]
        }

        func readAll() -> [UInt8] {
            var result: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = unsafe read(reading, &buffer, buffer.count)
                if count <= 0 { return result }
                result += buffer[0..<count]
            }
        }
    }

    @Test("lines arrive in order, each with its newline")
    func order() async throws {
        let pipe = try Pipe()
        let sink = DescriptorLogSink(descriptor: pipe.writing)
        for number in 0..<200 { sink.write(line: Array("line \(number)".utf8)) }
        await sink.flush()
        close(pipe.writing)
        let text = String(decoding: pipe.readAll(), as: UTF8.self)
        #expect(text == (0..<200).map { "line \($0)\n" }.joined())
        close(pipe.reading)
    }

    @Test("a reader that does not read costs bounded memory, and the loss is counted")
    func bounded() async throws {
        let pipe = try Pipe()
        let limit = 10_000
        let sink = DescriptorLogSink(descriptor: pipe.writing, limit: limit)
        let line = [UInt8](repeating: 0x78, count: 999)
        // 64 KiB fit into the pipe; the rest has to wait or be dropped, and writing must not block.
        for _ in 0..<1_000 { sink.write(line: line) }
        let reader = DedicatedThread(name: "reader")
        async let everything = reader.run { pipe.readAll() }
        await sink.flush()
        sink.write(line: Array("after".utf8))
        await sink.flush()
        close(pipe.writing)
        let text = String(decoding: try await everything, as: UTF8.self)
        close(pipe.reading)
        let lines = text.split(separator: "\n")
        let kept = lines.count { $0.hasPrefix("xxx") }
        let dropped = try lines.filter { $0.contains("log.dropped") }
            .map { try JSONValue(parsing: Array($0.utf8))["log.dropped"]?.integer ?? 0 }
        #expect(kept < 1_000)
        #expect(Int64(kept) + dropped.reduce(0, +) == 1_000)
        #expect(lines.last == "after")
    }
}
