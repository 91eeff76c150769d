public import Core
public import Domain

/// An operator as the environment names one.
public struct EnvironmentOperator: Sendable {
    /// What they sign in with.
    public let name: OperatorName
    /// The bcrypt hash of the passphrase.
    public let passphraseHash: Secret<String>

    /// Makes a value.
    public init(name: OperatorName, passphraseHash: Secret<String>) {
        self.name = name
        self.passphraseHash = passphraseHash
    }
}

/// Makes, lists and changes operators, for whoever owns the data directory.
public struct OperatorService: Sendable {
    private static let shortest = 10
    /// bcrypt reads no more (crypt(5)).
    private static let longest = 72

    private let operators: any OperatorStore
    private let passphrases: any PasswordVerifier
    private let audit: any AuditStore
    private let cryptography: any Cryptography
    private let clock: any WallClock

    /// Makes the service.
    public init(
        operators: any OperatorStore,
        passphrases: any PasswordVerifier,
        audit: any AuditStore,
        cryptography: any Cryptography,
        clock: any WallClock
    ) {
        self.operators = operators
        self.passphrases = passphrases
        self.audit = audit
        self.cryptography = cryptography
        self.clock = clock
    }

    /// All operators, oldest first.
    public func list() async throws -> [Operator] { try await operators.operators() }

    /// Makes an operator; `operator_exists`, `invalid_passphrase`.
    public func create(
        _ name: OperatorName,
        passphrase: Secret<String>,
        permissions: Set<Permission>,
        runAs: String?,
        by principal: PrincipalID
    ) async throws -> Operator {
        try Self.check(passphrase)
        let hash = try await passphrases.hash(passphrase)
        let draft = OperatorDraft(name: name, passphraseHash: hash, permissions: permissions, runAs: runAs)
        return try await create(draft, by: principal)
    }

    /// Sets another passphrase, which ends every sign-in; `operator_not_found`, `operator_of_environment`.
    public func setPassphrase(
        _ passphrase: Secret<String>,
        of name: OperatorName,
        by principal: PrincipalID
    ) async throws {
        try Self.check(passphrase)
        let person = try Self.notOfPanel(try await notOfEnvironment(name))
        let hash = try await passphrases.hash(passphrase)
        try await change(person, .passphrase(hash: hash), "operator.passphrase", by: principal)
    }

    /// The operator of this name; `operator_not_found`.
    public func person(_ name: OperatorName) async throws -> Operator { try await found(name) }

    /// Shuts an operator out, which ends every sign-in; `operator_is_oneself` when they ask for it themselves.
    public func disable(_ name: OperatorName, by principal: PrincipalID) async throws {
        let person = try await notOfEnvironment(name)
        guard person.id.principal != principal else { throw Self.oneself }
        try await change(person, .disable, "operator.disable", by: principal)
    }

    /// Lets an operator in again.
    public func enable(_ name: OperatorName, by principal: PrincipalID) async throws {
        try await change(try await notOfEnvironment(name), .enable, "operator.enable", by: principal)
    }

    /// Sets what an operator may do; holds from the next request on.
    ///
    /// Nobody takes `admin` from themselves: `operator_is_oneself`.
    public func setPermissions(
        _ permissions: Set<Permission>,
        of name: OperatorName,
        by principal: PrincipalID
    ) async throws {
        let person = try Self.notOfPanel(try await found(name))
        guard permissions.contains(.admin) || person.id.principal != principal else { throw Self.oneself }
        try await change(person, .permissions(permissions), "operator.permissions", by: principal)
    }

    /// Sets the system user of an operator's commands; nil for the server's setting.
    public func setRunAs(_ user: String?, of name: OperatorName, by principal: PrincipalID) async throws {
        let person = try Self.notOfPanel(try await found(name))
        try await change(person, .runAs(user), "operator.run_as", by: principal)
    }

    // MARK: At the start of the server

    /// Brings the operators of the environment up to date: new ones are made with all permissions, changed ones get their
    /// new passphrase, and those that are not named any more are shut out.
    ///
    /// Returns the names that cannot be used because a local operator has them.
    public func adopt(_ named: [EnvironmentOperator]) async throws -> [OperatorName] {
        let principal = PrincipalID("environment")
        var taken: [OperatorName] = []
        var kept: Set<OperatorID> = []
        for entry in named {
            guard let known = try await operators.credential(named: entry.name) else {
                let draft = OperatorDraft(
                    name: entry.name,
                    passphraseHash: entry.passphraseHash,
                    permissions: Set(Permission.allCases),
                    source: .environment
                )
                kept.insert(try await create(draft, by: principal).id)
                continue
            }
            guard known.person.source == .environment else {
                taken.append(entry.name)
                continue
            }
            kept.insert(known.person.id)
            if known.passphraseHash.reveal() != entry.passphraseHash.reveal() {
                let change = OperatorChange.passphrase(hash: entry.passphraseHash)
                try await self.change(known.person, change, "operator.passphrase", by: principal)
            }
            if known.person.isDisabled {
                try await change(known.person, .enable, "operator.enable", by: principal)
            }
        }
        for person in try await operators.operators()
        where person.source == .environment && !person.isDisabled && !kept.contains(person.id) {
            try await change(person, .disable, "operator.disable", by: principal)
        }
        return taken
    }

