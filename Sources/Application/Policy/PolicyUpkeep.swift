public import Core
public import Domain

/// Puts changed rules of the database into force while the server runs, and stores trees of commands.
public struct PolicyUpkeep: Service {
    private let policy: RulePolicy
    private let store: any PolicyStore
    private let loader: PolicyLoader
    private let section: JSONValue?
    private let interval: Duration
    private let logger: Logger

    /// `section` is the section `policy` of the configuration file.
    public init(
        policy: RulePolicy,
        store: any PolicyStore,
        section: JSONValue?,
        interval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.policy = policy
        self.store = store
        self.section = section
        self.interval = interval
        self.logger = logger
        loader = PolicyLoader(parser: policy.commands.parser)
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        var change: Int64?
        while !Task.isCancelled {
            do {
                change = try await look(after: change)
            } catch is CancellationError {
                break
            } catch {
                logger.warning("rules for commands cannot be read", .init("error", LogValue.error(error)))
            }
            await policy.commands.flush()
            try? await Task.sleep(for: interval)
        }
    }

    /// Loads the rules if they changed since `seen`; the old ones stay when the new ones are wrong.
    ///
    /// Returns the number of the change that was looked at.
    func look(after seen: Int64?) async throws -> Int64 {
        let change = try await store.policyChange()
        guard change != seen else { return change }
        do throws(Failure) {
            policy.replace(try await loader.load(section, stored: try await stored()))
            if seen != nil { logger.notice("rules for commands changed") }
        } catch {
            logger.error(
                "changed rules for commands are wrong; the old ones stay",
                .init("error", LogValue.untrusted(error.message))
            )
        }
        return change
    }

    private func stored() async throws(Failure) -> [StoredPolicyRule] {
        do {
            return try await store.policyRules()
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.unavailable, code: "storage_unavailable", message: "The rules cannot be read.")
        }
    }
}
