import API
import Application
import Core
import Domain
import Providers

/// Reads the section `assistant` of `deckhand.json5`.
struct AssistantSectionReader {
    private static let instructionsLimit = 256 << 10
    private static let mostPrompts = 30
    private static let longest = Duration.seconds(3_650 * 86_400)

    private let surroundings: Surroundings
    private let source: ConfigurationSource
    private let providers: [ProviderSettings]
    private(set) var mistakes: [ConfigurationMistake] = []

    init(_ surroundings: Surroundings, file: String, providers: [ProviderSettings]) {
        self.surroundings = surroundings
        self.providers = providers
        source = .file(path: file)
    }

    /// The section, or its defaults; prices that stand with the providers' models are taken over.
    mutating func read(_ value: JSONValue?) -> AssistantConfiguration {
        var result = AssistantConfiguration()
        for provider in providers {
            for model in provider.models {
                result.prices[ModelReference(provider: provider.id, model: model.name)] = model.price
            }
        }
        guard let value else { return result }
        let path = ConfigurationSection.assistant.rawValue
        var reader = MemberReader(value, path: path, source: source)
        result.defaultModel = reader.text("defaultModel") { text throws(UnacceptableValue) in
            try model(text)
        }
        readInstructions(&reader, &result)
        result.reasoning = reader.word("reasoning", ReasoningEffort.self)
        result.verbosity = reader.word("verbosity", Verbosity.self)
        if var limits = reader.member("limits") {
            readLimits(&limits, &result.limits)
            reader.take(limits)
        }
        readPrices(&reader, &result.prices)
        result.softLimit = reader.duration("softLimit", .seconds(1)...(.seconds(600))) ?? result.softLimit
        result.resultBytes = reader.bytes("resultBytes", 1_000...4_000_000) ?? result.resultBytes
        result.contextBytes = reader.bytes("contextBytes", 10_000...64_000_000) ?? result.contextBytes
        result.titles = reader.word("titles", TitleSource.self) ?? result.titles
        result.titleModel = reader.text("titleModel") { text throws(UnacceptableValue) in try model(text) }
        result.summaries = reader.bool("summaries") ?? result.summaries
        result.summaryModel = reader.text("summaryModel") { text throws(UnacceptableValue) in
            try model(text)
        }
        result.maximumWorkingTurns =
            reader.count("maximumWorkingTurns", 1...100_000) ?? result.maximumWorkingTurns
        result.keepChats =
            reader.duration("keepChats", unit: "d", .seconds(3_600)...Self.longest) ?? result.keepChats
        result.keepShares =
            reader.duration("keepShares", unit: "d", .seconds(3_600)...Self.longest) ?? result.keepShares
        result.profile = profile(&reader)
        if reader.names.contains("prompts") { result.prompts = prompts(&reader) }
        mistakes += reader.finish()
        return result
    }

    private func model(_ text: String) throws(UnacceptableValue) -> ModelReference {
        let known = providers.map(\.id.rawValue).joined(separator: ", ")
        let hint =
            known.isEmpty
            ? "Configure a provider first: set OPENAI_API_KEY, or write the section “providers”."
            : "Write provider/model; configured providers are: \(known)."
        guard let reference = ModelReference(text: text) else {
            throw UnacceptableValue("“\(text)” is not of the form provider/model", hint: hint)
        }
        guard providers.contains(where: { $0.id == reference.provider }) else {
            throw UnacceptableValue("there is no provider named “\(reference.provider)”", hint: hint)
        }
        _ = try ProviderText.modelName(reference.model)
        return reference
    }

