import CLinux
import Core
import Domain
import Providers
import TestSupport
import Testing

@testable import deckhand

@Suite struct ProviderConfigurationTests {
    private let folder = TemporaryFolder()

    private func resolve(_ environment: [String: String] = [:], isClient: Bool = false)
        throws(ConfigurationError) -> ResolvedConfiguration
    {
        var environment = environment
        environment["DECKHAND_DATA"] = folder.path
        let surroundings = Surroundings(
            environment: environment,
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: !isClient).resolve()
    }

    private func mistakes(_ environment: [String: String] = [:]) -> [ConfigurationMistake] {
        do {
            _ = try resolve(environment)
            return []
        } catch {
            return error.mistakes
        }
    }

    @Test("without a key there is no provider")
    func none() throws {
        #expect(try resolve().configuration.providers.isEmpty)
    }

    @Test("OPENAI_API_KEY alone makes a provider, from the environment and from .env")
    func key() throws {
        let provider = try #require(resolve(["OPENAI_API_KEY": "sk-1"]).configuration.providers.first)
        #expect(provider.id.rawValue == "openai" && provider.kind == .openAIResponses)
        #expect(provider.baseURL == "https://api.openai.com/v1")
        #expect(provider.defaultModel == "gpt-5.1")
        #expect(provider.key?.reveal() == "sk-1" && provider.keySource == "OPENAI_API_KEY")

        folder.write(
            "OPENAI_API_KEY=sk-2\nOPENAI_BASE_URL=http://localhost:8080/v1/\nOPENAI_MODEL=m\n",
            to: ".env"
        )
        let other = try #require(resolve().configuration.providers.first)
        #expect(other.key?.reveal() == "sk-2" && other.baseURL == "http://localhost:8080/v1")
        #expect(other.defaultModel == "m")
        #expect(try resolve(isClient: true).configuration.providers.isEmpty)
    }

    @Test(
        "a vendor's key alone makes a provider with a model, which has an option of its own",
        arguments: [
            ("anthropic", ProviderKind.anthropic, "claude-opus-5-5"), ("gemini", .gemini, "gemini-3-pro"),
            ("openai", .openAIResponses, "gpt-5.1"),
        ]
    )
    func vendorModels(id: String, kind: ProviderKind, model: String) throws {
        let name = id.uppercased()
        let found = try resolve(["\(name)_API_KEY": "k-1"]).configuration.providers
        #expect(found.map(\.id.rawValue) == [id] && found.map(\.kind) == [kind])
        #expect(found.map(\.defaultModel) == [model])
        let chosen = try resolve(["\(name)_API_KEY": "k-1", "\(name)_MODEL": "m"]).configuration.providers
        #expect(chosen.map(\.defaultModel) == ["m"])
    }

    @Test("an entry with a vendor's name keeps key and model of the environment, unless it goes elsewhere")
    func keptKey() throws {
        folder.write(
            """
            { providers: {
                anthropic: { kind: "anthropic", retries: 0 },
                gemini: { kind: "gemini", baseURL: "https://example.com" },
                openai: { kind: "openai-responses", models: [{ name: "a" }, { name: "b" }] },
                other: { kind: "anthropic", defaultModel: "m" },
            } }
            """,
            to: "deckhand.json5"
        )
        let environment = [
            "ANTHROPIC_API_KEY": "k-a", "GEMINI_API_KEY": "k-g", "OPENAI_API_KEY": "k-o",
            "OPENAI_BASE_URL": "https://example.com/v1",
        ]
        let found = try resolve(environment).configuration.providers
        #expect(found.map(\.id.rawValue) == ["anthropic", "gemini", "openai", "other"])
        #expect(found.map { $0.key?.reveal() } == ["k-a", nil, "k-o", nil])
        #expect(found[0].keySource == "ANTHROPIC_API_KEY" && found[0].limits.retries == 0)
        #expect(found[0].defaultModel == "claude-opus-5-5")
        #expect(found[1].defaultModel == nil && found[2].defaultModel == nil)
        #expect(found[2].baseURL == "https://example.com/v1")
    }

