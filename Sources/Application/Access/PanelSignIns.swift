public import Core
public import Domain

/// What customers of a hosting panel get.
public enum PanelCustomers: String, Sendable, CaseIterable {
    /// Nothing: only root of the panel is let in.
    case off
    /// The assistant, without commands.
    case chat
    /// Commands too, as their own system user.
    case shell

    /// What that gives.
    public var permissions: Set<Permission> {
        switch self {
        case .off: []
        case .chat: [.chat]
        case .shell: Permission.forCustomers
        }
    }
}

/// Whom a hosting panel lets in.
public struct PanelSettings: Sendable, Equatable {
    /// The operator that root of the panel is; nil for nobody.
    public var rootOperator: OperatorName?
    /// What everybody else gets.
    public var customers = PanelCustomers.chat
    /// Users with lower numbers are the system's, and nobody's customers.
    public var lowestUID: UInt32 = 1_000
    /// How long a page's word is good.
    public var lifetime: Duration = .seconds(60)

    /// The usual settings.
    public init() {}
}

/// What came of a page's word.
public enum VouchedSignIn: Sendable {
    /// The sign-in that the browser had already.
    case same(KnownSignIn)
    /// A new one.
    case begun(BegunSignIn)

    /// The sign-in and its operator.
    public var known: KnownSignIn {
        switch self {
        case .same(let known): known
        case .begun(let begun): begun.known
        }
    }
}

/// Signing in by the word of a hosting panel: its page asks over a local socket, whose other end the kernel names; the
/// browser hands the answer to this server.
public final class PanelSignIns: Sendable {
    /// Not a hash of anything: no passphrase is right for a customer.
    private static let noPassphrase = "!"
    private static let panel = PrincipalID("panel")

    private let settings: PanelSettings
    private let operators: any OperatorStore
    private let signIns: SignInService
    private let users: any SystemUsers
    private let audit: any AuditStore
    private let clock: any WallClock
    private let assertions: PanelAssertions
    private let limiter = RateLimiter(limit: 60, per: .seconds(60))

    /// Makes the service; what was signed before is good no more.
    public init(
        settings: PanelSettings,
        operators: any OperatorStore,
        signIns: SignInService,
        users: any SystemUsers,
        audit: any AuditStore,
        cryptography: any Cryptography,
        clock: any WallClock
    ) {
        self.settings = settings
        self.operators = operators
        self.signIns = signIns
        self.users = users
        self.audit = audit
        self.clock = clock
        assertions = PanelAssertions(cryptography: cryptography, lifetime: settings.lifetime)
    }

    // MARK: For the panel's page

    /// Vouches for the user that a page runs as; root may name another one, whom it could become anyway.
    ///
    /// Throws `Failure`: `panel_user_foreign`, `panel_user_unknown`, `panel_user_not_admitted`, `panel_operator_missing`,
    /// `too_many_requests`.
    public func assertion(
        forPeer uid: UInt32,
        naming name: String?,
        at audience: String
    ) async throws -> (text: Secret<String>, lifetime: Duration) {
        let now = clock.now()
        if let wait = limiter.admit("uid-\(uid)", at: now) {
            throw Failure(
                .rateLimited,
                code: "too_many_requests",
                message: "This user asks too often.",
                hint: "Ask once when the assistant is opened.",
                retryAfter: wait
            )
        }
        let user = try await user(forPeer: uid, naming: name)
        // Said here already, where the panel's page can show it.
        if user.uid == 0 { _ = try await rootOperator() } else { try admit(user) }
        let signed = assertions.sign(PanelClaims(user: user, audience: audience), at: now)
        return (signed.text, signed.expires - now)
    }

    private func user(forPeer uid: UInt32, naming name: String?) async throws -> SystemUser {
        guard let own = try await users.user(uid) else { throw Self.unknown }
        guard let name, name != own.name else { return own }
        guard uid == 0 else {
            throw Failure(
                .forbidden,
                code: "panel_user_foreign",
                message: "A page that runs as \(own.name) cannot vouch for anybody else.",
                hint: "Leave 'user' out."
            )
        }
        guard let other = try await users.user(named: name) else { throw Self.unknown }
        return other
    }

