import CLinux
import Core
import Domain

/// What the three commands share.
struct PanelArguments: Sendable {
    static let options: [CommandSpecification.Option] = [
        .init(
            flag: "--panel",
            placeholder: "cwp|cpanel|generic",
            summary: "Which panel; found out without this."
        ),
        .init(
            flag: "--root",
            placeholder: "DIRECTORY",
            summary: "Where the panel's file system begins, if not at /."
        ),
        CommandSpecification.dataDirectory,
    ]

    let arguments: ParsedArguments
    private let said: PanelKind?
    private let root: String

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        if let word = arguments["--panel"] {
            guard let kind = PanelKind(rawValue: word) else {
                throw UsageError("“\(word)” is not a panel; known are cwp, cpanel and generic")
            }
            said = kind
        } else {
            said = nil
        }
        var root = arguments["--root"] ?? ""
        while root.hasSuffix("/") { root.removeLast() }
        guard root.isEmpty || root.hasPrefix("/") else { throw UsageError("--root needs an absolute path") }
        self.root = root
    }

    /// The panel that was named or found; `panel_not_found`.
    func kind() throws(Failure) -> PanelKind {
        if let said {
            guard let landmark = said.landmark, !isThere(landmark) else { return said }
            throw Failure(
                .notFound,
                code: "panel_not_found",
                message: "This machine does not have \(said.title): there is no \(root)\(landmark).",
                hint: "Name the panel that it has, or generic for a page of your own."
            )
        }
        for kind in PanelKind.allCases {
            if let landmark = kind.landmark, isThere(landmark) { return kind }
        }
        throw Failure(
            .notFound,
            code: "panel_not_found",
            message: "No hosting panel was found on this machine.",
            hint: "Add --panel generic for a page of your own."
        )
    }

    func isThere(_ path: String) -> Bool { unsafe access(root + path, R_OK) == 0 }

    func installer(_ kind: PanelKind, _ configuration: Configuration) -> PanelInstaller {
        let home = configuration.dataDirectory + "/panel/" + kind.rawValue
        var tree = PanelTree(root: root, home: home)
        tree.edge = PanelKillPoint.edge
        return PanelInstaller(kind: kind, tree: tree)
    }

    /// Works on a panel's tree, on a thread that may block.
    static func working<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await DedicatedThread(name: "panel").run(body)
    }
}

/// `deckhand panel install`.
struct PanelInstallCommand: Command {
    static let specification = CommandSpecification(
        name: "panel install",
        summary: "Put the assistant into a hosting panel, or repair it after an update of the panel.",
        options: PanelArguments.options + [
            .init(
                flag: "--server",
                placeholder: "URL",
                summary:
                    "The HTTPS address at which browsers reach the server; chosen and explained without this."
            ),
            .init(flag: "--repair", summary: "Do nothing where it was not installed; for a timer."),
        ],
        details:
            "Run it as root. Files of the panel are kept byte by byte and put back by panel uninstall. A run that was cut off is completed by the next one."
    )

    private let panel: PanelArguments
    private let server: String?

    init(_ arguments: ParsedArguments) throws(UsageError) {
        panel = try PanelArguments(arguments)
        if let text = arguments["--server"] {
            guard text.hasPrefix("https://"), let url = try? BaseURL(text) else {
                throw UsageError(
                    "--server needs an address that begins with https://, which pages over HTTPS can use"
                )
            }
            server = url.text
        } else {
            server = nil
        }
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        PanelKillPoint.arm(program.surroundings.environment["DECKHAND_KILL_AT"])
        let configuration = try program.configuration(panel.arguments).configuration
        let kind = try panel.kind()
        let installer = panel.installer(kind, configuration)
        let isRepair = panel.arguments.has("--repair")
        let standing = try await PanelArguments.working { try installer.standing() }
        if isRepair, !standing.isInstalled { return 0 }
        let reach = PanelReach(
            kind,
            host: PanelReach.hostName(),
            said: server ?? (isRepair ? standing.server : nil),
            configuration: configuration,
            isReadable: panel.isThere
        )
        guard kind != .generic else {
            let page = String(decoding: PackageResources.snippet_html, as: UTF8.self)
            await program.console.say(reach.lines.joined(separator: "\n") + "\n")
            await program.console.say(
                "The page's origin must stand in DECKHAND_CORS_ORIGINS, which is empty at first.\n"
            )
            try await program.console.write(Array(page.replacing("{{SERVER}}", with: reach.server).utf8))
            return 0
        }
        let socket = PanelReach.socket(configuration)
        let steps = try await PanelArguments.working {
            try installer.install(socket: socket, server: reach.server)
        }
        if isRepair, steps == 0 { return 0 }
        let done = steps == 0 ? "is in \(kind.title) already" : "is in \(kind.title) now"
        await program.console.say("The assistant \(done).")
        if !isRepair { for line in reach.lines { await program.console.say(line) } }
        return 0
    }
}

/// `deckhand panel uninstall`.
struct PanelUninstallCommand: Command {
    static let specification = CommandSpecification(
        name: "panel uninstall",
        summary: "Take the assistant out of a hosting panel; the panel's files are as they were.",
        options: PanelArguments.options
    )

    private let panel: PanelArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { panel = try PanelArguments(arguments) }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let configuration = try program.configuration(panel.arguments).configuration
        let kind = try panel.kind()
        PanelKillPoint.arm(program.surroundings.environment["DECKHAND_KILL_AT"])
        let installer = panel.installer(kind, configuration)
        let steps = try await PanelArguments.working { try installer.uninstall() }
        await program.console.say(
            steps == 0
                ? "The assistant was not in \(kind.title)."
                : "The assistant is out of \(kind.title); its settings in deckhand.json5 are yours to remove."
        )
        return 0
    }
}

/// `deckhand panel status`.
struct PanelStatusCommand: Command {
    static let specification = CommandSpecification(
        name: "panel status",
        summary: "Say whether the assistant is in a hosting panel as it should be; exit code 1 if not.",
        options: PanelArguments.options + [CommandSpecification.json]
    )

    private let panel: PanelArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { panel = try PanelArguments(arguments) }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let configuration = try program.configuration(panel.arguments).configuration
        let kind = try panel.kind()
        let installer = panel.installer(kind, configuration)
        let standing = try await PanelArguments.working { try installer.standing() }
        let isWell = standing.isInstalled && standing.troubles.isEmpty
        if panel.arguments.has("--json") {
            let value = JSONValue.object([
                "panel": .string(kind.rawValue), "installed": .bool(standing.isInstalled),
                "well": .bool(isWell), "troubles": .array(standing.troubles.map(JSONValue.string)),
                "server": standing.server.map(JSONValue.string) ?? .null,
            ])
            try await program.console.write(value.bytes + [10])
            return isWell ? 0 : 1
        }
        guard standing.isInstalled else {
            try await program.console.print("The assistant is not in \(kind.title).")
            return 1
        }
        try await program.console.print(
            isWell
                ? "The assistant is in \(kind.title)."
                : "The assistant is in \(kind.title), but not as it should be:"
        )
        for trouble in standing.troubles { try await program.console.print("  " + trouble) }
        if !isWell { await program.console.say("deckhand panel install repairs it.") }
        return isWell ? 0 : 1
    }
}
