internal import Application
internal import Core
internal import Domain

/// What there is for somebody, so that a client need not ask in vain.
struct Features: Sendable {
    /// Providers at which they can connect an account.
    let accounts: Bool
    /// A wallet that pays for them, and that they may see.
    let wallet: Bool
    /// Actions that an assistant may propose to them.
    let actions: Bool
    /// Files that are kept for them.
    let artifacts: Bool
    /// Commands, for operators.
    let commands: Bool
    /// Host applications, whose users, clients and wallets operators may look after.
    let applications: Bool

    /// For a user of a host application, as things stand now.
    static func of(_ user: Principal, _ services: EdgeServices) async throws -> Features {
        let actions = user.permissions.contains(.aiAction) ? services.actions?.actions : nil
        return Features(
            accounts: hasAccounts(user.permissions, services),
            wallet: try await seesWallet(user, services),
            actions: try actions?.catalogue(as: user).isEmpty == false,
            artifacts: user.permissions.contains(.aiArtifact) && services.artifacts != nil
        )
    }

    /// For an operator: nobody pays for them, and no application acts for them.
    init(ofOperatorWith permissions: Set<Permission>, _ services: EdgeServices) {
        accounts = Self.hasAccounts(permissions, services)
        wallet = false
        actions = false
        artifacts = permissions.contains(.aiArtifact) && services.artifacts != nil
        commands = services.settings.shellIsOn
        applications = services.hosts != nil
    }

    private init(accounts: Bool, wallet: Bool, actions: Bool, artifacts: Bool) {
        self.accounts = accounts
        self.wallet = wallet
        self.actions = actions
        self.artifacts = artifacts
        commands = false
        applications = false
    }

    private static func hasAccounts(_ permissions: Set<Permission>, _ services: EdgeServices) -> Bool {
        permissions.contains(.aiAccount) && services.accounts?.hasProviders == true
    }

    private static func seesWallet(_ user: Principal, _ services: EdgeServices) async throws -> Bool {
        guard let credits = services.credits, user.permissions.contains(.aiWallet) else { return false }
        return try await credits.reader.hasWallet(user)
    }

    func write(to writer: inout JSONWriter) {
        writer.key("features")
        writer.object { writer in
            writer.key("accounts")
            writer.bool(accounts)
            writer.key("wallet")
            writer.bool(wallet)
            writer.key("actions")
            writer.bool(actions)
            writer.key("artifacts")
            writer.bool(artifacts)
            writer.key("commands")
            writer.bool(commands)
            writer.key("applications")
            writer.bool(applications)
        }
    }
}
