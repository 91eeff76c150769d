import CLinux
import Core
import Domain

/// How the assistant stands in the hosting panels of this machine.
enum PanelProbes {
    /// What can be seen of the files; may block.
    static func files(_ configuration: Configuration) -> [Finding] {
        PanelKind.allCases.compactMap { kind in
            guard let landmark = kind.landmark else { return nil }
            do {
                let installer = try PanelArguments.installer(kind, dataDirectory: configuration.dataDirectory)
                let standing = try installer.standing()
                if standing.isInstalled { return files(kind, standing.troubles) }
                guard unsafe access(landmark, F_OK) == 0 else { return nil }
                return Finding(
                    name(kind),
                    .fine,
                    "\(kind.title) is on this machine, without the assistant",
                    hint: "deckhand panel install puts it in."
                )
            } catch {
                // A panel's files, and what was done to them, are root's.
                guard geteuid() == 0 else { return nil }
                return Finding(
                    name(kind),
                    .weak,
                    "not known: \((error as? Failure)?.message ?? "the panel cannot be looked at")",
                    hint: "See deckhand panel status."
                )
            }
        }
    }

    private static func name(_ kind: PanelKind) -> String { "panel.\(kind.rawValue)" }

    private static func files(_ kind: PanelKind, _ troubles: [String]) -> Finding {
        troubles.isEmpty
            ? Finding(name(kind), .fine, "the assistant is in \(kind.title), every file as it was put there")
            : Finding(
                name(kind),
                .weak,
                troubles.joined(separator: " "),
                hint:
                    "deckhand panel install repairs it; with --repair from a timer, docs/panels.md says how."
            )
    }

    /// Files, settings, and what a running server says to the panel's pages.
    static func all(_ configuration: Configuration, _ surroundings: Surroundings, _ flags: [String: String])
        async -> [Finding]
    {
        var findings: [Finding] = []
        let seen = try? await PanelArguments.working { files(configuration) }
        for finding in seen ?? [] {
            findings.append(finding)
            guard let kind = PanelKind.allCases.first(where: { name($0) == finding.name }),
                let report = await report(kind, configuration, surroundings, flags), report.isInstalled
            else { continue }
            findings.append(
                report.settings.isEmpty
                    ? Finding(finding.name + ".settings", .fine, "the server has what the panel needs")
                    : Finding(
                        finding.name + ".settings",
                        .weak,
                        report.settings.joined(separator: " "),
                        hint: "deckhand panel install shows and writes what is missing."
                    )
            )
            findings.append(
                report.server.isEmpty
                    ? Finding(finding.name + ".door", .fine, "the panel's pages are answered")
                    : Finding(
                        finding.name + ".door",
                        .weak,
                        report.server.joined(separator: " "),
                        hint: "If the settings are there, restart the server: systemctl restart deckhand"
                    )
            )
        }
        return findings
    }

    private static func report(
        _ kind: PanelKind,
        _ configuration: Configuration,
        _ surroundings: Surroundings,
        _ flags: [String: String]
    ) async -> PanelReport? {
        let resolver = ConfigurationResolver(
            surroundings,
            readsEnvironmentFile: true,
            readsSections: false,
            leavingOut: PanelSettingsFile.name(kind)
        )
        guard let base = try? resolver.resolve(flags: flags),
            let installer = try? PanelArguments.installer(kind, dataDirectory: configuration.dataDirectory)
        else { return nil }
        return try? await PanelReport(installer, base: base)
    }
}
