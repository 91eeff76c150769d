import Domain
import Testing

@testable import API

@Suite("Byte ranges")
struct ByteRangeTests {
    @Test(
        "forms that are understood, and those that are ignored",
        arguments: [
            ("bytes=0-0", 0, 0), ("bytes=5-", 5, nil), ("bytes=-5", nil, 5), ("bytes= 1 - 2 ", 1, 2),
            ("bytes=0-9223372036854775807", 0, Int64.max),
        ] as [(String, Int64?, Int64?)]
    )
    func understood(header: String, first: Int64?, last: Int64?) throws {
        let range = try #require(ByteRange(header))
        #expect(range.first == first)
        #expect(range.last == last)
    }

    @Test(
        "what a server may ignore is ignored",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=2-1", "bytes=0-1,3-4", "items=0-1",
            "bytes=+1-2",
            "bytes=1--2", "bytes=99999999999999999999-", "bytes=0x1-2", "bytes=--1",
        ]
    )
    func ignored(header: String) {
        #expect(ByteRange(header) == nil)
    }

    @Test(
        "resolved within a length",
        arguments: [
            ("bytes=0-9", 100, 0, 10), ("bytes=90-200", 100, 90, 100), ("bytes=99-99", 100, 99, 100),
            ("bytes=5-", 100, 5, 100), ("bytes=-5", 100, 95, 100), ("bytes=-500", 100, 0, 100),
            ("bytes=0-9223372036854775807", 100, 0, 100),
        ] as [(String, Int64, Int64, Int64)]
    )
    func resolved(header: String, length: Int64, start: Int64, end: Int64) throws {
        let range = try #require(ByteRange(header))
        #expect(try range.resolve(length: length, gap: nil) == (start, end))
    }

    @Test("what does not exist is 416", arguments: ["bytes=100-", "bytes=100-200", "bytes=-0"])
    func unsatisfiable(header: String) throws {
        let range = try #require(ByteRange(header))
        let failure = #expect(throws: Failure.self) { try range.resolve(length: 100, gap: nil) }
        #expect(failure?.kind == .rangeNotSatisfiable)
        #expect(throws: Failure.self) { try range.resolve(length: 0, gap: nil) }
    }

    @Test(
        "a range never spans bytes that were not kept",
        arguments: [
            ("bytes=0-99", 0, 40), ("bytes=39-60", 39, 40), ("bytes=60-", 60, 100), ("bytes=-50", 60, 100),
            ("bytes=-70", 30, 40), ("bytes=-10", 90, 100),
        ] as [(String, Int64, Int64)]
    )
    func gap(header: String, start: Int64, end: Int64) throws {
        let range = try #require(ByteRange(header))
        #expect(try range.resolve(length: 100, gap: OmittedRange(start: 40, end: 60)) == (start, end))
    }

    @Test(
        "a range inside the gap is 416 and says where the gap is",
        arguments: ["bytes=40-59", "bytes=59-99", "bytes=45-"]
    )
    func insideGap(header: String) throws {
        let range = try #require(ByteRange(header))
        let failure = #expect(throws: Failure.self) {
            try range.resolve(length: 100, gap: OmittedRange(start: 40, end: 60))
        }
        #expect(failure?.hint?.contains("40 to 59") == true)
    }
}
