public import Domain

/// A provider whose accounts or keys principals can bring.
public struct ConnectableProvider: Sendable {
    /// The provider.
    public let id: ProviderID
    /// How it may be used, as configured.
    public let sources: Set<CredentialSource>
    /// Its accounts; nil where principals can bring keys only.
    public let accounts: (any AccountProvider)?
    /// Its models; for those that answer without an account.
    public let models: any ModelProvider

    /// Makes a value.
    public init(
        sources: Set<CredentialSource>,
        accounts: (any AccountProvider)?,
        models: any ModelProvider
    ) {
        id = models.id
        self.sources = sources
        self.accounts = accounts
        self.models = models
    }
}
