public import Core

/// A registered secret with its sealed value.
public struct SealedSecret: Sendable, Equatable {
    /// The secret.
    public let secret: NamedSecret
    /// What a ``Sealer`` made of the value.
    public let sealed: [UInt8]
    /// Makes a value.
    public init(secret: NamedSecret, sealed: [UInt8]) {
        self.secret = secret
        self.sealed = sealed
    }
}

/// Registered secrets, sealed.
///
/// Every verb is atomic, and what it returned is stored durably.
public protocol SecretStore: Sendable {
    /// Stores a value under a name, in place of an earlier one.
    ///
    /// `secrets_full` (conflict) when there are ``NamedSecret/maximum`` others.
    func set(_ name: SecretName, sealed: [UInt8], by principal: PrincipalID, at now: Timestamp) async throws
        -> NamedSecret
    /// Forgets a secret; false when there is none of that name.
    func remove(_ name: SecretName) async throws -> Bool
    /// All of them, in the order of their names.
    func secrets() async throws -> [SealedSecret]
    /// A number that grows with each change, by whatever process; cheap to ask for.
    func changes() async throws -> Int64
}

/// Seals values so that only this installation can read them, and notices when they were changed or moved.
public protocol Sealer: Sendable {
    /// Seals a value for the place `label`.
    func seal(_ value: Secret<[UInt8]>, for label: String) -> [UInt8]
    /// The value; nil when it was sealed elsewhere, for another place, or changed since.
    func open(_ sealed: [UInt8], for label: String) -> Secret<[UInt8]>?
}
