internal import Core

/// What a person sees in the terminal when the server is up: where it is, and a line to try.
///
/// The hash and the passphrase of the first operator are shown once.
struct Welcome: Sendable {
    let configuration: Configuration
    let data: DataDirectory

    func show(_ start: ServerStart) {
        let baseURL = start.baseURL
        var lines = ["", "Deckhand \(Version.current) is listening: \(baseURL)/"]
        lines.append("  console:        \(baseURL)/app")
        lines.append("  data directory: \(data.path)")
        lines.append("  local socket:   \(configuration.network.socketPath)")
        if configuration.execution.shell {
            lines.append(
                "  GET face:       trusted: whoever has the hash runs commands as this server's user or DECKHAND_RUN_AS"
            )
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
            let hash = configuration.hash == nil ? "$(cat \(data.path)/hash)" : "$HASH"
            lines.append("")
            lines.append("Try it:")
            lines.append(
                "  curl -G \(baseURL)/shell --data-urlencode \"hash=\(hash)\" --data-urlencode 'cmd=uname -a' -d wait=10"
            )
        }
        lines.append("")
        StandardOutput.print(lines.joined(separator: "\n"))
    }
}
