import Application
import Core
import Crypto
import Domain
import FoundationEssentials
import Processes
import Storage

/// The rules of a data directory, for its owner, also beside a running server.
enum PolicyAccess {
    /// Hands the rules in force to a closure; fails when they are wrong.
    static func withPolicy(
        of configuration: Configuration,
        _ body: (PolicyParts, Stores) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { data, stores in
            let parts = try await PolicyParts(
                configuration,
                data: data,
                stores: stores,
                cryptography: makeCryptography(masterKey: data.masterKey),
                logger: Logger(level: .error, sink: NullLogSink())
            )
            try await body(parts, stores)
        }
    }

    /// Hands the verbs for rules to a closure, which works with wrong rules as well.
    static func withService(
        of configuration: Configuration,
        _ body: (PolicyService) async throws -> Void
    ) async throws {
        try await DataAccess.withStores(of: configuration) { _, stores in
            let parser: any ShellParser = await ShfmtParser.find() ?? MissingParser()
            try await body(
                PolicyService(
                    store: stores.policy,
                    proposals: stores.proposals,
                    audit: stores.audit,
                    loader: PolicyLoader(parser: parser),
                    section: configuration.sections[ConfigurationSection.policy.rawValue],
                    clock: SystemWallClock()
                )
            )
        }
    }

    /// The section `policy` of a file: of a whole configuration, or the file's only content.
    static func section(ofFile path: String) async throws -> JSONValue {
        let bytes = try await DedicatedThread(name: "rules-file").run { () throws -> [UInt8] in
            guard let data = FileManager.default.contents(atPath: path), data.count <= 4 << 20 else {
                throw Failure(
                    .unprocessable,
                    code: "policy_invalid",
                    message: "\(path) cannot be read, or has more than 4 MiB.",
                    hint: "Name a JSON5 file with rules."
                )
            }
            return Array(data)
        }
        let json = try parse(bytes, path)
        return json["policy"] ?? json
    }

    /// JSON5, or a failure that says where it was.
    static func parse(_ bytes: [UInt8], _ place: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: bytes, allowsJSON5: true)
        } catch {
            throw Failure(
                .unprocessable,
                code: "policy_invalid",
                message: "\(place) is no JSON5.",
                hint:
                    "A rule is an object such as { decision: 'ask', program: 'reboot', reason: '…', matches: ['reboot'] }."
            )
        }
    }
}

/// A change of rules.
protocol PolicyChangeCommand: ChangeCommand where Subject == PolicyService {}

extension PolicyChangeCommand {
    static func withService(
        of configuration: Configuration,
        _ body: (PolicyService) async throws -> Void
    ) async throws {
        try await PolicyAccess.withService(of: configuration, body)
    }
}
