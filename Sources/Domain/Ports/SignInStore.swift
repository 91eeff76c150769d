public import Core

/// A sign-in with its operator as they are now.
public struct KnownSignIn: Sendable, Equatable {
    /// The sign-in.
    public let signIn: SignIn
    /// Its operator.
    public let person: Operator

    /// Makes a value.
    public init(signIn: SignIn, person: Operator) {
        self.signIn = signIn
        self.person = person
    }
}

/// Sign-ins; they survive the server.
public protocol SignInStore: Sendable {
    /// Stores a sign-in; nil when the operator is disabled or has another epoch by now.
    ///
    /// `secretDigest` finds it again by what a cookie carries. Beyond `limit` live ones of that operator the oldest end.
    func beginSignIn(
        _ kind: SignInKind,
        of person: Operator,
        secretDigest: [UInt8]?,
        expires: Timestamp,
        limit: Int,
        at now: Timestamp
    ) async throws -> SignIn?
    /// The sign-in with this digest, live or not.
    func signIn(secretDigest: [UInt8]) async throws -> KnownSignIn?
    /// The sign-in with this id, live or not.
    func signIn(_ id: SignInID) async throws -> KnownSignIn?
    /// The live sign-ins of an operator, newest first.
    func signIns(of owner: OperatorID, at now: Timestamp) async throws -> [SignIn]
    /// Ends a sign-in of this operator; false when they have no live one with this id.
    func endSignIn(_ id: SignInID, of owner: OperatorID, at now: Timestamp) async throws -> Bool
    /// Remembers the use of a sign-in, and moves its end on.
    func touchSignIn(_ id: SignInID, lastSeen: Timestamp, expires: Timestamp) async throws
    /// Those of these sign-ins that are live.
    func liveSignIns(among ids: Set<SignInID>, at now: Timestamp) async throws -> Set<SignInID>
    /// When the first of these that is not over yet ends by itself; nil when there is none.
    func nextEnd(of ids: Set<SignInID>, after now: Timestamp) async throws -> Timestamp?
    /// A number that grows with each change that can end a sign-in, by whatever process; cheap to ask for.
    func accessChanges() async throws -> Int64
}
