public import Core

/// Proposals of actions, kept for good, and what was read from sources.
///
/// Every verb is atomic, and what it returned is stored durably. What happens to a proposal is in the audit log by the
/// same transaction, and so is the usage row of one that succeeded: its hold, if it has a price, is settled by that, and given
/// back when it ends otherwise. So somebody pays if, and only if, it says that it succeeded.
public protocol ActionStore: Sendable {
    /// Keeps a proposal; the same step of a turn gives the earlier one.
    func propose(_ draft: ActionDraft, at now: Timestamp) async throws -> ActionProposal
    /// The proposal, for the work on its own turn.
    func proposal(_ id: ActionID) async throws -> ActionProposal?
    /// The proposal of an owner in a scope, or nil.
    func proposal(_ id: ActionID, owner: PrincipalID, in scope: Scope) async throws -> ActionProposal?
    /// An owner's proposals in a scope, newest first.
    func proposals(of owner: PrincipalID, in scope: Scope, before id: ActionID?, limit: Int) async throws
        -> Page<ActionProposal>
    /// Makes a change unless the proposal stands elsewhere; nil when it does, or there is none.
    func change(_ id: ActionID, _ change: ActionChange, at now: Timestamp) async throws -> ActionProposal?
    /// Ends proposals that nobody works on any more, oldest first: those of one turn, or of all (nil), that is over or gone.
    ///
    /// What was not begun expires; what the application was being asked for fails, because its outcome is not known.
    func endAbandoned(of turn: TurnID?, limit: Int, at now: Timestamp) async throws -> [ActionProposal]

    /// Keeps what a turn read from a source; the same turn and source give the earlier one.
    func keep(_ reading: ContextReading) async throws -> ContextReading
    /// What a turn read, in order.
    func readings(of turn: TurnID) async throws -> [ContextReading]
    /// Says whether a chat holds text of a host application: of a source, or the result of an action.
    func hasUntrusted(_ chat: ChatID) async throws -> Bool
}
