import Application
import Core

/// Fills in what depends on other values, and checks what only shows when values stand side by side.
struct ConfigurationCompletion {
    private let given: GivenValues

    init(_ given: GivenValues) { self.given = given }

    func complete(_ draft: inout ConfigurationDraft, _ mistakes: inout [ConfigurationMistake]) {
        completePaths(&draft, &mistakes)
        completeTLS(&draft, &mistakes)
        completeAddress(&draft, &mistakes)
        completePanel(draft, &mistakes)
        if draft.configuration.execution.runAs != nil, draft.surroundings.userID != 0 {
            mistakes.append(
                mistake(
                    "DECKHAND_RUN_AS",
                    "only root can run commands as another user",
                    "Start the server as root, or remove it."
                )
            )
        }
    }

    private func completePanel(_ draft: ConfigurationDraft, _ mistakes: inout [ConfigurationMistake]) {
        let panel = draft.configuration.panel
        // The address of a Unix socket, with what is put behind it while it is made (unix(7)).
        if let path = panel.socketPath, path.utf8.count > 103 {
            mistakes.append(
                mistake("DECKHAND_PANEL_SOCKET", "the path is longer than 103 bytes", "Give one in /run.")
            )
        }
        if panel.customers == .shell, draft.surroundings.userID != 0 {
            mistakes.append(
                mistake(
                    "DECKHAND_PANEL_CUSTOMERS",
                    "only root can run commands as another user",
                    "Start the server as root, or give chat."
                )
            )
        }
    }

    private func completePaths(_ draft: inout ConfigurationDraft, _ mistakes: inout [ConfigurationMistake]) {
        let data = draft.configuration.dataDirectory
        if draft.configuration.sessionsDirectory.isEmpty {
            draft.configuration.sessionsDirectory = data + "/sessions"
        }
        if draft.configuration.codex.profiles.isEmpty {
            draft.configuration.codex.profiles = data + "/ai/profiles"
        }
        if draft.configuration.codex.workspaces.isEmpty {
            draft.configuration.codex.workspaces = data + "/ai/workspaces"
        }
        if draft.configuration.execution.runnerPath.isEmpty {
            draft.configuration.execution.runnerPath = draft.surroundings.sibling("deckhand-runner")
        }
        if draft.configuration.network.socketPath.isEmpty {
            draft.configuration.network.socketPath = data + "/deckhand.sock"
        }
        // The address of a Unix socket has 108 bytes with its NUL (unix(7)); it is bound with `.new` behind it first.
        if draft.configuration.network.socketPath.utf8.count > 103 {
            mistakes.append(
                mistake(
                    "DECKHAND_SOCKET",
                    "the path is longer than 103 bytes",
                    "Give a shorter path, such as one in /run."
                )
            )
        }
    }

    private func completeTLS(_ draft: inout ConfigurationDraft, _ mistakes: inout [ConfigurationMistake]) {
        switch (draft.tlsPort, draft.tlsCertificate, draft.tlsKey) {
        case (let port?, let certificate?, let key?):
            draft.configuration.network.tls = TLSConfiguration(
                host: draft.tlsHost,
                port: port,
                certificateFile: certificate,
                keyFile: key
            )
            if port != 0, port == draft.configuration.network.port,
                draft.tlsHost == nil || draft.tlsHost == draft.configuration.network.listenHost,
                draft.configuration.network.listenHost != nil
            {
                mistakes.append(
                    mistake("DECKHAND_TLS_PORT", "PORT is the same number", "Give two different ports.")
                )
            }
            if draft.configuration.network.listenHost == nil, draft.tlsHost == nil {
                mistakes.append(
                    mistake(
                        "DECKHAND_TLS_PORT",
                        "DECKHAND_LISTEN=none switches TCP off",
                        "Set DECKHAND_TLS_LISTEN, or remove one of the two."
                    )
                )
            }
        case (nil, nil, nil) where draft.tlsHost == nil: break
        default:
            let missing = [
                ("DECKHAND_TLS_PORT", draft.tlsPort == nil),
                ("DECKHAND_TLS_CERT", draft.tlsCertificate == nil),
                ("DECKHAND_TLS_KEY", draft.tlsKey == nil),
            ]
            for (key, isMissing) in missing where isMissing && given.values[key] == nil {
                mistakes.append(
                    mistake(
                        key,
                        "HTTPS needs port, certificate and key",
                        "Set \(key) too, or remove the others."
                    )
                )
            }
        }
    }

    private func completeAddress(_ draft: inout ConfigurationDraft, _ mistakes: inout [ConfigurationMistake])
    {
        var network = draft.configuration.network
        if let url = draft.baseURL {
            if let path = draft.basePath, !url.path.isEmpty, url.path != path {
                mistakes.append(
                    mistake(
                        "DECKHAND_BASE_PATH",
                        "it is “\(path)”, but FQDN ends with “\(url.path)”",
                        "Give the path in one of the two, or the same in both."
                    )
                )
            }
            network.basePath = draft.basePath ?? url.path
            network.baseURL = "\(url.scheme)://\(url.authority)\(network.basePath)"
        } else {
            network.basePath = draft.basePath ?? ""
            let host = Self.reachable(network.listenHost ?? "127.0.0.1")
            network.baseURL = "http://\(host):\(network.port)\(network.basePath)"
        }
        var hosts = ["localhost", "127.0.0.1", "[::1]"]
        for host in [network.listenHost, network.tls?.host].compactMap(\.self)
        where !["0.0.0.0", "::"].contains(host) { hosts.append(Self.bracketed(host)) }
        hosts = (draft.baseURL.map { [$0.host] } ?? []) + (draft.allowedHosts ?? []) + hosts
        network.allowedHosts = hosts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        draft.configuration.network = network
    }

    /// An address that clients on this machine can use when the server listens on all.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: bracketed(host)
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host.lowercased()
    }

    private func mistake(_ key: String, _ reason: String, _ hint: String) -> ConfigurationMistake {
        ConfigurationMistake(
            key: key,
            source: given.values[key]?.source ?? .standard,
            reason: reason,
            hint: hint
        )
    }
}
