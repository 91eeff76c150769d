/// Through what providers are reached.
enum ProxyProbe {
    static func all(_ proxies: ProxyConfiguration) -> [Finding] {
        let bypass = proxies.bypass.isEmpty ? "" : ", except \(proxies.bypass.joined(separator: ", "))"
        if let proxy = proxies.used {
            return [Finding("proxy", .fine, "providers are reached through \(proxy.shown)\(bypass)")]
        }
        guard let http = proxies.http, proxies.bypass != ["*"] else { return [] }
        return [
            Finding(
                "proxy",
                .weak,
                "HTTP_PROXY alone (\(http.shown)) has no effect: providers are reached over https",
                hint: "Set HTTPS_PROXY too."
            )
        ]
    }
}
