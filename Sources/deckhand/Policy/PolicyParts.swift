internal import Application
internal import Core
internal import Domain
internal import Processes
internal import Storage

/// The rules for commands, put together.
struct PolicyParts: Sendable {
    let policy: RulePolicy
    /// Puts changed rules of the database into force.
    let upkeep: PolicyUpkeep
    /// What operators do with rules.
    let service: PolicyService

    /// Loads the rules; throws `policy_invalid` when they cannot be in force.
    init(
        _ configuration: Configuration,
        data: DataDirectory,
        stores: Stores,
        cryptography: any Cryptography,
        reload: PolicyReload? = nil,
        logger: Logger
    ) async throws {
        let parser: any ShellParser = await ShfmtParser.find() ?? MissingParser()
        let section = configuration.sections[ConfigurationSection.policy.rawValue]
        let world = SystemPolicyWorld()
        let paths = [data.path, configuration.sessionsDirectory]
        let own = try await DedicatedThread(name: "policy-paths").run {
            paths + paths.compactMap { world.realPath($0) }
        }
        service = PolicyService(
            store: stores.policy,
            proposals: stores.proposals,
            audit: stores.audit,
            loader: PolicyLoader(parser: parser),
            section: section,
            clock: SystemWallClock()
        )
        policy = RulePolicy(
            rules: try await service.rules(),
            settings: .init(
                getScope: configuration.execution.getPolicy.scope,
                ownPaths: Array(Set(own)).sorted()
            ),
            parser: parser,
            trees: stores.trees,
            world: world,
            cryptography: cryptography,
            logger: logger
        )
        upkeep = PolicyUpkeep(
            policy: policy,
            store: stores.policy,
            section: section,
            reload: reload,
            logger: logger
        )
    }
}

extension GetPolicy {
    /// How much of the rules commands of the GET face meet.
    var scope: PolicyScope {
        switch self {
        case .trusted: .denyOnly
        case .ask: .full
        }
    }
}