    @Test("a key in keys/PROVIDER is read when none is given, from a file of the server's user alone")
    func keyFiles() throws {
        folder.write(
            #"{ providers: { work: { kind: "openai-chat", baseURL: "https://example.com" } } }"#,
            to: "deckhand.json5"
        )
        folder.makeFolder("keys")
        folder.write("k-work\n", to: "keys/work")
        folder.write("k-gemini\n", to: "keys/gemini")
        let found = try resolve().configuration.providers
        #expect(found.map(\.id.rawValue) == ["gemini", "work"])
        #expect(found.map { $0.key?.reveal() } == ["k-gemini", "k-work"])
        #expect(found[0].defaultModel == "gemini-3-pro" && found[0].keySource == folder.path + "/keys/gemini")
        let given = try resolve(["GEMINI_API_KEY": "k-given"]).configuration.providers
        #expect(given[0].key?.reveal() == "k-given")
        folder.write("k-work\n", to: "keys/work", mode: 0o640)
        let mistake = try #require(mistakes().first)
        #expect(mistake.key == "keys/work" && mistake.hint.contains("chmod 600"))
    }

    @Test("the installation's own keys are nobody's", arguments: ["master", "audit"])
    func ownKeys(name: String) throws {
        folder.write(
            #"{ providers: { "\#(name)": { kind: "openai-chat", baseURL: "https://example.com" } } }"#,
            to: "deckhand.json5"
        )
        folder.makeFolder("keys")
        folder.write("0123456789abcdef0123456789abcdef", to: "keys/\(name)")
        let found = try resolve().configuration.providers
        #expect(found.count == 1 && found[0].key == nil)
    }

    @Test("keys are shown by their length only, and have no flag")
    func secrecy() throws {
        let resolved = try resolve(["OPENAI_API_KEY": "sk-secret-1"])
        let report = CheckReport(resolved: resolved, findings: [])
        #expect(!report.text.contains("sk-secret"))
        #expect(report.text.contains("set, 11 characters"))
        #expect(!String(decoding: report.json, as: UTF8.self).contains("sk-secret"))
        #expect(ConfigurationOption.providers.filter(\.isSecret).allSatisfy { $0.flag == nil })
    }

