import Core
import Domain
import HTTPClient
import Providers

/// Which providers answer.
enum ProviderProbes {
    /// Asks each provider for its models, all at a time; nothing that costs is called.
    static func all(_ configuration: Configuration) async -> [Finding] {
        guard !configuration.providers.isEmpty else {
            return [
                Finding(
                    "providers",
                    .fine,
                    "none is configured: the assistant is off",
                    hint:
                        "To have it, set OPENAI_API_KEY, or write the section “providers” of deckhand.json5."
                )
            ]
        }
        let client = HTTPClient(configuration.proxies.client)
        defer { client.shutDown() }
        let services = ProviderServices(client: client, meter: NothingToMeter())
        return await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, settings) in configuration.providers.enumerated() {
                group.addTask { (index, await finding(settings, services)) }
            }
            var findings: [(Int, Finding)] = []
            for await finding in group { findings.append(finding) }
            return findings.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func finding(_ settings: ProviderSettings, _ services: ProviderServices) async -> Finding {
        if let codex = settings.codex { return await CodexProbe.finding(settings, codex) }
        var settings = settings
        settings.limits.firstByte = .seconds(5)
        settings.limits.silence = .seconds(5)
        settings.limits.retries = 0
        let name = "provider.\(settings.id)"
        let what =
            "\(settings.kind.rawValue) at \(settings.baseURL), default model \(settings.defaultModel ?? "none")"
        guard let provider = settings.kind.factory?(settings, services) else {
            return Finding(name, .weak, "\(what): it cannot be asked")
        }
        do {
            let models = try await provider.models()
            if let preferred = settings.defaultModel, !models.contains(where: { $0.name == preferred }) {
                return Finding(
                    name,
                    .weak,
                    "\(what), which is not among the \(models.count) models that it lists",
                    hint: "Choose another default model."
                )
            }
            return Finding(name, .fine, "\(what), \(models.count) models")
        } catch let failure as Failure {
            return Finding(name, .weak, "\(what): \(failure.message)", hint: failure.hint)
        } catch {
            return Finding(name, .weak, "\(what): it could not be asked for its models")
        }
    }
}

/// Lists of models cost nothing, so that nothing is ever metered here.
private struct NothingToMeter: CallMeter {
    func begin(_ model: ModelReference, for context: CallContext, size: CallSize) async throws
        -> MeteredCallID
    {
        throw Failure(
            .internal,
            code: "internal",
            message: "A check called a model.",
            hint: "Report this."
        )
    }
    func end(_ call: MeteredCallID, _ report: CallReport) async {}
}
