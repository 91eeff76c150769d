import Testing

@testable import deckhand

@Suite struct LeaveKeyTests {
    private static let key: UInt8 = 0x1D

    @Test("three times in a row leaves, however the keys arrive")
    func three() {
        var key = LeaveKey()
        #expect(!key.isPressed(in: [Self.key, Self.key]))
        #expect(key.isPressed(in: [Self.key]))
        var together = LeaveKey()
        #expect(together.isPressed(in: Array("ls\r".utf8) + [Self.key, Self.key, Self.key]))
    }

    @Test("another key in between begins anew")
    func between() {
        var key = LeaveKey()
        #expect(!key.isPressed(in: [Self.key, Self.key, 65, Self.key]))
        #expect(!key.isPressed(in: [Self.key]))
        #expect(!key.isPressed(in: []))
        #expect(key.isPressed(in: [Self.key]))
    }
}
