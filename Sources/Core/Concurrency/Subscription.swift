/// Something that lasts as long as somebody holds this.
public final class Subscription: Sendable {
    private let onEnd: @Sendable () -> Void

    /// Makes a subscription that calls `onEnd` when it is let go.
    public init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    deinit { onEnd() }
}
