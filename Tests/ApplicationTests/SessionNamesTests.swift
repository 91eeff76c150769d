import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Random session names")
struct SessionNamesTests {
    private let names = SessionNames(cryptography: FakeCryptography())
    private let now = ManualClock().now()

    @Test("names are readable, allowed and different")
    func shape() throws {
        var seen: Set<String> = []
        for _ in 0..<500 {
            let name = try names.random().rawValue
            let parts = name.split(separator: "-")
            #expect(parts.count == 3)
            #expect(parts.last?.count == 5)
            #expect(
                name.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                }
            )
            seen.insert(name)
        }
        #expect(seen.count == 500)
    }

    @Test("the same request within the window gets the same name, another or a later one does not")
    func memory() throws {
        let first = try names.name(repeatedBy: "a", window: .seconds(60), now: now)
        #expect(try names.name(repeatedBy: "a", window: .seconds(60), now: now + .seconds(60)) == first)
        #expect(try names.name(repeatedBy: "b", window: .seconds(60), now: now) != first)
        let later = try names.name(repeatedBy: "a", window: .seconds(60), now: now + .seconds(61))
        #expect(later != first)
        #expect(try names.name(repeatedBy: "a", window: .seconds(60), now: now + .seconds(100)) == later)
    }

    @Test("a flood of requests costs bounded memory and does not mix names up")
    func flood() throws {
        for number in 0..<20_000 {
            _ = try names.name(repeatedBy: "k\(number)", window: .seconds(60), now: now)
        }
        let recent = try names.name(repeatedBy: "k19999", window: .seconds(60), now: now)
        #expect(try names.name(repeatedBy: "k19999", window: .seconds(60), now: now) == recent)
    }
}
