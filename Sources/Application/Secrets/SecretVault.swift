public import Core
public import Domain
internal import Synchronization

/// The registered secrets of a running server, opened: what commands get, what outputs must not show, and what no
/// command may contain.
///
/// Without secrets and provider keys nothing is masked or looked for. As soon as there is one, the installation's
/// hash and keys are covered as well.
public final class SecretVault: Service {
    private static let pause = Duration.milliseconds(500)

    private struct Contents {
        var changes: Int64 = -1
        var values: [SecretName: Secret<[UInt8]>] = [:]
        var mask: MaskList?
        /// Nil while nothing is looked for.
        var matcher: SecretMatcher?
        /// The names in the order of the matcher's values; what comes after them has none.
        var names: [SecretName] = []
    }

    private let store: any SecretStore
    private let sealer: any Sealer
    private let keys: [[UInt8]]
    private let own: [[UInt8]]
    private let logger: Logger
    private let contents: Mutex<Contents>

    /// Makes a vault, which knows the stored secrets after ``refresh()``.
    ///
    /// `keys` are those of providers and the like; `own` is what the installation itself is opened with. Values that
    /// are too short to be masked are left out.
    public init(
        store: any SecretStore,
        sealer: any Sealer,
        keys: [Secret<[UInt8]>] = [],
        own: [Secret<[UInt8]>] = [],
        logger: Logger
    ) {
        self.store = store
        self.sealer = sealer
        self.keys = keys.map { $0.reveal() }
        self.own = own.map { $0.reveal() }
        self.logger = logger
        contents = Mutex(Self.contents([], keys: self.keys, own: self.own, changes: -1))
    }

    /// Takes in what other processes change, until its task is cancelled.
    public func run() async throws {
        while true {
            try await Task.sleep(for: Self.pause)
            do {
                let changes = try await store.changes()
                if changes != contents.withLock({ $0.changes }) { try await refresh() }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.warning("secrets cannot be read", .init("error", LogValue.error(error)))
            }
        }
    }

    /// The names that commands can use, in order.
    public var names: [SecretName] {
        contents.withLock { $0.values.keys.sorted { $0.rawValue < $1.rawValue } }
    }

    /// Reads the stored secrets; what commands are started from now on see and hide them.
    public func refresh() async throws {
        // Read before the secrets, so that a change between the two is seen the next time.
        let changes = try await store.changes()
        var opened: [(SecretName, Secret<[UInt8]>)] = []
        for entry in try await store.secrets() {
            let name = entry.secret.name
            guard let value = sealer.open(entry.sealed, for: name.rawValue) else {
                logger.error(
                    "a secret cannot be opened with this installation's key",
                    .init("secret", LogValue.untrusted(name.rawValue))
                )
                continue
            }
            opened.append((name, value))
        }
        let made = Self.contents(opened, keys: keys, own: own, changes: changes)
        contents.withLock { if $0.changes <= changes { $0 = made } }
    }

    private static func contents(
        _ opened: [(SecretName, Secret<[UInt8]>)],
        keys: [[UInt8]],
        own: [[UInt8]],
        changes: Int64
    ) -> Contents {
        var result = Contents(changes: changes)
        result.values = Dictionary(opened) { $1 }
        guard !opened.isEmpty || !keys.isEmpty else { return result }
        let all = opened.map { $0.1.reveal() } + keys + own
        result.mask = MaskList(values: all)
        result.matcher = SecretMatcher(all)
        result.names = opened.map(\.0)
        return result
    }

    // MARK: Using them

    /// What is replaced in outputs and in what models say; nil for nothing.
    public var mask: MaskList? { contents.withLock { $0.mask } }

    /// The values of secrets; `secret_not_found` (unprocessable) when one is not registered.
    func values(of names: [SecretName]) throws(Failure) -> [SecretName: Secret<[UInt8]>] {
        guard !names.isEmpty else { return [:] }
        let known = contents.withLock { $0.values }
        var result: [SecretName: Secret<[UInt8]>] = [:]
        for name in names {
            guard let value = known[name] else { throw Self.notFound(name) }
            result[name] = value
        }
        return result
    }

