import Core
import Domain

extension ConfigurationOption {
    private typealias Value = ConfigurationValue

    static let network = [
        ConfigurationOption(
            key: "FQDN",
            group: .network,
            placeholder: "URL",
            summary: "The address that clients use; links begin with it. It may end with a base path.",
            defaultText: "http://127.0.0.1:PORT",
            apply: { text, draft throws(UnacceptableValue) in draft.baseURL = try BaseURL(text) },
            show: { $0.network.baseURL }
        ),
        ConfigurationOption(
            key: "PORT",
            group: .network,
            placeholder: "NUMBER",
            summary: "The port of plain HTTP.",
            defaultText: "8083",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.port = try Value.port(text)
            },
            show: { "\($0.network.port)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_LISTEN",
            group: .network,
            placeholder: "ADDRESS",
            summary: "The address that the ports are opened on; none switches TCP off.",
            defaultText: "127.0.0.1",
            apply: { text, draft throws(UnacceptableValue) in
                guard text != "none" else { return draft.configuration.network.listenHost = nil }
                guard text == "localhost" || isAddress(text) else {
                    throw UnacceptableValue(
                        "“\(text)” is not an address",
                        hint: "Give 127.0.0.1, ::1, 0.0.0.0, another address of this machine, or none."
                    )
                }
                draft.configuration.network.listenHost = text
            },
            show: { $0.network.listenHost ?? "none" }
        ),
        ConfigurationOption(
            key: "DECKHAND_TLS_PORT",
            group: .network,
            placeholder: "NUMBER",
            summary: "The port of HTTPS; needs a certificate and its key.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in draft.tlsPort = try Value.port(text) },
            show: { Value.show(optional: $0.network.tls?.port) }
        ),
        ConfigurationOption(
            key: "DECKHAND_TLS_LISTEN",
            group: .network,
            placeholder: "ADDRESS",
            summary:
                "The address that the HTTPS port is opened on, where it is another one than DECKHAND_LISTEN.",
            defaultText: "DECKHAND_LISTEN",
            apply: { text, draft throws(UnacceptableValue) in
                guard text == "localhost" || isAddress(text) else {
                    throw UnacceptableValue(
                        "“\(text)” is not an address",
                        hint: "Give 0.0.0.0 for all addresses of this machine, or one of them."
                    )
                }
                draft.tlsHost = text
            },
            show: { Value.show(optional: $0.network.tls?.host) }
        ),
        ConfigurationOption(
            key: "DECKHAND_TLS_CERT",
            group: .network,
            placeholder: "FILE",
            summary: "The certificate chain in PEM form, read again when it changes.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in draft.tlsCertificate = try draft.absolute(text)
            },
            show: { $0.network.tls?.certificateFile ?? "none" }
        ),
        ConfigurationOption(
            key: "DECKHAND_TLS_KEY",
            group: .network,
            placeholder: "FILE",
            summary: "The certificate's private key in PEM form.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in draft.tlsKey = try draft.absolute(text) },
            show: { $0.network.tls?.keyFile ?? "none" }
        ),
        ConfigurationOption(
            key: "DECKHAND_SOCKET",
            group: .network,
            placeholder: "FILE",
            summary: "The Unix socket for the command line, for the server's own user only.",
            defaultText: "“deckhand.sock” in the data directory",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.socketPath = try draft.absolute(text)
            },
            show: { $0.network.socketPath }
        ),
        ConfigurationOption(
            key: "DECKHAND_BASE_PATH",
            group: .network,
            placeholder: "PATH",
            summary: "The path below which everything lies, for servers behind a panel or proxy.",
            defaultText: "the path of FQDN",
            apply: { text, draft throws(UnacceptableValue) in draft.basePath = try BaseURL.path(text) },
            show: { $0.network.basePath.isEmpty ? "/" : $0.network.basePath }
        ),
        ConfigurationOption(
            key: "DECKHAND_ALLOWED_HOSTS",
            group: .network,
            placeholder: "HOST,…",
            summary:
                "Host names that requests may carry, beside the one of FQDN and this machine's loopback names.",
            defaultText: "none more",
            apply: { text, draft throws(UnacceptableValue) in
                let hosts = Value.list(text).map { $0.lowercased() }
                for host in hosts where host.contains("/") || host.contains("*") {
                    throw UnacceptableValue(
                        "“\(host)” is not a host name",
                        hint: "Give names such as example.com, without scheme or path."
                    )
                }
                draft.allowedHosts = hosts
            },
            show: { $0.network.allowedHosts.joined(separator: ",") }
        ),
        ConfigurationOption(
            key: "DECKHAND_TRUSTED_PROXIES",
            group: .network,
            placeholder: "NETWORK,…",
            summary: "Networks, or unix, whose forwarding headers say who the client is.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.trustedProxies = try networks(text)
            },
            show: { shown($0.network.trustedProxies) }
        ),
        ConfigurationOption(
            key: "DECKHAND_CORS_ORIGINS",
            group: .network,
            placeholder: "ORIGIN,…",
            summary: "Origins whose pages may call the server, such as https://panel.example.com.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.corsOrigins = try origins(text)
            },
            show: { shown($0.network.corsOrigins) }
        ),
        ConfigurationOption(
            key: "DECKHAND_MAX_CONNECTIONS",
            group: .network,
            placeholder: "NUMBER",
            summary: "Connections at a time on each port.",
            defaultText: "4096",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.maximumConnections = try Value.count(text, in: 16...1_000_000)
            },
            show: { "\($0.network.maximumConnections)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_MAX_CONNECTIONS_PER_ADDRESS",
            group: .network,
            placeholder: "NUMBER",
            summary: "Of these from one address; behind a proxy all clients have the proxy's.",
            defaultText: "1024",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.maximumConnectionsPerAddress = try Value.count(
                    text,
                    in: 1...1_000_000
                )
            },
            show: { "\($0.network.maximumConnectionsPerAddress)" }
        ),
        ConfigurationOption(
            key: "DECKHAND_HEARTBEAT",
            group: .network,
            placeholder: "TIME",
            summary: "The longest silence of an event stream; must be shorter than what proxies wait for.",
            defaultText: "15s",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.heartbeat = try Value.duration(text, atMost: .seconds(15))
            },
            show: { Value.show($0.network.heartbeat) }
        ),
        ConfigurationOption(
            key: "DECKHAND_REQUEST_LINE_LIMIT",
            group: .network,
            placeholder: "SIZE",
            summary: "The longest request line; longer commands are sent with POST.",
            defaultText: "64KiB",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.requestLineLimit = Int(
                    try Value.bytes(text, in: 1_024...(1 << 20))
                )
            },
            show: { Value.show(bytes: Int64($0.network.requestLineLimit)) }
        ),
        ConfigurationOption(
            key: "DECKHAND_BODY_LIMIT",
            group: .network,
            placeholder: "SIZE",
            summary: "The largest request body.",
            defaultText: "25MB",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.bodyLimit = Int(try Value.bytes(text, in: 1_024...(1 << 30)))
            },
            show: { Value.show(bytes: Int64($0.network.bodyLimit)) }
        ),
        ConfigurationOption(
            key: "DECKHAND_ANSWER_LIMIT",
            group: .network,
            placeholder: "SIZE",
            summary: "Output that one answer carries; more is had in pieces.",
            defaultText: "1MiB",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.network.answerLimit = Int(try Value.bytes(text, in: 1_024...(256 << 20)))
            },
            show: { Value.show(bytes: Int64($0.network.answerLimit)) }
        ),
    ]

    private static func shown(_ list: [String]) -> String {
        list.isEmpty ? "none" : list.joined(separator: ",")
    }

    /// Says whether a text could be a literal IPv4 or IPv6 address.
    private static func isAddress(_ text: String) -> Bool { NetworkAddress.isValid(text) }

    private static func networks(_ text: String) throws(UnacceptableValue) -> [String] {
        var result: [String] = []
        for word in Value.list(text) {
            let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let bits = word.contains(":") ? 128 : 32
            let prefix = parts.count == 2 ? Int(parts[1]) : bits
            guard
                word == "unix"
                    || (isAddress(String(parts[0])) && prefix.map { (0...bits).contains($0) } == true)
            else {
                throw UnacceptableValue(
                    "“\(word)” is not a network",
                    hint: "Give addresses or networks such as 127.0.0.1 or 10.0.0.0/8, or unix."
                )
            }
            result.append(word == "unix" || parts.count == 2 ? word : "\(word)/\(bits)")
        }
        return result
    }

    private static func origins(_ text: String) throws(UnacceptableValue) -> [String] {
        var result: [String] = []
        for word in Value.list(text) {
            guard let url = try? BaseURL(word), url.path.isEmpty, !word.hasSuffix("/") else {
                throw UnacceptableValue(
                    "“\(word)” is not an origin",
                    hint: "Give scheme and host such as https://panel.example.com; * is not accepted."
                )
            }
            result.append(url.text.lowercased())
        }
        return result
    }
}
