import Core

/// What `deckhand check` prints.
///
/// Secrets are shown by their length only.
struct CheckReport: Sendable {
    let resolved: ResolvedConfiguration
    let findings: [Finding]

    var canServe: Bool { !findings.contains { $0.verdict == .broken } }

    var text: String {
        var lines = ["Configuration"]
        let options = ConfigurationOption.all
        let width = options.map(\.key.count).max() ?? 0
        for option in options {
            let value = TextTable.printable(option.show(resolved.configuration))
            lines.append(
                "  \(CommandHelp.pad(option.key, width))  \(value)  (\(resolved.source(of: option)))"
            )
        }
        let sections = resolved.configuration.sections.keys.sorted()
        if !sections.isEmpty {
            lines.append("  sections: \(sections.joined(separator: ", "))  (\(resolved.configuration.file))")
        }
        for warning in resolved.warnings { lines.append("  warning: \(warning)") }
        lines += ["", "Machine"]
        let names = findings.map(\.name.count).max() ?? 0
        for finding in findings {
            lines.append(
                "  \(CommandHelp.pad(finding.verdict.rawValue, 7))  \(CommandHelp.pad(finding.name, names))  \(finding.text)"
            )
            if let hint = finding.hint { lines.append("  \(CommandHelp.pad("", 7 + 2 + names))  → \(hint)") }
        }
        lines += [
            "",
            canServe ? "This server can be started." : "This server cannot be started; see the errors above.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 8_192)
        writer.object { writer in
            writer.key("can_serve")
            writer.bool(canServe)
            writer.key("configuration")
            writer.object { writer in
                for option in ConfigurationOption.all {
                    writer.key(dynamic: option.key)
                    writer.object { writer in
                        writer.key("value")
                        writer.string(option.show(resolved.configuration))
                        writer.key("source")
                        writer.string(resolved.source(of: option).description)
                    }
                }
            }
            writer.key("sections")
            writer.array { writer in
                for name in resolved.configuration.sections.keys.sorted() { writer.string(name) }
            }
            writer.key("warnings")
            writer.array { writer in for warning in resolved.warnings { writer.string(warning) } }
            writer.key("findings")
            writer.array { writer in for finding in findings { Self.write(finding, to: &writer) } }
        }
        return writer.bytes + [10]
    }

    private static func write(_ finding: Finding, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(finding.name)
            writer.key("verdict")
            writer.string(finding.verdict.rawValue)
            writer.key("text")
            writer.string(finding.text)
            writer.key("hint")
            if let hint = finding.hint { writer.string(hint) } else { writer.null() }
        }
    }
}
