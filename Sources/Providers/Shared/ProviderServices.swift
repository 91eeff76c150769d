public import Domain
public import HTTPClient

/// What providers need to make calls; shared by all of them.
public struct ProviderServices: Sendable {
    /// Sends the requests.
    public var client: HTTPClient
    /// Is told of each request to a model.
    public var meter: any CallMeter
    /// When requests are sent again; how often is a limit of each provider.
    public var retries: RetryPolicy

    /// Makes a value.
    public init(client: HTTPClient, meter: any CallMeter, retries: RetryPolicy = RetryPolicy()) {
        self.client = client
        self.meter = meter
        self.retries = retries
    }
}
