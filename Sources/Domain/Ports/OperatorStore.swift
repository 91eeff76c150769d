public import Core

/// What an operator is made with.
public struct OperatorDraft: Sendable {
    /// What they sign in with.
    public var name: OperatorName
    /// The bcrypt hash of the passphrase.
    public var passphraseHash: Secret<String>
    /// What they may do.
    public var permissions: Set<Permission>
    /// The system user of their commands; nil for the server's setting.
    public var runAs: String?
    /// Where they are kept.
    public var source: OperatorSource

    /// Makes a draft.
    public init(
        name: OperatorName,
        passphraseHash: Secret<String>,
        permissions: Set<Permission>,
        runAs: String? = nil,
        source: OperatorSource = .local
    ) {
        self.name = name
        self.passphraseHash = passphraseHash
        self.permissions = permissions
        self.runAs = runAs
        self.source = source
    }
}

/// One change of an operator.
public enum OperatorChange: Sendable {
    /// Another passphrase; ends every sign-in.
    case passphrase(hash: Secret<String>)
    /// Shut out; ends every sign-in.
    case disable
    /// Let in again; ended sign-ins stay ended.
    case enable
    case permissions(Set<Permission>)
    case runAs(String?)
}

/// An operator with what their passphrase is checked against.
public struct OperatorCredential: Sendable {
    /// Who.
    public let person: Operator
    /// The bcrypt hash.
    public let passphraseHash: Secret<String>

    /// Makes a value.
    public init(person: Operator, passphraseHash: Secret<String>) {
        self.person = person
        self.passphraseHash = passphraseHash
    }
}

/// Operators; see ``Operator``.
///
/// Several processes may use one store at a time: the server and the command line. What was changed is seen by all
/// from the next call on.
public protocol OperatorStore: Sendable {
    /// Stores a new operator; `operator_exists` (conflict) when the name is taken, in any case of letters.
    func createOperator(_ draft: OperatorDraft, at now: Timestamp) async throws -> Operator
    /// All operators, oldest first.
    func operators() async throws -> [Operator]
    /// The operator with this id.
    func `operator`(_ id: OperatorID) async throws -> Operator?
    /// The operator with this name, in any case of letters, with the hash.
    func credential(named name: OperatorName) async throws -> OperatorCredential?
    /// Applies a change; nil when there is no such operator.
    ///
    /// A change that ends every sign-in counts the epoch up; applying one twice is no error.
    func changeOperator(
        _ id: OperatorID,
        _ change: OperatorChange,
        at now: Timestamp
    ) async throws -> Operator?
}