    /// Makes the operator `admin` with every permission if there is no operator at all; returns the passphrase, which is
    /// to be shown once.
    public func createFirst() async throws -> (name: OperatorName, passphrase: Secret<String>)? {
        guard try await operators.operators().isEmpty else { return nil }
        let name = try OperatorName("admin")
        let passphrase = generatePassphrase()
        _ = try await create(
            name,
            passphrase: passphrase,
            permissions: Set(Permission.allCases),
            runAs: nil,
            by: PrincipalID("first-start")
        )
        return (name, passphrase)
    }

    /// A passphrase of 100 random bits: 20 letters and digits that are not taken for each other, in groups of five.
    public func generatePassphrase() -> Secret<String> {
        let alphabet = Array("abcdefghjkmnpqrstuvwxyz123456789")
        let characters = cryptography.randomBytes(20).map { alphabet[Int($0) % alphabet.count] }
        let groups = stride(from: 0, to: 20, by: 5).map { String(characters[$0..<$0 + 5]) }
        return Secret(groups.joined(separator: "-"))
    }

    // MARK: Steps

    private func found(_ name: OperatorName) async throws -> Operator {
        guard let known = try await operators.credential(named: name) else { throw Self.missing(name) }
        return known.person
    }

    private func notOfEnvironment(_ name: OperatorName) async throws -> Operator {
        let person = try await found(name)
        guard person.source != .environment else {
            throw Failure(
                .conflict,
                code: "operator_of_environment",
                message: "\(name) is named by LLM_CHATTER_PASSPHRASE and is changed there.",
                hint: "Change that variable and restart the server."
            )
        }
        return person
    }

    private func create(_ draft: OperatorDraft, by principal: PrincipalID) async throws -> Operator {
        let now = clock.now()
        return try await audit.keeping { person in
            [Self.entry("operator.create", person, by: principal, at: now)]
        } with: {
            try await operators.createOperator(draft, at: now)
        }
    }

    private static func notOfPanel(_ person: Operator) throws(Failure) -> Operator {
        guard person.source != .panel else {
            throw Failure(
                .conflict,
                code: "operator_of_panel",
                message: "\(person.name) is a customer of the hosting panel and signs in there.",
                hint:
                    "What customers may do is said by DECKHAND_PANEL_CUSTOMERS; deckhand user disable shuts one out."
            )
        }
        return person
    }

    private func change(
        _ person: Operator,
        _ change: OperatorChange,
        _ action: String,
        by principal: PrincipalID
    ) async throws {
        let now = clock.now()
        let changed = try await audit.keeping { (changed: Operator?) in
            changed.map { [Self.entry(action, $0, by: principal, at: now)] } ?? []
        } with: {
            try await operators.changeOperator(person.id, change, at: now)
        }
        guard changed != nil else { throw Self.missing(person.name) }
    }

    static func entry(
        _ action: String,
        _ person: Operator,
        by principal: PrincipalID,
        at now: Timestamp
    ) -> AuditEntry {
        let words = person.permissions.sorted().map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        return AuditEntry(
            time: now,
            principal: principal,
            action: action,
            subject: "operator/\(person.id)",
            detail: "{\"name\":\"\(person.name)\",\"permissions\":[\(words)]}"
        )
    }

    private static func missing(_ name: OperatorName) -> Failure {
        Failure(
            .notFound,
            code: "operator_not_found",
            message: "There is no operator \(name).",
            hint: "See: deckhand user list"
        )
    }

    /// Whoever shuts themselves out cannot undo it.
    private static let oneself = Failure(
        .conflict,
        code: "operator_is_oneself",
        message: "Nobody shuts themselves out, or takes the permission admin from themselves.",
        hint: "Another operator with admin can do it, or deckhand user on the server."
    )

    /// Refuses passphrases that are short, or of which bcrypt would read a part only.
    private static func check(_ passphrase: Secret<String>) throws(Failure) {
        let text = passphrase.reveal()
        let hasControls = text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        guard text.count >= shortest, text.utf8.count <= longest, !hasControls else {
            throw Failure(
                .unprocessable,
                code: "invalid_passphrase",
                message: "A passphrase needs \(shortest) characters at least, and \(longest) bytes at most.",
                hint: "Use several words, or let --generate make one."
            )
        }
    }
}
