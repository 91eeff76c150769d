public import Core
public import Domain

/// What is asked for when a share is made.
public struct ShareRequest: Sendable {
    /// The chat.
    public var chat: ChatID
    /// Also what is said later is shown.
    public var isFollowing: Bool
    /// What commands printed is shown, too.
    public var includesOutput: Bool
    /// How long it lives; nil for the configured time, which is the longest.
    public var lifetime: Duration?

    /// Makes a request.
    public init(
        chat: ChatID,
        isFollowing: Bool = false,
        includesOutput: Bool = false,
        lifetime: Duration? = nil
    ) {
        self.chat = chat
        self.isFollowing = isFollowing
        self.includesOutput = includesOutput
        self.lifetime = lifetime
    }
}

/// A share that was just made.
public struct MadeShare: Sendable {
    /// The share.
    public let share: Share
    /// What its link carries, 32 hexadecimal digits; told this once.
    public let token: Secret<String>
}

/// A share that somebody reads.
public struct OpenedShare: Sendable {
    /// The share.
    public let share: Share
    /// What the chat is called for its readers.
    public let title: String?
    let superseded: SupersededTurns
}

/// A stretch of what a share shows.
public struct SharedPiece: Sendable {
    /// What is seen, in order.
    public let facts: [SharedFact]
    /// Where to go on; nil at the end.
    public let next: Int64?
}

/// Links through which others read a chat: made, listed and revoked by its owner, read by whoever has one.
///
/// Errors are `Failure` or `CancellationError`; anything else is internal.
public struct ShareService: Sendable {
    /// Bytes of stored facts in one piece.
    private static let pieceBytes = 512 << 10

    private let shares: any ShareStore
    private let chats: any ChatStore
    private let operators: any OperatorStore
    private let audit: any AuditStore
    private let cryptography: any Cryptography
    private let clock: any WallClock
    private let settings: ShareSettings
    private let limiter: RateLimiter
    private let users: HostSessionService?

    /// Puts the service together.
    public init(
        shares: any ShareStore,
        chats: any ChatStore,
        operators: any OperatorStore,
        audit: any AuditStore,
        cryptography: any Cryptography,
        clock: any WallClock,
        settings: ShareSettings = ShareSettings(),
        users: HostSessionService? = nil
    ) {
        self.users = users
        self.shares = shares
        self.chats = chats
        self.operators = operators
        self.audit = audit
        self.cryptography = cryptography
        self.clock = clock
        self.settings = settings
        limiter = RateLimiter(limit: settings.lookupsPerHour, per: .seconds(3_600))
    }

    // MARK: The owner

    /// Makes a link to the caller's chat; `chat_not_found`, `invalid_share_lifetime`, `too_many_shares`.
    public func create(_ request: ShareRequest, as principal: Principal) async throws -> MadeShare {
        try Self.admit(principal)
        let lifetime = request.lifetime ?? settings.lifetime
        guard lifetime >= min(.seconds(60), settings.lifetime), lifetime <= settings.lifetime else {
            throw Failure(
                .unprocessable,
                code: "invalid_share_lifetime",
                message: "A share lives from a minute to \(Int(settings.lifetime.inSeconds)) seconds.",
                hint: "Leave the time out for the longest."
            )
        }
        let found = try await chats.limited(to: principal.scope).chat(request.chat, owner: principal.id)
        guard let chat = found else {
            throw Failure(
                .notFound,
                code: "chat_not_found",
                message: "There is no such chat.",
                hint: "List yours with GET /v1/chats."
            )
        }
        try principal.requireChange(at: chat.place)
        let token = TextCoding.hex(cryptography.randomBytes(16))
        let now = clock.now()
        let draft = ShareDraft(
            chat: chat.id,
            owner: principal.id,
            title: chat.title,
            extent: request.isFollowing ? .following : .snapshot(through: chat.lastEvent),
            includesOutput: request.includesOutput,
            expires: now + lifetime
        )
        let made = try await audit.keeping { (made: Share?) in
            made.map { [Self.entry("share.create", $0, principal, at: now)] } ?? []
        } with: {
            try await shares.createShare(draft, tokenDigest: digest(token), limit: settings.limit, at: now)
        }
        guard let made else {
            throw Failure(
                .conflict,
                code: "too_many_shares",
                message: "You have \(settings.limit) shares.",
                hint: "Revoke some: GET /v1/shares lists them, DELETE /v1/shares/{id} ends one."
            )
        }
        return MadeShare(share: made, token: Secret(token))
    }

    /// The caller's shares, newest first.
    public func shares(before cursor: ShareID?, limit: Int, as principal: Principal) async throws
        -> Page<Share>
    {
        try Self.admit(principal)
        return try await shares.limited(to: principal.scope).shares(
            of: principal.id,
            before: cursor,
            limit: limit
        )
    }

