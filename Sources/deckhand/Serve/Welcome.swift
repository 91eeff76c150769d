internal import Core

/// What a person sees in the terminal when the server is up: where it is, and a line to try.
///
/// The hash and the passphrase of the first operator are shown once.
struct Welcome: Sendable {
    let configuration: Configuration
    let data: DataDirectory
    /// Where the configured hash comes from.
    let hashSource: ConfigurationSource?

    func show(_ start: ServerStart) {
        let baseURL = start.baseURL
        var lines = ["", "Deckhand \(Version.current) is listening: \(baseURL)/"]
        lines.append("  console:        \(baseURL)/app")
        lines.append("  data directory: \(data.path)")
        lines.append("  local socket:   \(configuration.network.socketPath)")
        if configuration.execution.shell {
            lines.append("  GET face:       \(getFace)")
        } else {
            lines.append("  shell:          off: no ticket can be reached")
        }
        if data.isFirstStart, configuration.hash == nil, let hash = data.hash {
            lines.append("")
            lines.append("  hash: \(hash.reveal())")
            lines.append("  It is shown this once and kept in \(data.path)/hash.")
        }
        if let first = start.firstOperator {
            lines.append("")
            lines.append("  operator:   \(first.name)")
            lines.append("  passphrase: \(first.passphrase.reveal())")
            lines.append("  It is shown this once; deckhand user passwd \(first.name) sets another one.")
        }
        if configuration.execution.shell {
            lines.append("")
            lines.append("Try it:")
            lines.append(
                "  " + FirstCall(hash: configuration.hash, source: hashSource, data: data.path).line(baseURL)
            )
        }
        lines.append("")
        StandardOutput.print(lines.joined(separator: "\n"))
    }

    /// What the hash is good for, as it is configured.
    private var getFace: String {
        let user = configuration.execution.runAs ?? "this server's user"
        return switch configuration.execution.getPolicy {
        case .trusted: "trusted: whoever has the hash runs what no rule denies, as \(user)"
        case .ask: "ask: commands with the hash meet all rules, and run as \(user)"
        }
    }
}
