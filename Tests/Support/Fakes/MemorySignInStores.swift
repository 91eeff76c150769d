public import Core
public import Domain
internal import Synchronization

/// Operators and their sign-ins in memory.
public final class MemorySignInStores: OperatorStore, SignInStore {
    private struct State {
        var people: [Operator] = []
        var hashes: [OperatorID: Secret<String>] = [:]
        var signIns: [SignIn] = []
        var secrets: [SignInID: [UInt8]] = [:]
        var changes: Int64 = 0

        func person(_ id: OperatorID) -> Operator? { people.first { $0.id == id } }

        func isLive(_ signIn: SignIn, at now: Timestamp) -> Bool {
            person(signIn.operator).map { signIn.isLive(for: $0, at: now) } ?? false
        }

        func known(_ id: SignInID) -> KnownSignIn? {
            guard let signIn = signIns.first(where: { $0.id == id }), let person = person(signIn.operator)
            else { return nil }
            return KnownSignIn(signIn: signIn, person: person)
        }

        /// Replaces a sign-in with a changed one.
        mutating func change(
            _ id: SignInID,
            lastSeen: Timestamp? = nil,
            expires: Timestamp? = nil,
            ended: Timestamp? = nil
        ) {
            guard let index = signIns.firstIndex(where: { $0.id == id }) else { return }
            let old = signIns[index]
            signIns[index] = SignIn(
                id: id,
                operator: old.operator,
                kind: old.kind,
                epoch: old.epoch,
                created: old.created,
                expires: max(old.expires, expires ?? old.expires),
                lastSeen: max(old.lastSeen, lastSeen ?? old.lastSeen),
                ended: old.ended ?? ended
            )
        }
    }
    private let state = Mutex(State())

    /// Makes empty stores.
    public init() {}

    // MARK: Operators

    /// As the port says.
    public func createOperator(_ draft: OperatorDraft, at now: Timestamp) async throws -> Operator {
        try state.withLock { state in
            let isTaken = state.people.contains {
                $0.name.rawValue.lowercased() == draft.name.rawValue.lowercased()
            }
            guard !isTaken else { throw Failure(.conflict, code: "operator_exists", message: "Taken.") }
            let person = Operator(
                id: OperatorID(Int64(state.people.count + 1)),
                name: draft.name,
                permissions: draft.permissions,
                runAs: draft.runAs,
                source: draft.source,
                created: now
            )
            state.people.append(person)
            state.hashes[person.id] = draft.passphraseHash
            return person
        }
    }

    /// As the port says.
    public func operators() async throws -> [Operator] { state.withLock { $0.people } }

    /// As the port says.
    public func `operator`(_ id: OperatorID) async throws -> Operator? { state.withLock { $0.person(id) } }

    /// As the port says.
    public func credential(named name: OperatorName) async throws -> OperatorCredential? {
        state.withLock { state in
            let person = state.people.first { $0.name.rawValue.lowercased() == name.rawValue.lowercased() }
            guard let person, let hash = state.hashes[person.id] else { return nil }
            return OperatorCredential(person: person, passphraseHash: hash)
        }
    }

    /// As the port says.
    public func changeOperator(_ id: OperatorID, _ change: OperatorChange, at now: Timestamp) async throws
        -> Operator?
    {
        state.withLock { state in
            guard let index = state.people.firstIndex(where: { $0.id == id }) else { return nil }
            switch change {
            case .passphrase(let hash):
                state.hashes[id] = hash
                state.people[index].epoch += 1
            case .disable:
                if !state.people[index].isDisabled { state.people[index].epoch += 1 }
                state.people[index].isDisabled = true
            case .enable: state.people[index].isDisabled = false
            case .permissions(let permissions): state.people[index].permissions = permissions
            case .runAs(let user): state.people[index].runAs = user
            }
            state.changes += 1
            return state.people[index]
        }
    }

    // MARK: Sign-ins

    /// As the port says.
    public func beginSignIn(
        _ kind: SignInKind,
        of person: Operator,
        secretDigest: [UInt8]?,
        expires: Timestamp,
        limit: Int,
        at now: Timestamp
    ) async throws -> SignIn? {
        state.withLock { state in
            guard let known = state.person(person.id), !known.isDisabled, known.epoch == person.epoch else {
                return nil
            }
            let signIn = SignIn(
                id: SignInID(Int64(state.signIns.count + 1)),
                operator: person.id,
                kind: kind,
                epoch: known.epoch,
                created: now,
                expires: expires,
                lastSeen: now
            )
            state.signIns.append(signIn)
            state.secrets[signIn.id] = secretDigest
            let live = state.signIns.filter { $0.operator == person.id && state.isLive($0, at: now) }
            for old in live.dropLast(limit) {
                state.change(old.id, ended: now)
                state.changes += 1
            }
            return signIn
        }
    }

    /// As the port says.
    public func signIn(secretDigest: [UInt8]) async throws -> KnownSignIn? {
        state.withLock { state in
            state.secrets.first { $0.value == secretDigest }.flatMap { state.known($0.key) }
        }
    }

    /// As the port says.
    public func signIn(_ id: SignInID) async throws -> KnownSignIn? { state.withLock { $0.known(id) } }

    /// As the port says.
    public func signIns(of owner: OperatorID, at now: Timestamp) async throws -> [SignIn] {
        state.withLock { state in
            state.signIns.reversed().filter { $0.operator == owner && state.isLive($0, at: now) }
        }
    }

    /// As the port says.
    public func endSignIn(_ id: SignInID, of owner: OperatorID, at now: Timestamp) async throws -> Bool {
        state.withLock { state in
            guard let known = state.known(id), known.person.id == owner, known.signIn.ended == nil,
                now < known.signIn.expires
            else { return false }
            state.change(id, ended: now)
            state.changes += 1
            return true
        }
    }

    /// As the port says.
    public func touchSignIn(_ id: SignInID, lastSeen: Timestamp, expires: Timestamp) async throws {
        state.withLock { $0.change(id, lastSeen: lastSeen, expires: expires) }
    }

    /// As the port says.
    public func liveSignIns(among ids: Set<SignInID>, at now: Timestamp) async throws -> Set<SignInID> {
        state.withLock { state in
            Set(state.signIns.filter { ids.contains($0.id) && state.isLive($0, at: now) }.map(\.id))
        }
    }

    /// As the port says.
    public func nextEnd(of ids: Set<SignInID>, after now: Timestamp) async throws -> Timestamp? {
        state.withLock { state in
            state.signIns.filter { ids.contains($0.id) && state.isLive($0, at: now) }.map(\.expires).min()
        }
    }

    /// As the port says.
    public func accessChanges() async throws -> Int64 { state.withLock { $0.changes } }
}