    private func admit(_ user: SystemUser) throws(Failure) {
        guard settings.customers != .off, user.uid >= settings.lowestUID else {
            throw Failure(
                .forbidden,
                code: "panel_user_not_admitted",
                message: "\(user.name) is not let in by the panel.",
                hint:
                    "DECKHAND_PANEL_CUSTOMERS says whether customers are; users below DECKHAND_PANEL_LOWEST_UID never are."
            )
        }
    }

    // MARK: For the browser

    /// Begins a sign-in of whom a page of this origin vouched for; uses its word up.
    ///
    /// A sign-in that the browser has already goes on when it is the same person's, since other tabs may use it, and is
    /// ended when it is somebody else's. Throws `Failure`: what the assertion says (`assertion_…`), and what is wrong with
    /// its person.
    public func signIn(
        _ assertion: Secret<String>,
        kind: SignInKind,
        at audience: String,
        inPlaceOf known: KnownSignIn? = nil
    ) async throws -> VouchedSignIn {
        let claims = try assertions.take(assertion, for: audience, at: clock.now())
        let person = try await claims.user.uid == 0 ? rootOperator() : customer(claims.user)
        if let known, known.person.id == person.id, known.signIn.kind == kind, !person.isDisabled {
            return .same(known)
        }
        let begun = try await signIns.signIn(vouchedFor: person, kind: kind)
        if let known {
            do {
                try await signIns.end(known.signIn.id, as: Principal(known.person, signIn: known.signIn.id))
            } catch let failure as Failure where failure.code == "sign_in_not_found" {
                // It ended meanwhile.
            }
        }
        return .begun(begun)
    }

    private func rootOperator() async throws -> Operator {
        guard let name = settings.rootOperator,
            let person = try await operators.credential(named: name)?.person, person.source != .panel
        else {
            throw Failure(
                .forbidden,
                code: "panel_operator_missing",
                message: "Nobody is named as the operator that root of the panel is.",
                hint: "Set DECKHAND_PANEL_OPERATOR to an operator of deckhand user list."
            )
        }
        return person
    }

    /// The row of a customer, made at the first visit and kept in line with the settings.
    private func customer(_ user: SystemUser) async throws -> Operator {
        try admit(user)
        let name = try Self.name(of: user)
        guard let known = try await operators.credential(named: name)?.person else {
            let draft = OperatorDraft(
                name: name,
                passphraseHash: Secret(Self.noPassphrase),
                permissions: settings.customers.permissions,
                runAs: user.name,
                source: .panel
            )
            do {
                let now = clock.now()
                return try await audit.keeping { made in
                    [OperatorService.entry("operator.create", made, by: Self.panel, at: now)]
                } with: {
                    try await operators.createOperator(draft, at: now)
                }
            } catch let failure as Failure where failure.code == "operator_exists" {
                // Another tab was faster.
                return try await customer(user)
            }
        }
        guard known.source == .panel, known.runAs == user.name else {
            throw Failure(
                .conflict,
                code: "panel_name_taken",
                message: "The name \(name) belongs to another operator.",
                hint: "Give that operator another name."
            )
        }
        return try await settle(known)
    }

    /// With the number, because names are given again; other characters than those of operators' names become `_`.
    static func name(of user: SystemUser) throws(Failure) -> OperatorName {
        let text = user.name.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                || scalar == "-" ? Character(scalar) : "_"
        }
        return try OperatorName("panel-\(String(text.prefix(40)))-\(user.uid)")
    }

    // MARK: At the start of the server

    /// Gives customers of earlier runs what the settings say now; with customers off, nothing.
    public func settle() async throws {
        for person in try await operators.operators() where person.source == .panel {
            _ = try await settle(person)
        }
    }

    private func settle(_ person: Operator) async throws -> Operator {
        let wanted = settings.customers.permissions
        guard person.permissions != wanted else { return person }
        let now = clock.now()
        let changed = try await audit.keeping { (changed: Operator?) in
            changed.map { [OperatorService.entry("operator.permissions", $0, by: Self.panel, at: now)] } ?? []
        } with: {
            try await operators.changeOperator(person.id, .permissions(wanted), at: now)
        }
        return changed ?? person
    }

    private static let unknown = Failure(
        .forbidden,
        code: "panel_user_unknown",
        message: "This machine knows no such user.",
        hint: "Check the account's entry in /etc/passwd."
    )
}
