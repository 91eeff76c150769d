public import Core

/// What is asked for when a share is made.
public struct ShareDraft: Sendable, Equatable {
    /// The chat.
    public var chat: ChatID
    /// Whose chat it is.
    public var owner: PrincipalID
    /// How much is shown.
    public var extent: ShareExtent
    /// What commands printed is shown, too.
    public var includesOutput: Bool
    /// When it ends by itself.
    public var expires: Timestamp

    /// Makes a draft.
    public init(
        chat: ChatID,
        owner: PrincipalID,
        extent: ShareExtent,
        includesOutput: Bool,
        expires: Timestamp
    ) {
        self.chat = chat
        self.owner = owner
        self.extent = extent
        self.includesOutput = includesOutput
        self.expires = expires
    }
}

/// Links to chats.
///
/// A link's token is stored nowhere, only its SHA-256.
/// Verbs that name an owner see only that owner's shares, whatever ids they are given.
public protocol ShareStore: Sendable {
    /// Stores a share by the SHA-256 of its token.
    func createShare(_ draft: ShareDraft, tokenDigest: [UInt8], at now: Timestamp) async throws -> Share
    /// The share with this digest, also when expired or revoked; nil when there is none.
    func share(tokenDigest: [UInt8]) async throws -> Share?
    /// The owner's shares, newest first, before `cursor`.
    func shares(of owner: PrincipalID, before cursor: ShareID?, limit: Int) async throws -> Page<Share>
    /// Ends a share; false when the owner has none with this id. Ending it again changes nothing.
    func revokeShare(_ id: ShareID, owner: PrincipalID, at now: Timestamp) async throws -> Bool
    /// Remembers that a share was read, to the minute; never goes back.
    func touchShare(_ id: ShareID, at now: Timestamp) async throws
}
