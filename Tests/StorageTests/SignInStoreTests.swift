import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

/// Two stores of one installation as one value.
private struct BothStores: OperatorStore, SignInStore {
    let people: any OperatorStore
    let signIns: any SignInStore

    func createOperator(_ draft: OperatorDraft, at now: Timestamp) async throws -> Operator {
        try await people.createOperator(draft, at: now)
    }
    func operators() async throws -> [Operator] { try await people.operators() }
    func `operator`(_ id: OperatorID) async throws -> Operator? { try await people.operator(id) }
    func credential(named name: OperatorName) async throws -> OperatorCredential? {
        try await people.credential(named: name)
    }
    func changeOperator(_ id: OperatorID, _ change: OperatorChange, at now: Timestamp) async throws
        -> Operator?
    { try await people.changeOperator(id, change, at: now) }
    func beginSignIn(
        _ kind: SignInKind,
        of person: Operator,
        secretDigest: [UInt8]?,
        expires: Timestamp,
        limit: Int,
        at now: Timestamp
    ) async throws -> SignIn? {
        try await signIns.beginSignIn(
            kind,
            of: person,
            secretDigest: secretDigest,
            expires: expires,
            limit: limit,
            at: now
        )
    }
    func signIn(secretDigest: [UInt8]) async throws -> KnownSignIn? {
        try await signIns.signIn(secretDigest: secretDigest)
    }
    func signIn(_ id: SignInID) async throws -> KnownSignIn? { try await signIns.signIn(id) }
    func signIns(of owner: OperatorID, at now: Timestamp) async throws -> [SignIn] {
        try await signIns.signIns(of: owner, at: now)
    }
    func endSignIn(_ id: SignInID, of owner: OperatorID, at now: Timestamp) async throws -> Bool {
        try await signIns.endSignIn(id, of: owner, at: now)
    }
    func touchSignIn(_ id: SignInID, lastSeen: Timestamp, expires: Timestamp) async throws {
        try await signIns.touchSignIn(id, lastSeen: lastSeen, expires: expires)
    }
    func nextEnd(of ids: Set<SignInID>, after now: Timestamp) async throws -> Timestamp? {
        try await signIns.nextEnd(of: ids, after: now)
    }
    func liveSignIns(among ids: Set<SignInID>, at now: Timestamp) async throws -> Set<SignInID> {
        try await signIns.liveSignIns(among: ids, at: now)
    }
    func accessChanges() async throws -> Int64 { try await signIns.accessChanges() }
}

@Suite("Operators and sign-ins")
struct SignInStoreTests {
    @Test("on SQLite", arguments: SignInStoreSuite.cases)
    func database(_ promise: SignInStoreSuite.Case) async throws {
        let installation = try await Installation()
        let stores = installation.stores
        try await promise.run(BothStores(people: stores.operators, signIns: stores.signIns))
        await installation.database.close()
    }

    @Test("in memory, which other tests rely on", arguments: SignInStoreSuite.cases)
    func memory(_ promise: SignInStoreSuite.Case) async throws {
        try await promise.run(MemorySignInStores())
    }
}
