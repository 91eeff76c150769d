/// Help, made from the table of commands.
enum CommandHelp {
    /// The text of `deckhand help`.
    static func overview(_ commands: [CommandSpecification]) -> String {
        let width = commands.map(\.name.count).max() ?? 0
        var lines = ["Usage: deckhand COMMAND …", "", "Commands:"]
        for command in commands {
            lines.append("  \(pad(command.name, width))  \(command.summary)")
        }
        lines += [
            "",
            "deckhand help COMMAND says more; deckhand help configuration lists the options of the server.",
            "Data goes to standard output, everything else to standard error.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage; those of run stand in its help.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// The text of `deckhand help COMMAND`.
    static func text(of command: CommandSpecification) -> String {
        let operands = command.operands.map { $0.isOptional ? " [\($0.name)]" : " \($0.name)" }.joined()
        var lines = [
            "Usage: deckhand \(command.name)\(operands)\(command.options.isEmpty ? "" : " [OPTION]…")", "",
            command.summary,
        ]
        if !command.details.isEmpty { lines += ["", command.details] }
        if !command.options.isEmpty {
            let names = command.options.map { option in
                option.flag + (option.placeholder.map { " \($0)" } ?? "")
            }
            let width = min(names.map(\.count).max() ?? 0, 28)
            lines += ["", "Options:"]
            for (name, option) in zip(names, command.options) {
                if name.count > width {
                    lines += ["  \(name)", "  \(pad("", width))  \(option.summary)"]
                } else {
                    lines.append("  \(pad(name, width))  \(option.summary)")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
