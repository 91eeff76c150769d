import CLinux
import Core
import Domain

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
            .init(
                flag: "--origins",
                placeholder: "LIST",
                summary:
                    "Origins of the panel's pages, such as https://panel.example.com:2031; those of this machine's name without this."
            ),
            .init(
                flag: "--operator",
                placeholder: "NAME",
                summary: "The operator that root of the panel is; admin without this."
            ),
            .init(flag: "--yes", summary: "Write the settings that the server needs without asking."),
            .init(
                flag: "--repair",
                summary: "Files only, and nothing where it was not installed; for a timer."
            ),
        ],
        details:
            "Run it as root. Files of the panel are kept byte by byte and put back by panel uninstall. A run that was cut off is completed by the next one. Settings go into settings.d of the data directory; what a person wrote is never changed."
    )

    private let panel: PanelArguments
    private let wishes: PanelReach.Wishes

    init(_ arguments: ParsedArguments) throws(UsageError) {
        panel = try PanelArguments(arguments)
        var wishes = PanelReach.Wishes()
        if let text = arguments["--server"] {
            guard text.hasPrefix("https://"), let url = try? BaseURL(text) else {
                throw UsageError(
                    "--server needs an address that begins with https://, which pages over HTTPS can use"
                )
            }
            wishes.server = url.text
        }
        if let text = arguments["--origins"] {
            wishes.origins = try text.split(separator: ",").map { part throws(UsageError) in
                let origin = String(part).trimmed
                guard let url = try? BaseURL(origin), url.path.isEmpty else {
                    throw UsageError("“\(origin)” is not an origin, such as https://panel.example.com:2031")
                }
                return "\(url.scheme)://\(url.authority.lowercased())"
            }
        }
        if let text = arguments["--operator"] {
            guard let name = try? OperatorName(text) else {
                throw UsageError("“\(text)” is not the name of an operator; see deckhand user list")
            }
            wishes.rootOperator = name.rawValue
        }
        self.wishes = wishes
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        PanelKillPoint.arm(program.surroundings.environment["DECKHAND_KILL_AT"])
        let data = panel.dataDirectory(program)
        let kind = try panel.kind(dataDirectory: data)
        let installer = try panel.installer(kind, dataDirectory: data)
        let record = try await PanelArguments.working { try installer.tree.record() }
        if panel.arguments.has("--repair") {
            guard let record, record.state != .removing else { return 0 }
            return try await repair(installer, record, program)
        }
        let base = try panel.base(kind, program)
        let needs = PanelServerNeeds(
            kind,
            wishes: wishes,
            base: base,
            record: record,
            root: installer.tree.root
        )
        if kind == .generic {
            for line in needs.reach.lines { await program.console.say(line) }
            if needs.reach.origins.isEmpty {
                await program.console.say(
                    "The page's origin must be allowed, which none is at first: --origins names it."
                )
            }
        } else {
            let reach = needs.reach
            let steps = try await PanelArguments.working {
                try installer.install(socket: reach.socket, server: reach.server)
            }
            await program.console.say(
                "The assistant is in \(kind.title) \(steps == 0 ? "already" : "now")."
            )
            for line in needs.reach.lines { await program.console.say(line) }
        }
        try await settle(needs, installer.tree, program.console)
        if kind == .generic {
            let page = String(decoding: PackageResources.snippet_html, as: UTF8.self)
            try await program.console.write(
                Array(page.replacing("{{SERVER}}", with: needs.reach.server).utf8)
            )
        }
        return 0
    }

    /// Puts back what an update of the panel took, with what was chosen at the installation.
    private func repair(
        _ installer: PanelInstaller,
        _ record: PanelRecord,
        _ program: ProgramContext
    ) async throws -> Int32 {
        let steps = try await PanelArguments.working {
            try installer.install(socket: record.socket, server: record.server)
        }
        if steps > 0 {
            await program.console.say("The assistant is in \(installer.kind.title) again.")
        }
        return 0
    }

    // MARK: The server's settings

    /// Shows what would change, and writes it if that is wanted.
    private func settle(_ needs: PanelServerNeeds, _ tree: PanelTree, _ console: any Console) async throws {
        let changes = needs.changes
        if !changes.isEmpty {
            await console.say("\nThe server's settings, in \(needs.file.path):\n")
            for line in changes { await console.say("    " + line) }
            await console.say("")
            if try await isWanted(console) {
                try await PanelArguments.working { try needs.apply(tree) }
                await console.say(
                    "They are written. The server reads them at its start: systemctl restart deckhand"
                )
            } else {
                await console.say(
                    "They are not written. Add --yes, or put them into “settings” of deckhand.json5 yourself."
                )
            }
        }
        for hindrance in needs.hindrances { await console.say(hindrance.text) }
        if changes.isEmpty, needs.hindrances.isEmpty {
            await console.say("The server's settings are as they have to be.")
        }
    }

    private func isWanted(_ console: any Console) async throws -> Bool {
        if panel.arguments.has("--yes") { return true }
        guard console.isInteractive, isatty(0) == 1 else { return false }
        let answer = try? await PassphraseReader(console).ask("Write them? [y/N] ", hides: false).reveal()
        return ["y", "yes"].contains(answer?.lowercased().trimmed)
    }
}
