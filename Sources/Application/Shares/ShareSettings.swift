/// How links to chats are kept.
public struct ShareSettings: Sendable {
    /// How long one lives, and at most.
    public var lifetime: Duration
    /// Live ones of one owner.
    public var limit: Int
    /// Look-ups from one address in an hour.
    public var lookupsPerHour: Int

    /// Makes settings.
    public init(lifetime: Duration = .seconds(365 * 86_400), limit: Int = 1_000, lookupsPerHour: Int = 50) {
        self.lifetime = lifetime
        self.limit = limit
        self.lookupsPerHour = lookupsPerHour
    }
}
