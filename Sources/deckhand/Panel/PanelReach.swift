import CLinux
import Application
import Core
import Domain

/// How browsers reach the server from the panel's pages, which are HTTPS: a plain server would be mixed content.
struct PanelReach: Sendable, Equatable {
    enum Way: Sendable, Equatable {
        /// Somebody said so, on the command line or in the configuration.
        case said
        /// A port of its own with the panel's certificate.
        case certificate(chain: String, key: String)
        /// Below a site that has HTTPS.
        case proxy
    }

    /// A setting that the server needs, by the name of its option.
    struct Setting: Sendable, Equatable {
        let key: String
        let value: String
    }

    /// The port of HTTPS where the panel's certificate is used.
    static let port = 8_443

    let way: Way
    /// The address that browsers use.
    let server: String
    /// What the server needs beside what it has.
    let missing: [Setting]

    /// Chooses: what was said, what is configured, the panel's certificate, a proxy, in this order.
    init(
        _ kind: PanelKind,
        host: String,
        said: String?,
        configuration: Configuration,
        isReadable: (String) -> Bool
    ) {
        let certificate = kind.certificates.first { isReadable($0.chain) && isReadable($0.key) }
        let configured = configuration.network.baseURL
        var needed: [Setting] = []
        if let said {
            (way, server) = (.said, said)
            needed.append(Setting(key: "FQDN", value: said))
        } else if configured.hasPrefix("https://") {
            (way, server) = (.said, configured)
        } else if let certificate {
            way = .certificate(chain: certificate.chain, key: certificate.key)
            server = "https://\(host):\(Self.port)"
            needed += [
                Setting(key: "FQDN", value: server), Setting(key: "DECKHAND_TLS_PORT", value: "\(Self.port)"),
                Setting(key: "DECKHAND_TLS_LISTEN", value: "0.0.0.0"),
                Setting(key: "DECKHAND_TLS_CERT", value: certificate.chain),
                Setting(key: "DECKHAND_TLS_KEY", value: certificate.key),
            ]
        } else {
            (way, server) = (.proxy, "https://\(host)/deckhand")
            needed += [
                Setting(key: "FQDN", value: server),
                Setting(key: "DECKHAND_TRUSTED_PROXIES", value: "127.0.0.1/32"),
            ]
        }
        if kind != .generic {
            let pages = kind.ports.map { "https://\(host):\($0)" }
            let known = configuration.network.corsOrigins
            let origins = known + pages.filter { !known.contains($0) }
            needed += [
                Setting(key: "DECKHAND_CORS_ORIGINS", value: origins.joined(separator: ",")),
                Setting(key: "DECKHAND_PANEL_SOCKET", value: Self.socket(configuration)),
                Setting(
                    key: "DECKHAND_PANEL_OPERATOR",
                    value: configuration.panel.settings.rootOperator?.rawValue ?? "admin"
                ),
            ]
        }
        missing = needed.filter { setting in
            ConfigurationOption.all.first { $0.key == setting.key }?.show(configuration) != setting.value
        }
    }

    /// The panel's socket as configured, or where it lies by custom.
    static func socket(_ configuration: Configuration) -> String {
        configuration.panel.socketPath ?? "/run/deckhand/panel.sock"
    }

    /// What a person has to know and to do.
    var lines: [String] {
        var lines: [String] = []
        switch way {
        case .said: lines.append("Browsers reach the server at \(server), as it was said.")
        case .certificate(let chain, _):
            lines += [
                "Browsers reach the server at \(server): a port of its own, with the panel's own certificate",
                "(\(chain)), which is read again when it changes. Open the port in the firewall.",
            ]
        case .proxy:
            lines += [
                "No certificate of a panel was found, and a page over HTTPS cannot talk to a server without one. Browsers",
                "are to reach the server at \(server), through the web server of that site; for nginx:", "",
            ]
            lines += Self.proxy(8_083).split(separator: "\n").map { "    " + $0 }
        }
        guard !missing.isEmpty else { return lines + ["The server's settings are as they have to be."] }
        lines += ["", "The server needs these settings, in “settings” of deckhand.json5:", ""]
        for setting in missing {
            let name = ConfigurationOption.all.first { $0.key == setting.key }?.fileKey ?? setting.key
            lines.append("    \(name): \"\(setting.value)\",")
        }
        return lines + ["", "Then restart it."]
    }

    static func proxy(_ port: Int) -> String {
        String(decoding: PackageResources.nginx_conf, as: UTF8.self).replacing("{{PORT}}", with: "\(port)")
    }

    /// The name of this machine as browsers should know it.
    static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            .lowercased()
    }
}
