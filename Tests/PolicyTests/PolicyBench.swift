import Application
import Core
import Crypto
import Domain
import Processes
import SQL
import SQLite
import Storage
import Synchronization
import TestSupport
import Testing

/// The policy over the real parser, the real machine and a real database.
struct PolicyBench {
    let folder: ScratchFolder
    let database: any FileDatabase
    let stores: Stores
    let policy: RulePolicy
    let parser: CountingParser
    let loader: PolicyLoader
    let logger = Logger(level: .error, sink: NullLogSink())
    let cryptography = makeCryptography(masterKey: Secret([UInt8](repeating: 7, count: 32)))

    init(
        section: String? = nil,
        get: PolicyScope = .denyOnly,
        trees: Bool = true,
        parser: (any ShellParser)? = nil
    ) async throws {
        folder = try ScratchFolder()
        database = try await openSQLite(path: folder.file("deckhand.db"), readers: 1, logger: logger)
        _ = try await migrate(database, at: Timestamp(seconds: 1))
        stores = makeStores(on: database)
        let real: any ShellParser = if let parser { parser } else { try #require(await ShfmtParser.find()) }
        self.parser = CountingParser(real)
        loader = PolicyLoader(parser: real)
        let json = try section.map { try JSONValue(parsing: Array($0.utf8), allowsJSON5: true) }
        policy = RulePolicy(
            rules: try await loader.load(json),
            settings: .init(getScope: get, ownPaths: [folder.path]),
            parser: self.parser,
            trees: trees ? stores.trees : nil,
            world: SystemPolicyWorld(),
            cryptography: cryptography,
            logger: logger
        )
    }

    func verdict(_ command: String, _ origin: TicketOrigin, in directory: String? = nil) async
        -> PolicyVerdict
    {
        await policy.verdict(on: Self.question(command, origin, in: directory))
    }

    static func question(
        _ command: String,
        _ origin: TicketOrigin,
        in directory: String? = nil,
        environment: [String: String] = [:]
    ) -> PolicyQuestion {
        PolicyQuestion(
            command: command,
            origin: origin,
            principal: .hash,
            workingDirectory: directory,
            environment: environment
        )
    }
}

/// The parser behind it, with a count of what it was asked.
final class CountingParser: ShellParser {
    private let parser: any ShellParser
    private let asked = Atomic<Int>(0)

    init(_ parser: any ShellParser) { self.parser = parser }

    var version: String { parser.version }
    var count: Int { asked.load(ordering: .relaxed) }

    func parse(_ command: String) async -> ShellParse {
        asked.add(1, ordering: .relaxed)
        return await parser.parse(command)
    }
}

extension PolicyVerdict {
    var isAsk: Bool { if case .ask = self { true } else { false } }
    var isDeny: Bool { if case .deny = self { true } else { false } }
    var rule: String? {
        switch self {
        case .allow: nil
        case .ask(_, let rule), .deny(_, let rule, _): rule
        }
    }
}

extension PolicyBench {
    /// The same installation's policy after a restart.
    func again() -> RulePolicy {
        RulePolicy(
            rules: .builtIn,
            settings: .init(ownPaths: [folder.path]),
            parser: parser,
            trees: stores.trees,
            world: SystemPolicyWorld(),
            cryptography: cryptography,
            logger: logger
        )
    }

    func add(_ id: String, _ body: String) async throws {
        try await stores.policy.addPolicyRule(
            StoredPolicyRule(
                id: id,
                body: try JSONValue(parsing: Array(body.utf8), allowsJSON5: true),
                isEnabled: true,
                createdBy: .hash,
                created: Timestamp(seconds: 2)
            )
        )
    }
}
