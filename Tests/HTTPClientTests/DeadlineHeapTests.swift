import TestSupport
import Testing

@testable import HTTPClient

@Suite("Deadlines of transfers")
struct DeadlineHeapTests {
    @Test("the earliest is first, whatever comes, moves and goes", arguments: 1...20 as ClosedRange<UInt64>)
    func earliest(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let start = ContinuousClock.now
        let members = (0..<40).map { _ in Appointment() }
        var heap = DeadlineHeap<Appointment>()
        var times: [Int: ContinuousClock.Instant] = [:]
        for _ in 0..<2_000 {
            let index = Int.random(in: 0..<members.count, using: &random)
            let isGone = Int.random(in: 0..<4, using: &random) == 0
            let time = isGone ? nil : start + .milliseconds(Int.random(in: 0..<1_000, using: &random))
            heap.schedule(members[index], at: time)
            times[index] = time
            #expect(heap.first?.time == times.values.min())
            #expect(heap.count == times.count)
        }
        while let first = heap.first {
            #expect(first.time == times.values.min())
            heap.schedule(first, at: nil)
            times = times.filter { members[$0.key].time != nil }
        }
        #expect(times.isEmpty)
    }
}
