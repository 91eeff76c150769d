public import Domain

/// How artifacts are kept.
public struct ArtifactSettings: Sendable {
    /// Bytes of one artifact.
    public var maximumBytes = 10 << 20
    /// How much in all.
    public var quota = ArtifactQuota(bytesOfOwner: 256 << 20, countOfOwner: 2_000, bytesOfClient: 4 << 30)
    /// How long.
    public var lifetime = Duration.seconds(90 * 86_400)

    /// Bytes of a text that a model writes: it has to fit an answer.
    static let maximumWritten = 1 << 20

    /// Makes the defaults.
    public init() {}
}
