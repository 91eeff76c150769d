public import Core
public import Domain
public import SQL

/// The stores of one installation, all on one database.
public struct Stores: Sendable {
    /// Sessions and tickets.
    public let tickets: any TicketStore
    /// Bearer tokens.
    public let tokens: any TokenStore
    /// Operators.
    public let operators: any OperatorStore
    /// Their sign-ins.
    public let signIns: any SignInStore
    /// The audit log.
    public let audit: any AuditStore
    /// The same for those who read and look after it.
    public let auditTrail: any AuditTrail
    /// Chats, their turns and events.
    public let chats: any ChatStore
    /// Links to chats.
    public let shares: any ShareStore
    /// What was asked of providers.
    public let usage: any UsageStore
    /// Facts about the installation.
    public let meta: any MetaStore
    /// Questions to people.
    public let approvals: any ApprovalStore
    /// Rules to be reviewed.
    public let proposals: any RuleProposals
    /// Rules for commands.
    public let policy: any PolicyStore
    /// Parsed commands.
    public let trees: any ShellTreeStore
    /// Registered secrets, sealed.
    public let secrets: any SecretStore
    /// Clients, brands, locations and users of host applications.
    public let tenants: any TenantStore
    /// Their users' sessions.
    public let userSessions: any UserSessionStore
    /// Prepaid credits.
    public let wallets: any WalletStore
    /// Usage that somebody pays for.
    public let meter: any MeterStore
    /// Accounts of principals at providers.
    public let accounts: any AccountStore
    /// What models propose to do in host applications, and what was read from those.
    public let actions: any ActionStore
    /// What administrators see of all owners.
    public let oversight: any OversightStore
    /// What is known of files that were made.
    public let artifacts: any ArtifactStore
}

/// Makes the stores; the schema must be up to date, see ``migrate(_:at:)``.
///
/// Other filters than the usual ones are for tests only.
public func makeStores(
    on database: any Database,
    filter: OwnerFilter = OwnerFilter(),
    scopes: ScopeFilter = ScopeFilter()
) -> Stores {
    let gate = StorageGate(database: database)
    return Stores(
        tickets: SQLTicketStore(gate: gate),
        tokens: SQLTokenStore(gate: gate),
        operators: SQLOperatorStore(gate: gate),
        signIns: SQLSignInStore(gate: gate, filter: filter),
        audit: SQLAuditStore(gate: gate),
        auditTrail: SQLAuditStore(gate: gate),
        chats: SQLChatStore(gate: gate, filter: filter, scopes: scopes),
        shares: SQLShareStore(gate: gate, filter: filter, scopes: scopes),
        usage: SQLUsageStore(gate: gate),
        meta: SQLMetaStore(gate: gate),
        approvals: SQLApprovalStore(gate: gate),
        proposals: SQLRuleProposals(gate: gate),
        policy: SQLPolicyStore(gate: gate),
        trees: SQLShellTreeStore(gate: gate),
        secrets: SQLSecretStore(gate: gate),
        tenants: SQLTenantStore(gate: gate),
        userSessions: SQLUserSessionStore(gate: gate),
        wallets: SQLWalletStore(gate: gate),
        meter: SQLMeterStore(gate: gate),
        accounts: SQLAccountStore(gate: gate, filter: filter),
        actions: SQLActionStore(gate: gate, filter: filter, scopes: scopes),
        oversight: SQLOversightStore(gate: gate),
        artifacts: SQLArtifactStore(gate: gate, filter: filter, scopes: scopes)
    )
}

/// Brings the schema up to date; returns the names of the migrations that were applied now.
///
/// Throws `MigrationError` (a newer schema, an edited migration, a failing one), whose description says what to do,
/// else `SQLError` or `CancellationError`.
public func migrate(_ database: any Database, at now: Timestamp) async throws -> [String] {
    try await Migrator(embeddedMigrations()).migrate(database, at: now).map(\.name)
}

/// The migrations of this program, oldest first. (The build names an embedded file with its first digit replaced.)
public func embeddedMigrations() throws(MigrationError) -> [Migration] {
    [
        try Migration(file: "0001_tickets.sql", bytes: PackageResources._001_tickets_sql),
        try Migration(file: "0002_operators.sql", bytes: PackageResources._002_operators_sql),
        try Migration(file: "0003_approvals.sql", bytes: PackageResources._003_approvals_sql),
        try Migration(file: "0004_chats.sql", bytes: PackageResources._004_chats_sql),
        try Migration(file: "0005_policy.sql", bytes: PackageResources._005_policy_sql),
        try Migration(file: "0006_shares.sql", bytes: PackageResources._006_shares_sql),
        try Migration(file: "0007_secrets.sql", bytes: PackageResources._007_secrets_sql),
        try Migration(file: "0008_tenants.sql", bytes: PackageResources._008_tenants_sql),
        try Migration(file: "0009_wallets.sql", bytes: PackageResources._009_wallets_sql),
        try Migration(file: "0010_accounts.sql", bytes: PackageResources._010_accounts_sql),
        try Migration(file: "0011_actions.sql", bytes: PackageResources._011_actions_sql),
        try Migration(file: "0012_audit.sql", bytes: PackageResources._012_audit_sql),
        try Migration(file: "0013_artifacts.sql", bytes: PackageResources._013_artifacts_sql),
        try Migration(file: "0014_summaries.sql", bytes: PackageResources._014_summaries_sql),
        try Migration(file: "0015_seed_assistant.sql", bytes: PackageResources._015_seed_assistant_sql),
        try Migration(file: "0016_nonces.sql", bytes: PackageResources._016_nonces_sql),
        try Migration(file: "0017_money.sql", bytes: PackageResources._017_money_sql),
        try Migration(file: "0018_asking_sessions.sql", bytes: PackageResources._018_asking_sessions_sql),
    ]
}
