public import Core
public import Domain

/// Puts changed rules of the database and, when asked, of the configuration file into force while the server runs, and
/// stores trees of commands.
public struct PolicyUpkeep: Service {
    private let policy: RulePolicy
    private let store: any PolicyStore
    private let loader: PolicyLoader
    private let section: JSONValue?
    private let reload: PolicyReload?
    private let interval: Duration
    private let logger: Logger

    /// What the work so far has seen.
    private struct Progress {
        /// The section of the configuration file that is in force.
        var section: JSONValue?
        /// The number of the change that was looked at.
        var change: Int64?
        /// The request for a reload that was seen last.
        var request: String?
    }

    /// `section` is the section `policy` of the configuration file as it was read at the start.
    public init(
        policy: RulePolicy,
        store: any PolicyStore,
        section: JSONValue?,
        reload: PolicyReload? = nil,
        interval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.policy = policy
        self.store = store
        self.section = section
        self.reload = reload
        self.interval = interval
        self.logger = logger
        loader = PolicyLoader(parser: policy.commands.parser)
    }

    /// Works until its task is cancelled; see ``Service/run()``.
    public func run() async throws {
        var progress = Progress(section: section)
        // Requests of earlier times are over: the file was read just now.
        progress.request = try? await store.policyReloadRequest()
        while !Task.isCancelled {
            do {
                try await reloadIfAsked(&progress)
                try await look(&progress)
            } catch is CancellationError {
                break
            } catch {
                logger.warning("rules for commands cannot be read", .init("error", LogValue.error(error)))
            }
            await policy.commands.flush()
            try? await Task.sleep(for: interval)
        }
    }

    /// Reads the file again if somebody wants that, and says what became of it.
    private func reloadIfAsked(_ progress: inout Progress) async throws {
        guard let reload else { return }
        let request = try await store.policyReloadRequest()
        let isNew = request != progress.request
        guard reload.takeWish() || isNew else { return }
        progress.request = request
        var trouble: String?
        do throws(Failure) {
            let section = try await reload.section()
            policy.replace(try await loader.load(section, stored: try await stored()))
            progress.section = section
            logger.notice("rules for commands were read again")
        } catch {
            trouble = error.message
            complain(error)
        }
        if isNew, let request {
            let count = policy.rules.rules.count
            try await store.answerPolicyReload(.init(request: request, rules: count, trouble: trouble))
        }
    }

    /// Loads the rules if those of the database changed; the old ones stay when the new ones are wrong.
    private func look(_ progress: inout Progress) async throws {
        let change = try await store.policyChange()
        guard change != progress.change else { return }
        do throws(Failure) {
            policy.replace(try await loader.load(progress.section, stored: try await stored()))
            if progress.change != nil { logger.notice("rules for commands changed") }
        } catch { complain(error) }
        progress.change = change
    }

    private func complain(_ failure: Failure) {
        logger.error(
            "changed rules for commands are wrong; the old ones stay",
            .init("error", LogValue.untrusted(failure.message))
        )
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