    /// The caller's share; `share_not_found`.
    public func share(_ id: ShareID, as principal: Principal) async throws -> Share {
        try Self.admit(principal)
        let share = try await shares.limited(to: principal.scope).share(id, owner: principal.id)
        guard let share else { throw Self.noneOfYours }
        return share
    }

    /// Ends a share at once; no error when it is over already.
    public func revoke(_ id: ShareID, as principal: Principal) async throws {
        let share = try await share(id, as: principal)
        let now = clock.now()
        let isThere = try await audit.keeping { isThere in
            isThere ? [Self.entry("share.revoke", share, principal, at: now)] : []
        } with: {
            try await shares.revokeShare(id, owner: principal.id, at: now)
        }
        guard isThere else { throw Self.noneOfYours }
    }

    /// Whether somebody can read a share now.
    public func isLive(_ share: Share) -> Bool { share.isLive(at: clock.now()) }

    // MARK: Readers

    /// The share of a link's token; `share_not_found` whatever the reason, `too_many_lookups`.
    ///
    /// Look-ups are counted by address; those that go on in a share that is there are not. The token is looked up by its
    /// digest, whatever it looks like, so that the time tells nothing about tokens that are there.
    public func open(_ token: String, goingOn: Bool = false, from address: String) async throws -> OpenedShare
    {
        let now = clock.now()
        if let wait = limiter.admit(address, at: now) {
            throw Failure(
                .rateLimited,
                code: "too_many_lookups",
                message: "Too many shares were looked up from this address.",
                hint: "Wait, then open the link again.",
                retryAfter: wait
            )
        }
        guard let share = try await shares.share(tokenDigest: digest(token)), share.isLive(at: now),
            let chat = try await chats.chat(share.chat, owner: share.owner),
            try await isAllowed(share.owner, chat.place)
        else { throw Self.invalid }
        if goingOn { limiter.forgive(address) }
        if now - (share.lastUsed ?? Timestamp(microseconds: 0)) >= .seconds(60) {
            try await shares.touchShare(share.id, at: now)
        }
        return OpenedShare(
            share: share,
            title: share.extent == .following ? chat.title : share.title,
            superseded: try await superseded(in: share)
        )
    }

    /// What a share shows after a number, as much as one answer should hold; empty only at the end.
    public func piece(of opened: OpenedShare, after number: Int64) async throws -> SharedPiece {
        var number = number
        while true {
            let page = try await shares.facts(
                of: opened.share,
                after: number,
                startsOnly: false,
                maximumBytes: Self.pieceBytes
            )
            let facts = try page.elements.filter { !opened.superseded.contains($0.turn) }.flatMap {
                try SharedFact.facts(of: $0, includesOutput: opened.share.includesOutput)
            }
            let next = page.hasMore ? page.elements.last?.number : nil
            guard facts.isEmpty, let next else { return SharedPiece(facts: facts, next: next) }
            number = next
        }
    }

    /// Whoever lost the permission, or was shut out, shows nothing any more.
    private func isAllowed(_ owner: PrincipalID, _ place: Place?) async throws -> Bool {
        if let user = UserID(owner) {
            guard let users, let place else { return false }
            return try await users.mayShare(user, at: place)
        }
        guard let id = OperatorID(owner), let person = try await operators.operator(id) else { return false }
        return !person.isDisabled && person.permissions.contains(.share)
    }

    /// Which turns were replaced by what the share shows: a snapshot stays as it was.
    private func superseded(in share: Share) async throws -> SupersededTurns {
        var superseded = SupersededTurns()
        var number: Int64 = 0
        while true {
            let page = try await shares.facts(
                of: share,
                after: number,
                startsOnly: true,
                maximumBytes: Self.pieceBytes
            )
            for event in page.elements {
                guard case .turnStarted(let draft) = try event.shownBody(), let first = draft.replacing
                else { continue }
                superseded.replace(from: first, by: event.turn)
            }
            guard page.hasMore, let last = page.elements.last else { return superseded }
            number = last.number
        }
    }

    // MARK: Checks

    /// The session of a user of a host application is as good as a sign-in: no hash, token or socket has either.
    private static func admit(_ principal: Principal) throws(Failure) {
        if principal.session == nil { try principal.requireSignIn() }
        try principal.require(.share)
    }

    private func digest(_ token: String) -> [UInt8] { cryptography.digest(Array(token.utf8)) }

    static func entry(
        _ action: String,
        _ share: Share,
        _ principal: Principal,
        at now: Timestamp
    ) -> AuditEntry {
        AuditEntry(
            time: now,
            principal: principal.id,
            action: action,
            subject: "chat/\(share.chat.rawValue)/share/\(share.id.rawValue)"
        )
    }

    private static var noneOfYours: Failure {
        Failure(
            .notFound,
            code: "share_not_found",
            message: "There is no such share.",
            hint: "List yours with GET /v1/shares."
        )
    }

    private static var invalid: Failure {
        Failure(
            .notFound,
            code: "share_not_found",
            message: "This link is not valid, or not any more.",
            hint: "Ask whoever gave it to you for a new one."
        )
    }
}
