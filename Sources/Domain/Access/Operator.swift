public import Core

/// Identifies an operator; never used again.
public struct OperatorID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// What is stored with what the operator did: `operator:<n>`.
    public var principal: PrincipalID { PrincipalID("operator:\(rawValue)") }
    /// Whose principal this is; nil for the hash, tokens and the local socket.
    public init?(_ principal: PrincipalID) {
        guard principal.rawValue.hasPrefix("operator:"), let number = Int64(principal.rawValue.dropFirst(9))
        else { return nil }
        self.init(number)
    }
    /// The order of their making.
    public static func < (left: OperatorID, right: OperatorID) -> Bool { left.rawValue < right.rawValue }
}

/// What an operator is called: letters, digits, `_` and `-`, 1 to 64 of them; case does not tell two apart.
public struct OperatorName: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let rawValue: String

    /// Checks a text; throws `Failure` of kind unprocessable (`invalid_operator_name`).
    public init(_ text: String) throws(Failure) {
        let isNameByte: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isNameByte) else {
            throw Failure(
                .unprocessable,
                code: "invalid_operator_name",
                message: "This is not acceptable as an operator's name.",
                hint: "Use 1 to 64 letters, digits, _ and -."
            )
        }
        rawValue = text
    }

    /// The text, which is safe to show.
    public var description: String { rawValue }
}

/// Where an operator is kept.
public enum OperatorSource: String, Sendable, CaseIterable {
    /// Made on this server, and changed here.
    case local
    /// Named by LLM_CHATTER_PASSPHRASE; passphrase and state are changed there.
    case environment
    /// A customer of a hosting panel, let in by the panel's word; everything about them is settled there.
    case panel
}

/// A person who operates the server.
public struct Operator: Sendable, Equatable {
    /// Who, for good.
    public let id: OperatorID
    /// What they sign in with.
    public var name: OperatorName
    /// What they may do after signing in.
    public var permissions: Set<Permission>
    /// The system user that their commands run as; nil for the server's setting.
    public var runAs: String?
    /// Where they are kept.
    public var source: OperatorSource
    /// Whether they are shut out.
    public var isDisabled: Bool
    /// Counts what ends every sign-in: new passphrases, disabling.
    public var epoch: Int64
    /// When they were made.
    public var created: Timestamp

    /// What is stored with what they did: customers of a panel are told from operators by it.
    public var principal: PrincipalID {
        source == .panel ? PrincipalID(customer: id) : id.principal
    }

    /// What holds of ``permissions``: customers of a panel have no more than ``Permission/forCustomers``, and no shell
    /// without a system user of their own.
    public var effectivePermissions: Set<Permission> {
        guard source == .panel else { return permissions }
        let most = permissions.intersection(Permission.forCustomers)
        return runAs == nil ? most.filter { !$0.isShell } : most
    }

    /// Makes a value.
    public init(
        id: OperatorID,
        name: OperatorName,
        permissions: Set<Permission>,
        runAs: String? = nil,
        source: OperatorSource = .local,
        isDisabled: Bool = false,
        epoch: Int64 = 1,
        created: Timestamp
    ) {
        self.id = id
        self.name = name
        self.permissions = permissions
        self.runAs = runAs
        self.source = source
        self.isDisabled = isDisabled
        self.epoch = epoch
        self.created = created
    }
}
