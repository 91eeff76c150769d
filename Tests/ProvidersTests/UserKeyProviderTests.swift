import Core
import Domain
import Providers
import TestSupport
import Testing

@Suite("Keys that users bring")
struct UserKeyProviderTests {
    private struct Keys: UserKeys {
        func key(of owner: PrincipalID, for provider: ProviderID) -> Secret<String>? {
            owner.rawValue == "user:1" ? Secret("key-of-1") : nil
        }
    }

    /// Remembers with which key it was made.
    private struct KeyedModels: ModelProvider {
        let id: ProviderID
        let key: String
        let used: Recorder<String>
        var defaultModel: String? { nil }
        func capabilities(of model: String) -> ModelCapabilities { ModelCapabilities() }
        func models() -> [ModelDescription] { [] }
        func respond(
            to request: ModelRequest,
            _ receive: @Sendable ([ModelEvent]) async throws -> Void
        ) async throws {
            used.record(request.context.isOwnAccount ? key + ", own" : key)
            try await receive([.textDelta("It is \(key)."), .finished(.stop)])
        }
    }

    private func used(
        _ owner: String,
        _ sources: Set<CredentialSource>,
        _ said: Recorder<ModelEvent> = Recorder()
    ) async throws -> [String] {
        let used = Recorder<String>()
        let id = try ProviderID("openai")
        var settings = ProviderSettings(
            id: id,
            kind: .openAIResponses,
            baseURL: "https://api.example/v1",
            key: Secret("key-of-all"),
            keySource: "OPENAI_API_KEY"
        )
        settings.sources = sources
        let provider = UserKeyProvider(settings, keys: Keys()) { settings in
            KeyedModels(id: id, key: settings.key?.reveal() ?? "none", used: used)
        }
        let context = CallContext(principal: PrincipalID(owner), door: .chat)
        try await provider.respond(to: ModelRequest(model: "m", items: [], context: context)) {
            $0.forEach(said.record)
        }
        return used.all
    }

    @Test("a user's own key goes first, and nobody gets another's")
    func order() async throws {
        #expect(try await used("user:1", [.user, .deployment]) == ["key-of-1, own"])
        #expect(try await used("user:2", [.user, .deployment]) == ["key-of-all"])
        #expect(try await used("user:1", [.user]) == ["key-of-1, own"])
        do {
            _ = try await used("user:2", [.user])
            Issue.record("it was answered with the deployment's key")
        } catch let failure as Failure { #expect(failure.code == "key_needed") }
    }

    @Test("a vendor that says a user's key in its answer is not heard")
    func masked() async throws {
        let said = Recorder<ModelEvent>()
        _ = try await used("user:1", [.user], said)
        #expect(said.all == [.textDelta("It is [redacted]."), .finished(.stop)])
    }
}
