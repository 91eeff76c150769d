import Core
import Synchronization
import Testing
import TestSupport

@Suite("A bounded channel")
struct BoundedChannelTests {
    private final class Progress: Sendable { let last = Atomic<Int>(0) }

    @Test("offer refuses what does not fit, and receive takes all that waits in order")
    func offer() async {
        let channel = BoundedChannel<Int>(capacity: 2)
        #expect(channel.offer(1))
        #expect(channel.offer(2))
        #expect(!channel.offer(3))
        #expect(await channel.receive() == [1, 2])
        #expect(channel.offer(4))
        #expect(await channel.receive() == [4])
    }

    @Test("send waits for room, and loses and reorders nothing")
    func backpressure() async throws {
        let channel = BoundedChannel<Int>(capacity: 3)
        let sent = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 1...1_000 {
                    try await channel.send(number)
                    sent.last.store(number, ordering: .relaxed)
                }
                channel.finish()
            }
            try await eventually("the producer waits") { sent.last.load(ordering: .relaxed) == 3 }
            var received: [Int] = []
            while true {
                let batch = await channel.receive()
                if batch.isEmpty { break }
                #expect(batch.count <= 3)
                received += batch
            }
            #expect(received == Array(1...1_000))
            try await group.waitForAll()
        }
    }

    @Test("many producers all get their turn")
    func producers() async throws {
        let channel = BoundedChannel<Int>(capacity: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<20 {
                group.addTask { for number in 0..<50 { try await channel.send(producer * 50 + number) } }
            }
            var received: [Int] = []
            while received.count < 1_000 { received += await channel.receive() }
            #expect(received.sorted() == Array(0..<1_000))
            try await group.waitForAll()
        }
    }

    @Test("a cancelled send throws and does not add its element")
    func cancelledSend() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        #expect(channel.offer(1))
        let task = Task { try await channel.send(2) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await channel.receive() == [1])
        #expect(channel.offer(3))
        #expect(await channel.receive() == [3])
    }

    @Test("a cancelled receive returns nothing and takes nothing")
    func cancelledReceive() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        let task = Task { await channel.receive() }
        task.cancel()
        #expect(await task.value == [])
        #expect(channel.offer(1))
        #expect(await channel.receive() == [1])
    }

    @Test("finish refuses further elements, keeps those that wait, and wakes everybody")
    func finish() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        #expect(channel.offer(1))
        let producer = Task { try await channel.send(2) }
        channel.finish()
        await #expect(throws: CancellationError.self) { try await producer.value }
        #expect(!channel.offer(3))
        #expect(await channel.receive() == [1])
        #expect(await channel.receive() == [])

        let empty = BoundedChannel<Int>(capacity: 1)
        let consumer = Task { await empty.receive() }
        empty.finish()
        #expect(await consumer.value == [])
    }
}