    private func readInstructions(_ reader: inout MemberReader, _ result: inout AssistantConfiguration) {
        let notEmpty = { (text: String) throws(UnacceptableValue) -> String in
            guard !text.trimmed.isEmpty, text.utf8.count <= Self.instructionsLimit else {
                throw UnacceptableValue(
                    "it is empty or longer than 256 KiB",
                    hint: "Write what the model is to heed, or leave it out for the built-in text."
                )
            }
            return text
        }
        let text = reader.text("instructions", notEmpty)
        let file = reader.text("instructionsFile") { text throws(UnacceptableValue) in
            guard !text.isEmpty, !text.utf8.contains(0) else {
                throw UnacceptableValue("this is not a path", hint: "Give the path of a text file.")
            }
            return surroundings.absolute(text)
        }
        guard let file else {
            result.instructions = text
            return
        }
        guard text == nil else {
            return reader.note("instructionsFile", "instructions are given as well", "Give one of the two.")
        }
        do throws(PrivateFile.Trouble) {
            let bytes = try PrivateFile.read(
                file,
                owner: surroundings.userID,
                limit: Self.instructionsLimit
            )
            guard let text = String(strictUTF8: bytes), !text.trimmed.isEmpty else {
                return reader.note(
                    "instructionsFile",
                    "\(file) is empty or not UTF-8",
                    "Write what the model is to heed into it, as UTF-8."
                )
            }
            result.instructions = text.trimmed
            result.instructionsFile = file
        } catch {
            reader.note(
                "instructionsFile",
                "\(file): \(error.reason)",
                "Make it a file of yours that nobody else may write."
            )
        }
    }

    private func readLimits(_ reader: inout MemberReader, _ limits: inout TurnLimits) {
        guard reader.isObject else {
            return reader.note(nil, "it does not hold an object", "Write { … } around the members.")
        }
        limits.modelCalls = reader.count("modelCalls", 1...10_000) ?? limits.modelCalls
        limits.toolSteps = reader.count("toolCalls", 1...100_000) ?? limits.toolSteps
        limits.time = reader.duration("time", .seconds(10)...(.seconds(30 * 86_400))) ?? limits.time
        limits.tokens = reader.count("tokens", 1_000...1_000_000_000) ?? limits.tokens
        limits.cost = reader.millionths("cost", hint: "Give the most that a turn may cost, such as 2.5.")
    }

    private func readPrices(_ reader: inout MemberReader, _ prices: inout [ModelReference: ModelPrice]) {
        guard var member = reader.member("prices") else { return }
        if !member.isObject {
            member.note(
                nil,
                "it does not hold an object",
                "Write { \"provider/model\": { input: …, output: … } }."
            )
        }
        for name in member.names {
            let reference: ModelReference
            do throws(UnacceptableValue) { reference = try model(name) } catch {
                member.pass(name)
                member.note(name, error.reason, error.hint)
                continue
            }
            if let price = member.price(name) { prices[reference] = price }
        }
        reader.take(member)
    }

    private func prompts(_ reader: inout MemberReader) -> [QuickPrompt] {
        func text(_ limit: Int) -> (String) throws(UnacceptableValue) -> String {
            { text throws(UnacceptableValue) in
                guard !text.trimmed.isEmpty, text.utf8.count <= limit else {
                    throw UnacceptableValue("it is empty or too long", hint: "Write 1 to \(limit) bytes.")
                }
                return text.trimmed
            }
        }
        let prompts = reader.map("prompts") { prompt -> QuickPrompt? in
            let name = prompt.text("name", text(60))
            let question = prompt.text("text", text(4_000))
            guard let name, let question else {
                prompt.note(
                    nil,
                    "it has no name or no text",
                    "Write { name: \"Disks\", text: \"How full …?\" }."
                )
                return nil
            }
            return QuickPrompt(name: name, text: question)
        }
        if prompts.count > Self.mostPrompts {
            reader.note(
                "prompts",
                "it has more than \(Self.mostPrompts) questions",
                "Keep those that are asked often."
            )
        }
        return prompts
    }

    private func profile(_ reader: inout MemberReader) -> AssistantConfiguration.ProfileSource {
        guard let value = reader.value(of: "profile") else { return .probed }
        switch value {
        case .string("probe"): return .probed
        case .string("off"), .bool(false): return .off
        default: break
        }
        guard let profile = SystemProfile(json: value), !profile.facts.isEmpty else {
            reader.note(
                "profile",
                "it is neither a word that is known nor a profile",
                "Give \"probe\", \"off\", or an object of facts such as { os: \"AlmaLinux 9\", web: \"nginx\" }."
            )
            return .probed
        }
        guard value.bytes.count <= SystemProfile.maximumBytes else {
            reader.note(
                "profile",
                "it is longer than \(SystemProfile.maximumBytes) bytes",
                "Keep what helps to administer this machine."
            )
            return .probed
        }
        return .given(profile)
    }
}
