public import Core

/// What `append` did.
public struct AppendedTicket: Sendable {
    /// The ticket, new or earlier.
    public let ticket: Ticket
    /// The ticket's session.
    public let session: Session
    /// An earlier submission with the same key, or within the repeat window, was returned.
    public let wasCached: Bool
    /// The question to a person that was stored with the ticket.
    public let approval: Approval?
    /// Makes a value.
    public init(ticket: Ticket, session: Session, wasCached: Bool, approval: Approval? = nil) {
        self.ticket = ticket
        self.session = session
        self.wasCached = wasCached
        self.approval = approval
    }
}

/// A page of a list.
public struct Page<Element: Sendable>: Sendable {
    /// The elements in order.
    public let elements: [Element]
    /// Says whether there are more after the last one.
    public let hasMore: Bool
    /// Makes a page.
    public init(elements: [Element], hasMore: Bool) {
        self.elements = elements
        self.hasMore = hasMore
    }
}

/// A page of a search that looks at a bounded number of rows: it may hold few or none, and still there is more behind `next`.
public struct SearchPage<Element: Sendable, Cursor: Sendable>: Sendable {
    /// What fits, in order.
    public let elements: [Element]
    /// Where to go on; nil when all was looked at.
    public let next: Cursor?
    /// Makes a page.
    public init(elements: [Element], next: Cursor?) {
        self.elements = elements
        self.next = next
    }
}

/// Which session a submission goes to.
public enum SessionReference: Sendable {
    /// This name; made as a parallel session if there is none.
    case named(SessionName)
    /// This session, which must exist.
    case existing(SessionID)
}

/// Sessions and tickets.
///
/// Every verb is atomic, and what it returned is stored durably (it survives a power cut).
///
/// Errors are `Failure` or `CancellationError`; anything else is internal. All verbs may be called concurrently.
public protocol TicketStore: Sendable {
    /// Makes a session; `session_exists` (conflict) when the name is taken.
    func createSession(_ draft: SessionDraft, by principal: PrincipalID, at now: Timestamp) async throws
        -> Session
    /// The session of this name, or nil.
    func session(named name: SessionName) async throws -> Session?
    /// The session with this identity, or nil.
    func session(_ id: SessionID) async throws -> Session?
    /// Sessions in the order of their identities, after `cursor`.
    func sessions(after cursor: SessionID?, limit: Int) async throws -> Page<Session>
    /// The same of one maker only.
    func sessions(madeBy principal: PrincipalID, after cursor: SessionID?, limit: Int) async throws -> Page<
        Session
    >
    /// Sessions after `cursor` that have `words` in their name, whatever the case of its letters A to Z; of one maker if one is named.
    func sessions(matching words: String, madeBy maker: PrincipalID?, after cursor: SessionID?, limit: Int)
        async throws -> SearchPage<Session, SessionID>
    /// Removes a session and its tickets; `session_busy` (conflict) while one of them is not terminal. False when there is none.
    func deleteSession(_ id: SessionID) async throws -> Bool

    /// Stores a ticket and gives it the session's next number, in one transaction; or returns the earlier ticket
    /// with the same key in that session (`key_reused`, conflict, when its command differs), or the session's latest
    /// ticket when it has the same command and options and is younger than the draft's repeat window.
    ///
    /// A queued draft with an offered place is stored as `starting`, with the machine's boot id, if fewer tickets of its
    /// session are unfinished than the place says (none, unless the session is parallel).
    ///
    /// Customers of a panel and everybody else do not mix: a session that a customer made takes that customer's tickets only,
    /// and no other takes theirs (`session_not_found`).
    ///
    /// A draft with an approval stores that too, in the same transaction; `approvals_full` (rateLimited) when too many
    /// wait for a person.
    ///
    /// `session_changed` (conflict) when the draft needs a plain session and this one is not
    /// (see ``Session/isPlain``); `session_not_found` for `.existing`; `queue_full` (rateLimited) when `maximumQueued` tickets wait in all.
    func append(
        _ draft: TicketDraft,
        to session: SessionReference,
        maximumQueued: Int,
        at now: Timestamp
    ) async throws -> AppendedTicket
    /// Records that runners are about to be started: `queued` → `starting` with the machine's boot id.
    /// Returns the tickets that were still queued.
    func markStarting(_ tickets: [TicketID], bootID: String, at now: Timestamp) async throws -> Set<TicketID>
    /// Records how a ticket ended. A ticket that is terminal already stays as it is; returns what is stored then, nil when pruned.
    func finish(
        _ ticket: TicketID,
        as state: TicketState,
        run: RunFacts?,
        inlineOutput: InlineOutput?,
        at now: Timestamp
    ) async throws -> Ticket?
    /// Takes a ticket that has no runner (`queued`, `awaitingApproval`) to `cancelled`, or remembers that it is to be
    /// ended (`starting`); returns the ticket as it is then, or nil when there is none. An approval that it awaits is
    /// closed with it.
    func cancel(_ ticket: TicketID, at now: Timestamp) async throws -> Ticket?

