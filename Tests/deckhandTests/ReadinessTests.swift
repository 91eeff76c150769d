import Synchronization
import Testing

@testable import deckhand

@Suite("Readiness")
struct ReadinessTests {
    @Test("is what the last write said, asked once a second at most, and over when the server ends")
    func reasons() async {
        let writes = Mutex(0)
        let full = Readiness {
            writes.withLock { $0 += 1 }
            throw CancellationError()
        }
        for _ in 0..<5 { #expect(await full.reason() == "The database takes no writes.") }
        #expect(writes.withLock { $0 } < 5)
        let fine = Readiness {}
        #expect(await fine.reason() == nil)
        fine.end()
        #expect(await fine.reason() == "The server is going down.")
    }
}
