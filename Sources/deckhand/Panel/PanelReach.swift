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

        var option: ConfigurationOption? { ConfigurationOption.all.first { $0.key == key } }
        /// The name in `deckhand.json5` and in files beside it.
        var fileKey: String { option?.fileKey ?? key }
    }

    /// The port of HTTPS where the panel's certificate is used.
    static let port = 8_443

    let way: Way
    /// The address that browsers use.
    let server: String
    /// The origins of the panel's pages.
    let origins: [String]
    /// The panel's socket as configured, or where it lies by custom.
    let socket: String
    /// What the server needs beside what it has.
    let missing: [Setting]
    private let port: UInt16

    /// What somebody said on the command line, now or before.
    struct Wishes: Sendable, Equatable {
        var server: String?
        /// In place of those that the panel has by itself.
        var origins: [String]?
        var rootOperator: String?
    }

    /// Chooses: what was said, what is configured, the panel's certificate, a proxy, in this order.
    ///
    /// `root` is where the panel's file system begins, without a slash at its end; `isReadable` takes paths in there.
    init(
        _ kind: PanelKind,
        host: String,
        wishes: Wishes = Wishes(),
        configuration: Configuration,
        root: String = "",
        isReadable: (String) -> Bool
    ) {
        let certificate = kind.certificates.first { isReadable($0.chain) && isReadable($0.key) }
        let configured = configuration.network.baseURL
        var needed: [Setting] = []
        if let said = wishes.server {
            (way, server) = (.said, said)
            needed.append(Setting(key: "FQDN", value: said))
        } else if configured.hasPrefix("https://") {
            (way, server) = (.said, configured)
        } else if let certificate {
            let (chain, key) = (root + certificate.chain, root + certificate.key)
            way = .certificate(chain: chain, key: key)
            server = "https://\(host):\(Self.port)"
            needed += [
                Setting(key: "FQDN", value: server), Setting(key: "DECKHAND_TLS_PORT", value: "\(Self.port)"),
                Setting(key: "DECKHAND_TLS_LISTEN", value: "0.0.0.0"),
                Setting(key: "DECKHAND_TLS_CERT", value: chain),
                Setting(key: "DECKHAND_TLS_KEY", value: key),
            ]
        } else {
            (way, server) = (.proxy, "https://\(host)/deckhand")
            needed += [
                Setting(key: "FQDN", value: server),
                Setting(key: "DECKHAND_TRUSTED_PROXIES", value: "127.0.0.1/32"),
            ]
        }
        origins = wishes.origins ?? kind.ports.map { "https://\(host):\($0)" }
        socket = configuration.panel.socketPath ?? Self.usualSocket
        port = configuration.network.port
        let known = configuration.network.corsOrigins
        if !origins.isEmpty {
            let all = known + origins.filter { !known.contains($0) }
            needed.append(Setting(key: "DECKHAND_CORS_ORIGINS", value: all.joined(separator: ",")))
        }
        if kind != .generic {
            let configured = configuration.panel.settings.rootOperator?.rawValue
            needed += [
                Setting(key: "DECKHAND_PANEL_SOCKET", value: socket),
                Setting(
                    key: "DECKHAND_PANEL_OPERATOR",
                    value: wishes.rootOperator ?? configured ?? "admin"
                ),
            ]
        }
        missing = needed.filter { $0.option?.show(configuration) != $0.value }
    }

    private static let usualSocket = "/run/deckhand/panel.sock"

    /// What a person has to know of the way.
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
            lines += Self.proxy(port).split(separator: "\n").map { "    " + $0 }
        }
        return lines
    }

    static func proxy(_ port: UInt16) -> String {
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
