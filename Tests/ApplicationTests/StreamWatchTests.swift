import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Streams that end with what let their readers in")
struct StreamWatchTests {
    @Test("a stream whose sign-in expires ends at the next look, long before all are looked at")
    func expiry() async throws {
        let (hub, clock) = (SignInHub(), ManualClock())
        let end = clock.now() + .seconds(10)
        let looks = Recorder<Int>()
        let watch = SignInWatch(
            hub: hub,
            source: SignInWatch.Source(
                live: { ids, now in
                    looks.record(ids.count)
                    return now < end ? ids : []
                },
                changes: { 7 },
                nextEnd: { _, now in now < end ? end : nil }
            ),
            clock: clock,
            logger: Logger(level: .error, sink: NullLogSink())
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect {
                    // Until it is cancelled.
                    try await hub.run(untilEndOf: SignInID(1)) { try await Task.sleep(for: .seconds(3_600)) }
                } throws: {
                    ($0 as? Failure)?.kind == .unauthenticated
                }
            }
            try await eventually("the stream is open") { hub.streamCount == 1 }
            try await watch.check(all: false)
            #expect(looks.all == [1], "a new stream is looked at once")
            clock.advance(by: .milliseconds(9_900))
            try await watch.check(all: false)
            #expect(looks.all == [1], "nothing changed, and nothing is due")
            #expect(hub.streamCount == 1)
            clock.advance(by: .milliseconds(200))
            try await watch.check(all: false)
            #expect(looks.all == [1, 1])
            try await group.waitForAll()
        }
        #expect(hub.streamCount == 0)
    }
}
