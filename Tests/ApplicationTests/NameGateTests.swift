import Domain
import Testing

@testable import Application

@Suite("Names that are being removed")
struct NameGateTests {
    @Test("users share a name, a removal has it alone, and each refuses the other")
    func apart() async throws {
        let gate = NameGate()
        let (name, other) = (try SessionName("a"), try SessionName("b"))
        let use = try await gate.use(name) {
            (
                await Self.code(gate.use, name), await Self.code(gate.remove, name),
                await Self.code(gate.remove, other)
            )
        }
        #expect(use == (nil, "session_busy", nil))
        let removal = try await gate.remove(name) {
            (
                await Self.code(gate.use, name), await Self.code(gate.remove, name),
                await Self.code(gate.use, other)
            )
        }
        #expect(removal == ("session_busy", "session_busy", nil))
        // Whatever becomes of it, it is over then.
        await #expect(throws: Failure.self) {
            try await gate.remove(name) { throw Failure(.invalid, code: "x", message: "x") }
        }
        let after = (await Self.code(gate.use, name), await Self.code(gate.remove, name))
        #expect(after == (nil, nil))
    }

    private typealias Verb = (SessionName, () async throws -> Void) async throws -> Void

    /// The code of a refusal; nil when it was let in.
    private static func code(_ verb: Verb, _ name: SessionName) async -> String? {
        do {
            try await verb(name) {}
            return nil
        } catch { return (error as? Failure)?.code ?? "\(error)" }
    }
}
