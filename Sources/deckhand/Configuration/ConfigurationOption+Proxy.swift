extension ConfigurationOption {
    /// As curl and most programs know them; the names in small letters are taken from the environment as well.
    static let proxy = [
        proxy(
            "HTTPS_PROXY",
            "The proxy through which providers are reached, such as `http://proxy.example:3128`.",
            \.https
        ),
        proxy(
            "HTTP_PROXY",
            "The same for `http` addresses; has no effect, since those of this machine are reached directly.",
            \.http
        ),
        proxy("ALL_PROXY", "Used where HTTPS_PROXY is not given.", \.all),
        ConfigurationOption(
            key: "NO_PROXY",
            group: .providers,
            placeholder: "LIST",
            summary:
                "Reached without a proxy: names (with all names below them), addresses, networks such as 10.0.0.0/8, or * for all.",
            defaultText: "none but this machine",
            apply: { text, draft throws(UnacceptableValue) in
                let entries = ConfigurationValue.list(text)
                guard entries.allSatisfy({ $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }),
                    entries == ["*"] || !entries.contains("*")
                else {
                    throw UnacceptableValue(
                        "it is no list of names and addresses",
                        hint: "Give such as example.com,10.0.0.0/8 — or * alone."
                    )
                }
                draft.configuration.proxies.bypass = entries
            },
            show: { $0.proxies.bypass.isEmpty ? "none" : $0.proxies.bypass.joined(separator: ",") }
        ),
    ]

    /// The names that programs also write in small letters.
    static let proxyNames = proxy.map(\.key)

    private static func proxy(
        _ key: String,
        _ summary: String,
        _ member: any WritableKeyPath<ProxyConfiguration, ProxyAddress?> & Sendable
    ) -> ConfigurationOption {
        ConfigurationOption(
            key: key,
            group: .providers,
            placeholder: "URL",
            summary: summary,
            defaultText: "none",
            isSecret: true,
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.proxies[keyPath: member] = try ProxyAddress(text)
            },
            show: { $0.proxies[keyPath: member]?.shown ?? "none" }
        )
    }
}
