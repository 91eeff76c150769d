public import Core
public import Domain

/// The Codex CLI as a provider: its models, its accounts, and what works beside them.
public struct CodexParts: Sendable {
    /// Its models.
    public let models: any ModelProvider
    /// The accounts of its users.
    public let accounts: any AccountProvider
    /// Ends processes that nobody needs; with its task it ends all of them, and no more are started.
    public let service: any Service
}

/// Makes the provider of settings with ``ProviderSettings/codex``; nil for others.
///
/// `profileName` names the folder of an owner's profile, which must not tell whose it is.
public func makeCodexProvider(
    _ settings: ProviderSettings,
    _ services: ProviderServices,
    profileName: @escaping @Sendable (PrincipalID) -> String,
    logger: Logger
) -> CodexParts? {
    guard let codex = settings.codex else { return nil }
    let provider = CodexProvider(settings, codex, services, profileName: profileName, logger: logger)
    return CodexParts(models: provider, accounts: provider, service: CodexUpkeep(provider: provider))
}
