public import Core

/// How much may be kept.
public struct ArtifactQuota: Sendable, Equatable {
    /// Bytes of one owner in all.
    public var bytesOfOwner: Int64
    /// Artifacts of one owner.
    public var countOfOwner: Int
    /// Bytes of all users of a client.
    public var bytesOfClient: Int64

    /// Makes a value.
    public init(bytesOfOwner: Int64, countOfOwner: Int, bytesOfClient: Int64) {
        self.bytesOfOwner = bytesOfOwner
        self.countOfOwner = countOfOwner
        self.bytesOfClient = bytesOfClient
    }

    /// Throws `artifact_quota_reached` (tooLarge) unless so many bytes more fit.
    public func admit(_ size: Int, beside used: ArtifactUsage) throws(Failure) {
        let reached: String
        if used.count >= countOfOwner {
            reached = "\(used.count) files are kept for you, which is the most"
        } else if used.bytes + Int64(size) > bytesOfOwner {
            reached = "\(used.bytes) of \(bytesOfOwner) bytes are in use for you"
        } else if used.bytesOfClient + Int64(size) > bytesOfClient {
            reached = "\(used.bytesOfClient) of \(bytesOfClient) bytes are in use for your company"
        } else {
            return
        }
        throw Failure(
            .tooLarge,
            code: "artifact_quota_reached",
            message: "A file of \(size) bytes cannot be kept: \(reached).",
            hint: "Delete files that are not needed any more; each one has its DELETE."
        )
    }
}

/// How much is kept.
public struct ArtifactUsage: Sendable, Equatable {
    /// Artifacts of the owner.
    public var count: Int
    /// Their bytes.
    public var bytes: Int64
    /// Bytes of all users of the client; 0 for operators.
    public var bytesOfClient: Int64

    /// Makes a value.
    public init(count: Int, bytes: Int64, bytesOfClient: Int64) {
        self.count = count
        self.bytes = bytes
        self.bytesOfClient = bytesOfClient
    }
}

/// What is known of artifacts; their bytes are in ``ArtifactFiles``.
///
/// Every verb is atomic, and what it returned is stored durably. What is made and removed is in the audit log, in the same
/// transaction.
public protocol ArtifactStore: Sendable {
    /// Keeps an artifact whose bytes are kept; the same origin in a turn gives the earlier one.
    ///
    /// `artifact_quota_reached` (tooLarge).
    func keep(_ draft: ArtifactDraft, within quota: ArtifactQuota, at now: Timestamp) async throws -> Artifact
    /// What an origin made in a turn, or nil; for the work on that turn.
    func made(by origin: ArtifactOrigin, in turn: TurnID) async throws -> Artifact?
    /// The artifact of an owner in a scope, or nil; without a scope wherever it lies.
    func artifact(_ id: ArtifactID, owner: PrincipalID, in scope: Scope?) async throws -> Artifact?
    /// An owner's artifacts in a scope, newest first; of one chat if it is given.
    func artifacts(
        of owner: PrincipalID,
        in scope: Scope?,
        chat: ChatID?,
        before id: ArtifactID?,
        limit: Int
    ) async throws -> Page<Artifact>
    /// Removes an artifact of an owner in a scope; false when there is none.
    func remove(_ id: ArtifactID, owner: PrincipalID, in scope: Scope?, at now: Timestamp) async throws
        -> Bool
    /// How much is kept for an owner, and for the client.
    func usage(of owner: PrincipalID, client: ClientID?) async throws -> ArtifactUsage
    /// Removes artifacts whose time is over; returns the digests of what was removed.
    func expire(at now: Timestamp, limit: Int) async throws -> [ArtifactDigest]
    /// Those of some digests that no artifact has.
    func unheld(among digests: [ArtifactDigest]) async throws -> [ArtifactDigest]
}

/// The bytes of artifacts, as files that are named by their SHA-256.
///
/// Errors are `Failure` (`storage_full`, `storage_unavailable`, `artifact_damaged`); all verbs may be called
/// concurrently, but for those about one digest.
public protocol ArtifactFiles: Sendable {
    /// Keeps bytes; they are on the disk when it returns. What is there already stays if it is whole.
    func keep(_ bytes: [UInt8], as digest: ArtifactDigest) async throws
    /// Opens what is kept, once all of it is what its digest says; `artifact_damaged` (gone).
    func open(_ digest: ArtifactDigest, size: Int) async throws -> any ArtifactBytes
    /// Removes what is kept, if there is anything; false while a backup holds that back.
    func remove(_ digest: ArtifactDigest) async throws -> Bool
    /// The digests that begin with a byte.
    func digests(beginningWith byte: UInt8) async throws -> [ArtifactDigest]
}

/// An artifact's bytes, open: they stay readable when it is removed.
public protocol ArtifactBytes: Sendable {
    /// At most `count` bytes from an offset; fewer at the end only.
    func read(from offset: Int64, count: Int) async throws -> [UInt8]
}
