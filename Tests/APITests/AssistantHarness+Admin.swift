import API
import Application
import Core
import Domain
import Storage
import TestSupport

extension AssistantHarness {
    /// Rules over a parser that knows words and nothing else; nobody puts what is stored into force.
    static func admin(
        _ stores: Stores,
        operators: OperatorService,
        tokens: TokenService,
        _ clock: any WallClock
    ) -> AdminServices {
        let parser = WordParser()
        let editor = PolicyEditor(
            policy: RulePolicy(
                rules: .builtIn,
                settings: .init(ownPaths: []),
                parser: parser,
                trees: nil,
                world: EmptyWorld(),
                cryptography: FakeCryptography(),
                logger: Logger(level: .error, sink: NullLogSink())
            ),
            service: PolicyService(
                store: stores.policy,
                proposals: stores.proposals,
                audit: stores.audit,
                loader: PolicyLoader(parser: parser),
                section: nil,
                clock: clock
            ),
            store: stores.policy,
            proposals: stores.proposals,
            cryptography: FakeCryptography(),
            clock: clock,
            patience: .zero
        )
        return AdminServices(
            operators: operators,
            tokens: tokens,
            policy: editor,
            server: FixedReport(),
            checkUser: { name in
                guard name == "www" else {
                    throw Failure(.unprocessable, code: "unknown_user", message: "There is no user \(name).")
                }
            }
        )
    }
}

/// One simple command with literal words.
private struct WordParser: ShellParser {
    var version: String { "words" }

    func parse(_ command: String) async -> ShellParse {
        let words = command.split(separator: " ").map { ShellWord(.literal, String($0)) }
        return .tree(ShellTree(commands: [ShellCommand(words: words)]))
    }
}

private struct EmptyWorld: PolicyWorld {
    func program(_ name: String) -> ProgramResolution { .missing }
    func realPath(_ path: String) -> String? { path }
    func matches(_ pattern: String) -> [String]? { [] }
}

private struct FixedReport: ServerReport {
    var settings: ServerSettings {
        ServerSettings(
            options: [
                .init(
                    key: "PORT",
                    group: "Network",
                    value: "8083",
                    source: "default",
                    isDefault: true,
                    summary: "The port."
                )
            ],
            file: "/srv/deckhand.json5",
            sections: ["providers"],
            warnings: ["odd"]
        )
    }

    func findings() async -> [ServerFinding] {
        [ServerFinding(name: "data.space", verdict: "warning", text: "12 MiB free", hint: "Free some.")]
    }

    func outside() async -> [ServerFinding] {
        [ServerFinding(name: "provider.openai", verdict: "ok", text: "12 models", hint: nil)]
    }

    func load() async -> ServerLoad {
        var load = ServerLoad()
        load.averages = [0.5, 0.25, 0.125]
        load.processors = 2
        return load
    }
}
