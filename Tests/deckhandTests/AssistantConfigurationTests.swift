import Application
import CLinux
import Domain
import Testing

@testable import deckhand

@Suite struct AssistantConfigurationTests {
    private let folder = TemporaryFolder()

    private func resolve(
        _ section: String,
        providers: String = #"local: { kind: "openai-chat", baseURL: "http://127.0.0.1:9/v1" }"#
    )
        throws(ConfigurationError) -> Configuration
    {
        folder.write("{ providers: { \(providers) }, assistant: \(section) }", to: "deckhand.json5")
        let surroundings = Surroundings(
            environment: ["DECKHAND_DATA": folder.path],
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: true).resolve().configuration
    }

    private func mistakes(_ section: String) -> [ConfigurationMistake] {
        do {
            _ = try resolve(section)
            return []
        } catch { return error.mistakes }
    }

    @Test("an empty section is the defaults")
    func defaults() async throws {
        let assistant = try resolve("{}").assistant
        #expect(assistant.defaultModel == nil && assistant.instructions == nil)
        #expect(assistant.limits == TurnLimits() && assistant.prices.isEmpty)
        #expect(
            assistant.keepChats == .seconds(30 * 86_400) && assistant.keepShares == .seconds(365 * 86_400)
        )
        #expect(assistant.profile == .probed)
        let settings = assistant.settings(shellIsOn: false) { "probed" }
        #expect(await settings.profile() == "probed")
        #expect(settings.titles == .model && settings.titleModel == nil)
        #expect(settings.summaries && settings.summaryModel == nil)
        #expect(settings.shellIsOn == false && settings.softLimit == .seconds(20))
    }

    @Test("questions of one's own take the place of the widget's, and none is none")
    func prompts() throws {
        #expect(try resolve("{}").assistant.prompts == nil)
        #expect(try resolve("{ prompts: [] }").assistant.prompts?.isEmpty == true)
        let named = try resolve(#"{ prompts: [{ name: " Disks ", text: "How full?" }] }"#).assistant.prompts
        let shown = String(describing: named)
        #expect(
            named?.count == 1 && shown.contains("\"Disks\"") && shown.contains("\"How full?\""),
            "\(shown)"
        )
        for wrong in ["1", "[1]", "[{ name: \"a\" }]", "[{ name: \"\", text: \"b\" }]"] {
            #expect(!mistakes("{ prompts: \(wrong) }").isEmpty, "\(wrong)")
        }
    }

    @Test("every member is taken over, with times and sizes in both forms")
    func members() async throws {
        let assistant = try resolve(
            """
            { defaultModel: "local/qwen3:8b", instructions: "Be kind.", reasoning: "high", verbosity: "low",
              limits: { modelCalls: 5, toolCalls: 6, time: "2m", tokens: 7000, cost: 2.5 },
              prices: { "local/qwen3:8b": { input: 1, output: 2 } },
              softLimit: 30, resultBytes: "8KiB", contextBytes: 50000, maximumWorkingTurns: 3,
              titles: "first-line", titleModel: "local/small", summaries: false, summaryModel: "local/big",
              keepChats: 7, keepShares: "2d", profile: { web: "nginx", os: "AlmaLinux 9", ports: [80, 443] } }
            """
        ).assistant
        #expect(assistant.defaultModel?.description == "local/qwen3:8b")
        #expect(
            assistant.instructions == "Be kind." && assistant.reasoning == .high
                && assistant.verbosity == .low
        )
        #expect(
            assistant.limits
                == TurnLimits(
                    modelCalls: 5,
                    toolSteps: 6,
                    time: .seconds(120),
                    tokens: 7_000,
                    cost: 2_500_000
                )
        )
        #expect(
            assistant.prices.values.first
                == ModelPrice(input: 1_000_000, cachedInput: 1_000_000, output: 2_000_000)
        )
        #expect(assistant.softLimit == .seconds(30) && assistant.resultBytes == 8_192)
        #expect(assistant.titles == .firstLine && assistant.titleModel?.model == "small")
        #expect(!assistant.summaries && assistant.summaryModel?.model == "big")
        #expect(assistant.contextBytes == 50_000 && assistant.maximumWorkingTurns == 3)
        #expect(assistant.keepChats == .seconds(7 * 86_400) && assistant.keepShares == .seconds(2 * 86_400))
        let settings = assistant.settings(shellIsOn: true) { "probed" }
        #expect(await settings.profile() == "os: AlmaLinux 9\nports: [80,443]\nweb: nginx")
    }

    @Test("prices that stand with a provider's model count, and those of the section replace them")
    func prices() throws {
        let providers = """
            local: { kind: "openai-chat", baseURL: "http://127.0.0.1:9/v1",
                models: [{ name: "a", price: { input: 1, output: 2 } }, { name: "b", price: { input: 3, output: 4 } }] }
            """
        let assistant = try resolve(
            #"{ prices: { "local/b": { input: 5, cachedInput: 0, output: 6 } } }"#,
            providers: providers
        ).assistant
        let price = { (name: String) in ModelReference(text: name).flatMap { assistant.prices[$0] } }
        #expect(price("local/a") == ModelPrice(input: 1_000_000, cachedInput: 1_000_000, output: 2_000_000))
        #expect(price("local/b") == ModelPrice(input: 5_000_000, cachedInput: 0, output: 6_000_000))
    }

    @Test("instructions come from a file of the user's own")
    func instructionsFile() throws {
        folder.write("Heed this.\n", to: "instructions.md")
        #expect(
            try resolve(#"{ instructionsFile: "instructions.md" }"#).assistant.instructions == "Heed this."
        )
        #expect(
            mistakes(#"{ instructionsFile: "instructions.md", instructions: "x" }"#).map(\.key)
                == ["assistant.instructionsFile"]
        )
        folder.write("Heed me.\n", to: "instructions.md", mode: 0o666)
        #expect(
            mistakes(#"{ instructionsFile: "instructions.md" }"#).first?.reason.contains("others may write")
                == true
        )
        #expect(
            mistakes(#"{ instructionsFile: "missing" }"#).first?.reason.contains("does not exist") == true
        )
    }

    @Test(
        "mistakes name the member, say what is wrong, and what is allowed",
        arguments: [
            (#"{ defaultModel: "gpt" }"#, "assistant.defaultModel", "provider/model"),
            (#"{ defaultModel: "other/m" }"#, "assistant.defaultModel", "configured providers are: local"),
            (#"{ reasoning: "hard" }"#, "assistant.reasoning", "none, minimal, low"),
            (#"{ verbosity: 3 }"#, "assistant.verbosity", "quotes"),
            (#"{ limits: { time: "3x" } }"#, "assistant.limits.time", "from 10s to 30d"),
            (#"{ limits: { calls: 3 } }"#, "assistant.limits.calls", "modelCalls"),
            (#"{ limits: 3 }"#, "assistant.limits", "{ … }"),
            (#"{ limits: { cost: "much" } }"#, "assistant.limits.cost", "a turn may cost"),
            (#"{ prices: { "local/m": { input: 3 } } }"#, "assistant.prices.local/m.input", "tokens cost"),
            (#"{ prices: { m: { input: 3, output: 4 } } }"#, "assistant.prices.m", "provider/model"),
            (#"{ softLimit: 0 }"#, "assistant.softLimit", "from 1s to 600s"),
            (#"{ resultBytes: "1" }"#, "assistant.resultBytes", "1000"),
            (#"{ keepChats: "0" }"#, "assistant.keepChats", "number of days"),
            (#"{ profile: 7 }"#, "assistant.profile", "an object of facts"),
            (#"{ profile: {} }"#, "assistant.profile", "an object of facts"),
            (#"{ profil: {} }"#, "assistant.profil", "profile"),
            (#"[]"#, "assistant", "{ … }"),
        ]
    )
    func mistakes(section: String, key: String, hint: String) throws {
        let found = mistakes(section)
        let mistake = try #require(found.first { $0.key == key }, "\(found)")
        #expect(mistake.hint.contains(hint), "\(mistake)")
        #expect(found.count == 1)
    }

    @Test("check shows the model, the limits, how long things are kept, and a given profile")
    func check() throws {
        let configuration = try resolve(
            #"{ defaultModel: "local/m", limits: { cost: 0.25 }, keepChats: 3, profile: { web: "nginx \u001b[31m" } }"#
        )
        let findings = AssistantProbes.all(configuration)
        let text = { (name: String) in findings.first { $0.name == name }?.text ?? "" }
        #expect(text("assistant.model") == "local/m")
        #expect(
            text("assistant.limits").contains("cost 0.25") && text("assistant.limits").contains("no effect")
        )
        #expect(text("assistant.retention") == "chats 3d after their last use, shares 365d")
        #expect(text("profile.web") == "nginx  [31m")
    }
}
