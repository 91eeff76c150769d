import Core
import Testing
import TestSupport

@Suite("A queue with two ends")
struct DequeTests {
    @Test("any sequence of operations leaves what an array would have")
    func model() {
        var generator = SeededGenerator()
        for _ in 0..<50 {
            var deque = Deque<Int>()
            var model: [Int] = []
            for step in 0..<400 {
                switch Int.random(in: 0..<6, using: &generator) {
                case 0...2:
                    deque.append(step)
                    model.append(step)
                case 3:
                    #expect(
                        deque.popFirst() == (model.isEmpty ? nil : model.removeFirst()),
                        "seed \(generator.seed)"
                    )
                case 4 where !model.isEmpty:
                    let index = Int.random(in: model.indices, using: &generator)
                    deque.remove(at: index)
                    model.remove(at: index)
                default:
                    let wanted = Int.random(in: 0...step, using: &generator)
                    let index = model.firstIndex { $0 >= wanted }
                    #expect(deque.firstIndex { $0 >= wanted } == index, "seed \(generator.seed)")
                    #expect(deque.firstIndex { $0 >= wanted } == index, "seed \(generator.seed)")
                    if let index { deque.remove(at: index) }
                    if let index { model.remove(at: index) }
                }
                let same =
                    deque.count == model.count && (0..<deque.count).allSatisfy { deque[$0] == model[$0] }
                guard same, deque.first == model.first, deque.isEmpty == model.isEmpty else {
                    Issue.record("step \(step), seed \(generator.seed)")
                    return
                }
            }
        }
    }

    @Test("update reaches exactly the elements that are left")
    func update() {
        var deque = Deque<Int>()
        for number in 0..<100 { deque.append(number) }
        for _ in 0..<40 { _ = deque.popFirst() }
        deque.update { $0 += 1_000 }
        #expect((0..<deque.count).map { deque[$0] } == (1_040..<1_100).map { $0 })
    }
}
