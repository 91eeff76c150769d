import Testing

@testable import deckhand

@Suite struct LeaveKeyTests {
    private static let key: UInt8 = 0x1D

    private func expect(_ isPressed: Bool, _ key: inout LeaveKey, _ keys: [UInt8]) {
        let result = key.isPressed(in: keys)
        #expect(result == isPressed, "\(keys)")
    }

    @Test("three times in a row leaves, however the keys arrive")
    func three() {
        var key = LeaveKey()
        expect(false, &key, [Self.key, Self.key])
        expect(true, &key, [Self.key])
        var together = LeaveKey()
        expect(true, &together, Array("ls\r".utf8) + [Self.key, Self.key, Self.key])
    }

    @Test("another key in between begins anew")
    func between() {
        var key = LeaveKey()
        expect(false, &key, [Self.key, Self.key, 65, Self.key])
        expect(false, &key, [Self.key])
        expect(false, &key, [])
        expect(true, &key, [Self.key])
    }
}