    @Test("the section makes providers in the order of their names, and replaces a vendor's")
    func section() throws {
        folder.write("LOCAL_KEY='k-local'\n", to: ".env")
        folder.write("k-file\n", to: "key")
        folder.write(
            """
            { providers: {
                work: { kind: "openai-responses", key: { file: "key" }, retries: 0, streams: false, models: [
                    { name: "m", title: "M", contextWindow: 4000, images: false, efforts: ["low", "high"],
                      price: { input: 1.25, output: 10 } },
                ] },
                local: { kind: "openai-responses", baseURL: "http://127.0.0.1:1/v1", key: { env: "LOCAL_KEY" } },
                openai: { kind: "openai-responses", baseURL: "https://example.com/v1", key: { env: "OPENAI_API_KEY" } },
            } }
            """,
            to: "deckhand.json5"
        )
        let providers = try resolve(["OPENAI_API_KEY": "sk-1"]).configuration.providers
        #expect(providers.map(\.id.rawValue) == ["local", "openai", "work"])
        #expect(providers[0].key?.reveal() == "k-local" && providers[0].keySource == "LOCAL_KEY")
        #expect(providers[0].defaultModel == nil)
        #expect(providers[1].baseURL == "https://example.com/v1" && providers[1].key?.reveal() == "sk-1")
        #expect(providers[2].key?.reveal() == "k-file")
        #expect(providers[2].baseURL == "https://api.openai.com/v1" && providers[2].defaultModel == "m")
        #expect(providers[2].limits.retries == 0 && !providers[2].streams)
        let model = try #require(providers[2].model("m"))
        #expect(model.contextWindow == 4_000 && model.images == false && model.efforts == [.low, .high])
        #expect(
            model.price == ModelPrice(input: 1_250_000, cachedInput: 1_250_000, output: 10_000_000)
        )
    }

    @Test("all mistakes are reported together, without secrets")
    func allMistakes() {
        folder.write("k", to: "open-key", mode: 0o644)
        folder.write(
            """
            { settings: { max_running: "many" }, providers: {
                a: { kind: "telepathy" },
                b: { kind: "openai-responses", baseURL: "http://example.com/v1", key: "sk-inline" },
                c: { kind: "openai-responses", key: { env: "MISSING_KEY" }, models: [{ nam: "m" }] },
                d: { kind: "openai-responses", key: { file: "open-key" }, defaultModle: "m" },
                "e f": {},
            } }
            """,
            to: "deckhand.json5"
        )
        let found = mistakes(["OPENAI_BASE_URL": "http://example.com"])
        let keys = Set(found.map(\.key))
        let expected: Set<String> = [
            "OPENAI_BASE_URL", "providers.a.kind", "providers.b.baseURL", "providers.b.key",
            "providers.c.key", "providers.c.models[0].name", "providers.c.models[0].nam", "providers.d.key",
            "providers.d.defaultModle", "providers.e f",
        ]
        #expect(expected.isSubset(of: keys), "missing: \(expected.subtracting(keys))")
        #expect(found.count == expected.count + 1)
        #expect(!found.contains { $0.reason.contains("sk-inline") || $0.hint.contains("sk-inline") })
        #expect(found.first { $0.key.hasSuffix("Modle") }?.reason.contains("defaultModel") == true)
    }

    @Test("check says which provider does not answer, and that the server can be started nevertheless")
    func check() async throws {
        let configuration = try resolve([
            "OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
        ]).configuration
        let findings = await ProviderProbes.all(configuration)
        let finding = try #require(findings.first)
        #expect(findings.count == 1 && finding.name == "provider.openai" && finding.verdict == .weak)
        #expect(finding.text.contains("http://127.0.0.1:1/v1") && finding.hint != nil)
        #expect(!"\(finding)".contains("sk-secret"))
    }

    @Test("check tries every provider: one that answers, one that refuses the key, one without the model")
    func checkAll() async throws {
        let vendor = LoopbackServer { peer in
            guard let head = peer.readHead() else { return }
            guard head.contains("sk-right") else {
                return peer.respond(
                    #"{"error":{"message":"Incorrect API key provided: sk-wrong","code":"invalid_api_key"}}"#,
                    status: "401 Unauthorized",
                    headers: "Content-Type: application/json\r\nConnection: close\r\n"
                )
            }
            peer.respond(#"{"data":[{"id":"m"}]}"#, headers: "Connection: close\r\n")
        }
        defer { vendor.stop() }
        func provider(_ id: String, _ key: String, _ model: String) -> String {
            "\(id): {kind: 'openai-chat', baseURL: '\(vendor.url)/v1', defaultModel: '\(model)', key: {env: '\(key)'}}"
        }
        folder.write(
            """
            {providers: {\(provider("good", "RIGHT", "m")), \(provider("shut", "WRONG", "m")),
                \(provider("other", "RIGHT", "unlisted"))}}
            """,
            to: "deckhand.json5"
        )
        let resolved = try resolve(["RIGHT": "sk-right", "WRONG": "sk-wrong"])
        let findings = await ProviderProbes.all(resolved.configuration)
        let found = Dictionary(uniqueKeysWithValues: findings.map { ($0.name, $0) })
        #expect(Set(found.keys) == ["provider.good", "provider.shut", "provider.other"])
        #expect(found["provider.good"]?.verdict == .fine)
        #expect(found["provider.shut"]?.verdict == .weak && found["provider.shut"]?.hint != nil)
        #expect(found["provider.other"]?.verdict == .weak)
        #expect(found["provider.other"]?.text.contains("unlisted") == true)
        #expect(!"\(findings)".contains("sk-right") && !"\(findings)".contains("sk-wrong"))
    }
}