    /// Remembers the size that the terminal of a ticket has now; nothing once it is over.
    func keep(_ size: TerminalSize, of ticket: TicketID) async throws

    /// The ticket, or nil.
    func ticket(_ id: TicketID) async throws -> Ticket?
    /// The ticket of a session by the session's name, in one read; nil when either is missing.
    func ticket(number: Int, inSessionNamed name: SessionName) async throws -> Ticket?
    /// The ticket that was submitted with a key to the session of this name; nil when either is missing.
    func ticket(key: IdempotencyKey, inSessionNamed name: SessionName) async throws -> Ticket?
    /// Tickets of a session in numeric order after `number`; or, newest first, before `number`.
    ///
    /// At most `limit`, and no more than have commands of `bytes` bytes together, given input and the like included; but
    /// one, however long.
    func tickets(in session: SessionID, after number: Int?, limit: Int, bytes: Int, newestFirst: Bool)
        async throws -> Page<Ticket>
    /// The same of those that have `words` in their command, whatever the case of its letters A to Z.
    func tickets(
        matching words: String,
        in session: SessionID,
        after number: Int?,
        limit: Int,
        newestFirst: Bool
    ) async throws -> SearchPage<Ticket, Int>
    /// All tickets that are not terminal, oldest first, with the boot id they were started under and whether they are to be ended.
    func unfinishedTickets() async throws -> [UnfinishedTicket]
    /// What is not over, what runs before what waits, and what ended last, newest first; up to `limit` of each.
    func latestTickets(limit: Int) async throws -> LatestTickets
    /// How many tickets wait in `queued`.
    func queuedCount() async throws -> Int

    /// The oldest terminal tickets that finished before `deadline`, or that make the kept output exceed `maximumBytes`.
    func prunable(finishedBefore deadline: Timestamp, maximumBytes: Int64, limit: Int) async throws
        -> [Ticket]
    /// Forgets terminal tickets; their numbers are not given again.
    func remove(_ tickets: [TicketID]) async throws
}

/// What goes on over all sessions.
public struct LatestTickets: Sendable {
    /// Tickets that are not over, those with a running place first, and the oldest first.
    public var open: [Ticket]
    /// How many are not over in all.
    public var openCount: Int
    /// Tickets that are over, in the order of their ends, the latest first.
    public var ended: [Ticket]

    /// Makes a value.
    public init(open: [Ticket], openCount: Int, ended: [Ticket]) {
        self.open = open
        self.openCount = openCount
        self.ended = ended
    }
}

/// A ticket that was not over when the server was started.
public struct UnfinishedTicket: Sendable {
    /// The ticket.
    public let ticket: Ticket
    /// The machine's boot id when its runner was about to be started; nil when it never was.
    public let bootID: String?
    /// Somebody asked to end it.
    public let isCancelRequested: Bool
    /// Makes a value.
    public init(ticket: Ticket, bootID: String?, isCancelRequested: Bool) {
        self.ticket = ticket
        self.bootID = bootID
        self.isCancelRequested = isCancelRequested
    }
}
