import CLinux
import Core
import Domain

/// `deckhand panel uninstall`.
struct PanelUninstallCommand: Command {
    static let specification = CommandSpecification(
        name: "panel uninstall",
        summary: "Take the assistant out of a hosting panel; the panel's files are as they were.",
        options: PanelArguments.options + [
            .init(flag: "--all", summary: "Out of every panel in which it is, if there is any.")
        ],
        details: "The settings that panel install gave the server go too."
    )

    private let panel: PanelArguments

    init(_ arguments: ParsedArguments) throws(UsageError) {
        panel = try PanelArguments(arguments)
        if arguments.has("--all"), arguments.has("--panel") || arguments.has("--root") {
            throw UsageError("--all goes without --panel and --root")
        }
    }

    func run(_ program: ProgramContext) async throws -> Int32 {
        PanelKillPoint.arm(program.surroundings.environment["DECKHAND_KILL_AT"])
        let data = panel.dataDirectory(program)
        if panel.arguments.has("--all") {
            for kind in PanelKind.allCases {
                let installer = try PanelArguments.installer(kind, dataDirectory: data)
                let settings = PanelSettingsFile(kind, dataDirectory: data)
                let isThere = try await PanelArguments.working {
                    try installer.tree.record() != nil || settings.isThere
                }
                if isThere { try await takeOut(installer, settings, program.console) }
            }
            return 0
        }
        let kind = try panel.kind(dataDirectory: data)
        try await takeOut(
            try panel.installer(kind, dataDirectory: data),
            PanelSettingsFile(kind, dataDirectory: data),
            program.console
        )
        return 0
    }

    private func takeOut(
        _ installer: PanelInstaller,
        _ settings: PanelSettingsFile,
        _ console: any Console
    ) async throws {
        let (steps, hadSettings) = try await PanelArguments.working {
            let steps = try installer.uninstall()
            guard settings.isThere else { return (steps, false) }
            try installer.tree.removeSettings(at: settings.path)
            return (steps, true)
        }
        let title = installer.kind.title
        await console.say(
            steps == 0 ? "The assistant was not in \(title)." : "The assistant is out of \(title)."
        )
        if hadSettings {
            await console.say(
                "Its settings are out of \(settings.path): restart the server. What you wrote elsewhere stays."
            )
        }
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
        let data = panel.dataDirectory(program)
        let kind = try panel.kind(dataDirectory: data)
        let installer = try panel.installer(kind, dataDirectory: data)
        let report = try await PanelReport(installer, base: try panel.base(kind, program))
        if panel.arguments.has("--json") {
            try await program.console.write(report.json.bytes + [10])
        } else if report.isInstalled {
            let name = "The assistant is in \(kind.title)"
            try await program.console.print(
                report.isWell ? name + "." : name + ", but not all is as it should be:"
            )
            for trouble in report.files + report.settings + report.server {
                try await program.console.print("  " + trouble)
            }
            if !(report.files + report.settings).isEmpty {
                await program.console.say("deckhand panel install repairs what can be repaired.")
            }
        } else {
            try await program.console.print("The assistant is not in \(kind.title).")
        }
        return report.isInstalled && report.isWell ? 0 : 1
    }
}
