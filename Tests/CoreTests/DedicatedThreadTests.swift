import Core
import Synchronization
import Testing
import TestSupport

@Suite("A thread of its own")
struct DedicatedThreadTests {
    private actor Owner {
        nonisolated let thread = DedicatedThread(name: "test-owner")
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
        private var numbers: [Int] = []
        func add(_ number: Int) { numbers.append(number) }
        var all: [Int] { numbers }
    }

    @Test("closures run one after the other in the order of their arrival")
    func order() async throws {
        let thread = DedicatedThread(name: "test")
        let seen = Mutex<[Int]>([])
        for number in 0..<500 { thread.perform { seen.withLock { $0.append(number) } } }
        #expect(try await thread.run { seen.withLock { $0 } } == Array(0..<500))
    }

    @Test("an error of a closure reaches the caller, and the thread goes on")
    func errors() async throws {
        struct Broken: Error {}
        let thread = DedicatedThread(name: "test")
        await #expect(throws: Broken.self) { try await thread.run { throw Broken() } }
        #expect(try await thread.run { 7 } == 7)
    }

    @Test("an actor on the thread is still an actor")
    func executor() async {
        let owner = Owner()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 { group.addTask { await owner.add(number) } }
        }
        #expect(await owner.all.sorted() == Array(0..<200))
    }

    @Test("a closure that blocks does not keep other tasks from running")
    func blocking() async throws {
        let thread = DedicatedThread(name: "test")
        let gate = Mutex(false)
        let held = Atomic<Bool>(false)
        thread.perform {
            held.store(true, ordering: .sequentiallyConsistent)
            while !gate.withLock({ $0 }) {}
        }
        try await eventually("the thread is held") { held.load(ordering: .sequentiallyConsistent) }
        #expect(await Task { 1 + 1 }.value == 2)
        gate.withLock { $0 = true }
        #expect(try await thread.run { true })
    }

    @Test("what was queued runs even when the last reference goes at once")
    func lastReference() async throws {
        let ran = Mutex(0)
        do {
            let thread = DedicatedThread(name: "short-lived")
            for _ in 0..<10 { thread.perform { ran.withLock { $0 += 1 } } }
        }
        try await eventually("all ran") { ran.withLock { $0 } == 10 }
    }
}
