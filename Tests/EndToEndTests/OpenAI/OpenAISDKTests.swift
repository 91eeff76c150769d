import Core
import Testing

/// The official Python SDK, and the schema of Open Responses, against a server that was started.
@Suite struct OpenAISDKTests {
    private static let providers = """
        talk: {kind: "scripted", script: {answers: [
            {text: ["Hé", "日"], usage: {input: 9, output: 3, reasoning: 1}}]}},
        call: {kind: "scripted", script: {shell_tool: false, answers: [
            {calls: [{name: "look", arguments: {at: "日"}}, {name: "look", arguments: {at: "b"}}]},
            {text: ["Both are fine."]}]}},
        shell: {kind: "scripted", script: {answers: [{calls: [{commands: ["ls", "pwd"]}]}, {text: ["Done."]}]}},
        form: {kind: "scripted", script: {answers: [{text: ["{\\"city\\":\\"Os", "lo\\",\\"degrees\\":7}"]}]}},
        busy: {kind: "scripted", script: {answers: [{fail: 429}]}},
        broken: {kind: "scripted", script: {answers: [{text: ["Hal"], cut: true}]}},
        """

    @Test func theOfficialSDKTalksToUsWithItsHelpers() async throws {
        try await TestServer.with(providers: Self.providers) { server in
            let run = try await PythonSDK.run(
                "sdk_check.py",
                [
                    server.baseURL + "/v1", try await server.token(allowing: "chat"),
                    try await server.token(allowing: "shell.read"),
                ],
                in: server.folder
            )
            #expect(run.code == 0, "\(run.text)\(run.errors)")
            #expect(run.text.hasSuffix("all of it holds\n"))
        }
    }
}
