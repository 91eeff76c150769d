public import Core

/// What is asked for when a share is made.
public struct ShareDraft: Sendable, Equatable {
    /// The chat.
    public var chat: ChatID
    /// Whose chat it is.
    public var owner: PrincipalID
    /// What the chat is called now.
    public var title: String?
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
        title: String? = nil,
        extent: ShareExtent,
        includesOutput: Bool,
        expires: Timestamp
    ) {
        self.chat = chat
        self.owner = owner
        self.title = title
        self.extent = extent
        self.includesOutput = includesOutput
        self.expires = expires
    }
}

/// Links to chats.
///
/// A link's token is stored nowhere, only its SHA-256. Shares go with their chat.
/// Verbs that name an owner see only that owner's shares, whatever ids they are given.
public protocol ShareStore: Sendable {
    /// The same shares as somebody with a scope sees them: those of chats that lie elsewhere do not exist. Without a scope,
    /// this store.
    func limited(to scope: Scope?) -> any ShareStore
    /// Stores a share by the SHA-256 of its token; nil when the owner has `limit` live ones already.
    func createShare(_ draft: ShareDraft, tokenDigest: [UInt8], limit: Int, at now: Timestamp) async throws
        -> Share?
    /// The share with this digest, also when expired or revoked; nil when there is none.
    func share(tokenDigest: [UInt8]) async throws -> Share?
    /// The owner's share, or nil.
    func share(_ id: ShareID, owner: PrincipalID) async throws -> Share?
    /// The owner's shares, newest first, before `cursor`.
    func shares(of owner: PrincipalID, before cursor: ShareID?, limit: Int) async throws -> Page<Share>
    /// Ends a share; false when the owner has none with this id. Ending it again changes nothing.
    func revokeShare(_ id: ShareID, owner: PrincipalID, at now: Timestamp) async throws -> Bool
    /// Ends all live shares of an owner; returns them.
    func revokeShares(of owner: PrincipalID, at now: Timestamp) async throws -> [Share]
    /// Remembers that a share was read, to the minute; never goes back.
    func touchShare(_ id: ShareID, at now: Timestamp) async throws
    /// Forgets shares that expired before a time, oldest first; returns how many.
    func removeExpiredShares(before deadline: Timestamp, limit: Int) async throws -> Int
    /// Facts of a share's chat that a reader may need, without what is hidden in them, up to the share's last event.
    ///
    /// In order, with numbers above `number`, as long as all of them together have no more than `maximumBytes`; at least
    /// one if there is any. With `startsOnly` only those that start turns. Empty when the chat is gone.
    func facts(of share: Share, after number: Int64, startsOnly: Bool, maximumBytes: Int) async throws
        -> Page<ChatEvent>
}
