internal import Core
internal import Domain
internal import Synchronization

/// Commands as trees: from memory, from the store, or from the parser, in this order.
///
/// What the parser made is stored a little later, by ``flush()``.
final class ParsedCommands: Sendable {
    private static let room = 4 << 20
    private static let mostPending = 2_048

    let parser: any ShellParser
    private let store: (any ShellTreeStore)?
    private let cryptography: any Cryptography
    private let logger: Logger
    private let known = GenerationCache<ShellParse>(room: room)
    private let pending = Mutex<[String: ShellParse]>([:])

    init(
        parser: any ShellParser,
        store: (any ShellTreeStore)?,
        cryptography: any Cryptography,
        logger: Logger
    ) {
        self.parser = parser
        self.store = store
        self.cryptography = cryptography
        self.logger = logger
    }

    /// What became of a command's text.
    func parse(_ command: String) async -> ShellParse {
        if let objection = ShellText.objection(to: command) { return .unparsable(objection) }
        if let parse = known[command] { return parse }
        if let parse = await stored([command])[command] { return parse }
        let parse = await parser.parse(command)
        if case .unavailable(let reason) = parse {
            logger.warning("a command cannot be parsed", .init("reason", LogValue.untrusted(reason)))
            return parse
        }
        remember(parse, for: command)
        pending.withLock { pending in
            if pending.count < Self.mostPending { pending[command] = parse }
        }
        return parse
    }

    /// The trees of many commands, as far as they are stored.
    func stored(_ commands: [String]) async -> [String: ShellParse] {
        guard let store else { return [:] }
        let digests = commands.map { digest(of: $0) }
        do {
            let found = try await store.parses(digests)
            var parses: [String: ShellParse] = [:]
            for (command, digest) in zip(commands, digests) {
                guard let parse = found[digest] else { continue }
                parses[command] = parse
                remember(parse, for: command)
            }
            return parses
        } catch {
            logger.warning("stored trees of commands cannot be read", .init("error", LogValue.error(error)))
            return [:]
        }
    }

    /// Stores what was parsed since the last time.
    func flush() async {
        let parses = pending.withLock { pending in
            defer { pending.removeAll() }
            return pending
        }
        guard let store, !parses.isEmpty else { return }
        do {
            try await store.store(parses.map { (digest: digest(of: $0.key), parse: $0.value) })
        } catch {
            logger.warning("trees of commands cannot be stored", .init("error", LogValue.error(error)))
        }
    }

    private func remember(_ parse: ShellParse, for command: String) {
        // A tree takes about ten times its text.
        known.store(parse, for: command, cost: 256 + 12 * command.utf8.count)
    }

    private func digest(of command: String) -> [UInt8] {
        cryptography.digest(Array(parser.version.utf8) + [0] + Array(command.utf8))
    }
}