    /// Makes sure that secrets are registered; looks again before it says no.
    func require(_ names: [SecretName]) async throws {
        guard !names.isEmpty else { return }
        do {
            _ = try values(of: names)
        } catch {
            try await refresh()
            _ = try values(of: names)
        }
    }

    static func notFound(_ name: SecretName) -> Failure {
        Failure(
            .unprocessable,
            code: "secret_not_found",
            message: "There is no secret named \(name) on this server.",
            hint: "GET /v1/secrets lists the names; an operator adds one with: deckhand secret set \(name)"
        )
    }

    // MARK: Refusing them

    /// Throws `command_has_secret` (unprocessable) when a submission contains the value of a secret.
    func check(_ submission: Submission) throws(Failure) {
        guard contents.withLock({ $0.matcher != nil }) else { return }
        let options = submission.options
        try check(submission.command, "command")
        if case .bytes(let bytes) = options.input { try check(bytes, "input") }
        try check(options.environment, options.workingDirectory)
        if case .named(let name) = submission.target { try check(name) }
        if let key = submission.key { try check(key.rawValue, "key") }
    }

    /// The same for what a session carries.
    func check(_ environment: [String: String], _ directory: String?) throws(Failure) {
        for value in environment.values { try check(value, "environment") }
        if let directory { try check(directory, "working directory") }
    }

    /// The same for the name of a session.
    func check(_ name: SessionName) throws(Failure) { try check(name.rawValue, "session name") }

    /// The same for input that is typed into a running command.
    func check(_ bytes: [UInt8]) throws(Failure) { try check(bytes, "input") }

    /// Throws `message_has_secret` (unprocessable) when what somebody says to a model contains the value of a secret.
    ///
    /// It says which one to those who may know the names.
    func check(said texts: [String], _ part: String, namesAreKnown: Bool) throws(Failure) {
        guard let (matcher, names) = search else { return }
        for text in texts {
            guard let index = matcher.firstMatch(in: text.utf8) else { continue }
            let name = namesAreKnown && names.indices.contains(index) ? names[index] : nil
            throw Failure(
                .unprocessable,
                code: "message_has_secret",
                message: name.map {
                    "The \(part) contains the value of the secret \($0), so it was neither stored nor sent."
                } ?? "The \(part) contains a key of this server, so it was neither stored nor sent.",
                hint: name.map {
                    "Name it in place of its value: \($0). A model runs commands with it by its name."
                } ?? "Leave the key out."
            )
        }
    }

    private func check(_ text: String, _ part: String) throws(Failure) {
        guard let (matcher, names) = search else { return }
        if let index = matcher.firstMatch(in: text.utf8) { throw Self.refusal(index, names, part) }
    }

    private func check(_ bytes: [UInt8], _ part: String) throws(Failure) {
        guard let (matcher, names) = search else { return }
        if let index = matcher.firstMatch(in: bytes) { throw Self.refusal(index, names, part) }
    }

    private var search: (SecretMatcher, [SecretName])? {
        contents.withLock { contents in contents.matcher.map { ($0, contents.names) } }
    }

    private static func refusal(_ index: Int, _ names: [SecretName], _ part: String) -> Failure {
        guard names.indices.contains(index) else {
            return Failure(
                .unprocessable,
                code: "command_has_secret",
                message: "The \(part) contains a key of this server, so it was not stored.",
                hint:
                    "Leave the key out. What a command needs is registered as a secret and used by its name."
            )
        }
        let name = names[index]
        return Failure(
            .unprocessable,
            code: "command_has_secret",
            message: "The \(part) contains the value of the secret \(name), so it was not stored.",
            hint:
                "Use it by name: list \(name) in \"secrets\" (GET: secret=\(name)) and write \"$\(name)\" in the command."
        )
    }
}
