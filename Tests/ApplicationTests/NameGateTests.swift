import Domain
import Testing

@testable import Application

@Suite("Names that are being removed")
struct NameGateTests {
    @Test("users share a name, a removal has it alone, and each refuses the other")
    func apart() async throws {
        let gate = NameGate()
        let (name, other) = (try SessionName("a"), try SessionName("b"))
        func code(_ body: () async throws -> Void) async -> String? {
            do {
                try await body()
                return nil
            } catch { return (error as? Failure)?.code }
        }
        try await gate.use(name) {
            #expect(await code { try await gate.use(name) {} } == nil)
            #expect(await code { try await gate.remove(name) {} } == "session_busy")
            #expect(await code { try await gate.remove(other) {} } == nil)
        }
        try await gate.remove(name) {
            #expect(await code { try await gate.use(name) {} } == "session_busy")
            #expect(await code { try await gate.remove(name) {} } == "session_busy")
            #expect(await code { try await gate.use(other) {} } == nil)
        }
        #expect(await code { try await gate.remove(name) { throw Failure(.invalid, code: "x", message: "x") } } == "x")
        #expect(await code { try await gate.use(name) {} } == nil)
        #expect(await code { try await gate.remove(name) {} } == nil)
    }
}
