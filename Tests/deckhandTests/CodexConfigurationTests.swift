import CLinux
import Core
import Domain
import Providers
import Testing

@testable import deckhand

@Suite struct CodexConfigurationTests {
    private let folder = TemporaryFolder()

    private func resolve(_ environment: [String: String]) throws(ConfigurationError) -> Configuration {
        var environment = environment
        environment["DECKHAND_DATA"] = folder.path
        let surroundings = Surroundings(
            environment: environment,
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: true).resolve().configuration
    }

    @Test("CODEX_CLI_BIN alone makes a provider, with the seed's names")
    func options() throws {
        let configuration = try resolve([
            "CODEX_CLI_BIN": "sh", "PATH": "/nowhere:/bin", "AI_PROFILE_STORAGE_PATH": "/srv/profiles",
            "AI_WORKSPACE_STORAGE_PATH": "/srv/work", "CODEX_DEFAULT_MODEL": "gpt-5.5",
            "CODEX_MODEL_OPTIONS": "gpt-5.5, gpt-6-sol", "CODEX_EXEC_TIMEOUT_MS": "90000",
        ])
        let provider = try #require(configuration.providers.first)
        let codex = try #require(provider.codex)
        #expect(provider.id.rawValue == "codex" && provider.kind == .codex && provider.sources == [.account])
        #expect(provider.defaultModel == "gpt-5.5" && codex.models == ["gpt-5.5", "gpt-6-sol"])
        #expect(codex.program == "/bin/sh" && codex.timeout == .seconds(90))
        #expect(codex.profiles == "/srv/profiles" && codex.workspaces == "/srv/work")
        #expect(codex.endpoints == nil)
    }

    @Test("profiles below /tmp, and programs that are not there, are mistakes")
    func mistakes() throws {
        for environment in [
            ["CODEX_CLI_BIN": "/bin/sh"], ["CODEX_CLI_BIN": "no-such-program", "PATH": "/bin"],
        ] {
            do {
                _ = try resolve(environment)
                Issue.record("it was taken: \(environment)")
            } catch { #expect(error.mistakes.map(\.key) == ["CODEX_CLI_BIN"]) }
        }
    }

    @Test("an entry says where the services are, and how other providers may be used")
    func section() throws {
        folder.write(
            """
            {providers: {
                mine: {kind: "codex", idle: "1m", maximumProcesses: 3, endpoints: {models: "http://127.0.0.1:1/v1",
                    accounts: "http://127.0.0.1:1/a", login: "http://127.0.0.1:1"}},
                own: {kind: "anthropic", credentials: ["user"]},
            }}
            """,
            to: "deckhand.json5"
        )
        let configuration = try resolve([
            "CODEX_CLI_BIN": "/bin/sh", "AI_PROFILE_STORAGE_PATH": "/srv/profiles",
        ])
        #expect(configuration.providers.map(\.id.rawValue) == ["mine", "own"])
        let codex = try #require(configuration.providers.first?.codex)
        #expect(codex.idle == .seconds(60) && codex.maximumProcesses == 3)
        #expect(codex.endpoints?.models == "http://127.0.0.1:1/v1")
        #expect(configuration.providers.last?.sources == [.user])
    }
}
