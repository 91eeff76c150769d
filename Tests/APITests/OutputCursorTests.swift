import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("Cutting output into events")
struct OutputCursorTests {
    private let reference: OutputReference

    init() throws { reference = OutputReference(folder: try SessionName("s"), number: 1) }

    /// Reads a store to its end as a stream does.
    private func follow(
        _ store: MemoryOutputStore,
        from start: Int64 = 0,
        count: Int = 1 << 20,
        isOver: Bool = true
    ) async throws
        -> [SSEEvent]
    {
        var cursor = OutputCursor(offset: start)
        var events: [SSEEvent] = []
        for _ in 0..<10_000 {
            let chunk = try await store.read(reference, stream: .combined, from: cursor.offset, count: count)
            var more = cursor.take(chunk, isLast: false)
            if more.isEmpty, isOver { more = cursor.take(chunk, isLast: true) }
            if more.isEmpty { return events }
            events += more
        }
        Issue.record("no end")
        return events
    }

    private func member(_ event: SSEEvent, _ key: String) -> JSONValue? {
        (try? JSONValue(parsing: Array(event.data.utf8)))?[key]
    }

    private func text(_ events: [SSEEvent]) -> String {
        events.compactMap { member($0, "text")?.string }.joined()
    }

    private static let sample = "a\u{0}ä€😀 — ж\n日本語\u{10FFFF}!"

    @Test("every size of chunk gives the same text, whole characters in each event", arguments: 4...48)
    func chunks(size: Int) async throws {
        let store = MemoryOutputStore(longestRead: size)
        store.append(Array(Self.sample.utf8), to: reference)
        let events = try await follow(store)
        #expect(text(events) == Self.sample)
        #expect(events.allSatisfy { member($0, "base64") == nil })
        var offset: Int64 = 0
        for event in events {
            #expect(member(event, "offset")?.integer == offset)
            offset = Int64(event.id ?? "") ?? -1
        }
        #expect(offset == Int64(Self.sample.utf8.count))
    }

    @Test(
        "output that arrives byte by byte gives the same text, and holds characters back until they are whole"
    )
    func byteByByte() async throws {
        let store = MemoryOutputStore()
        var cursor = OutputCursor(offset: 0)
        var events: [SSEEvent] = []
        for byte in Array(Self.sample.utf8) {
            store.append([byte], to: reference)
            let chunk = try await store.read(reference, stream: .combined, from: cursor.offset, count: 99)
            events += cursor.take(chunk, isLast: false)
        }
        #expect(text(events) == Self.sample)
    }

    @Test("reconnecting at the id of any event gives exactly the rest")
    func resume() async throws {
        let store = MemoryOutputStore(longestRead: 7)
        store.append(Array(Self.sample.utf8), to: reference)
        let events = try await follow(store)
        for (index, event) in events.enumerated() {
            let rest = try await follow(store, from: Int64(event.id ?? "") ?? -1)
            #expect(text(rest) == text(Array(events[(index + 1)...])))
        }
    }

    @Test("a gap is told exactly once, and ids go on after it")
    func gap() async throws {
        for size in [3, 10, 1_000] {
            let store = MemoryOutputStore(longestRead: size)
            store.append(Array(("headä" + String(repeating: "?", count: 50) + "tail").utf8), to: reference)
            store.omit(OmittedRange(start: 6, end: 56), of: reference)
            let events = try await follow(store)
            #expect(text(events) == "headätail", "size \(size)")
            let gaps = events.filter { $0.event == "omitted" }
            #expect(gaps.map(\.data) == ["{\"start\":6,\"end\":56}"], "size \(size)")
            #expect(gaps.first?.id == "56")
            let resumed = try await follow(store, from: 20)
            #expect(text(resumed) == "tail")
            #expect(resumed.first?.data == "{\"start\":20,\"end\":56}")
        }
    }

    @Test("a gap in the middle of a character does not stop the stream")
    func gapInCharacter() async throws {
        let store = MemoryOutputStore()
        store.append(Array("ab€".utf8) + Array("xyz".utf8), to: reference)
        store.omit(OmittedRange(start: 4, end: 6), of: reference)
        let events = try await follow(store, isOver: false)
        #expect(events.map(\.event) == ["output", "omitted", "output"])
        #expect(
            events.last.flatMap { member($0, "base64")?.string ?? member($0, "text")?.string } == "yz"
                || events.count == 3
        )
        #expect(events.last?.id == "8")
    }

    @Test("bytes that are no text come as base64, and lose nothing")
    func binary() async throws {
        let store = MemoryOutputStore()
        store.append([0xFF, 0xFE, 0x00], to: reference)
        let events = try await follow(store)
        #expect(events.count == 1)
        #expect(member(events[0], "base64")?.string == "//4A")
        #expect(events[0].id == "3")
    }

    @Test("an incomplete character is sent at the end only")
    func incomplete() async throws {
        let store = MemoryOutputStore()
        store.append(Array("a".utf8) + [0xE2, 0x82], to: reference)
        #expect(text(try await follow(store, isOver: false)) == "a")
        let all = try await follow(store)
        #expect(all.count == 2)
        #expect(member(all[1], "base64")?.string == "4oI=")
    }

    @Test("streams are told apart")
    func streams() async throws {
        let store = MemoryOutputStore()
        store.append(Array("out".utf8), from: .stdout, to: reference)
        store.append(Array("err".utf8), from: .stderr, to: reference)
        let events = try await follow(store)
        #expect(events.map { member($0, "stream")?.string } == ["stdout", "stderr"])
        #expect(events.map { member($0, "text")?.string } == ["out", "err"])
        #expect(events.map(\.id) == ["3", "6"])
    }

    @Test(
        "incomplete tails",
        arguments: [
            ([], 0), ([0x61], 0), ([0xC3], 1), ([0xC3, 0xA4], 0), ([0xE2], 1), ([0xE2, 0x82], 2),
            ([0xE2, 0x82, 0xAC], 0),
            ([0xF0], 1), ([0xF0, 0x9F], 2), ([0xF0, 0x9F, 0x98], 3), ([0xF0, 0x9F, 0x98, 0x80], 0),
            ([0x80], 0),
            ([0x80, 0x80, 0x80, 0x80], 0), ([0xFF], 0), ([0xC0], 0), ([0xF5], 0), ([0x61, 0xC3], 1),
        ] as [([UInt8], Int)]
    )
    func tails(bytes: [UInt8], count: Int) {
        #expect(bytes.incompleteUTF8Tail == count)
    }

    @Test(
        "base64 is RFC 4648",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
    )
    func base64(plain: String, coded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == coded)
        #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
    }
}
