public import Core

/// A registered secret without its value.
public struct NamedSecret: Sendable, Equatable {
    /// The name.
    public let name: SecretName
    /// When it was registered first.
    public let created: Timestamp
    /// When its value was set.
    public let changed: Timestamp
    /// Who set its value.
    public let changedBy: PrincipalID

    /// Makes a value.
    public init(name: SecretName, created: Timestamp, changed: Timestamp, changedBy: PrincipalID) {
        self.name = name
        self.created = created
        self.changed = changed
        self.changedBy = changedBy
    }

    /// Bytes of the shortest value: shorter ones occur by chance, and masking them would spoil outputs.
    public static let shortest = 8
    /// Bytes of the longest value.
    public static let longest = 8 << 10
    /// How many there may be.
    public static let maximum = 256
    /// Bytes of all forms of all values: what every runner is handed.
    public static let maximumFormBytes = 1 << 20
}
