import Core
import Testing

@Suite struct SmokeTests {
    @Test func aCommandRunsThroughTheRealProgram() async throws {
        try await TestServer.with { server in
            let (_, json, output) = try await server.run("echo hello; exit 3")
            #expect(output == Array("hello\n".utf8))
            #expect(json["exit_code"]?.integer == 3)
        }
    }
}
