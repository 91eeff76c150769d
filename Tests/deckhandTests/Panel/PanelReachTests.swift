import Core
import Testing

@testable import deckhand

@Suite("How browsers reach the server from a panel's pages")
struct PanelReachTests {
    private func reach(
        _ kind: PanelKind,
        said: String? = nil,
        files: Set<String> = [],
        change: (inout Configuration) -> Void = { _ in }
    ) -> PanelReach {
        var configuration = Configuration()
        configuration.network.baseURL = "http://127.0.0.1:8083"
        change(&configuration)
        return PanelReach(
            kind,
            host: "panel.example",
            wishes: PanelReach.Wishes(server: said),
            configuration: configuration,
            isReadable: files.contains
        )
    }

    private func value(_ key: String, _ reach: PanelReach) -> String? {
        reach.missing.first { $0.key == key }?.value
    }

    @Test("the panel's own certificate, on a port of its own, where there is one")
    func certificate() {
        let chain = "/etc/pki/tls/certs/hostname.bundle"
        let key = "/etc/pki/tls/private/hostname.key"
        let found = reach(.cwp, files: [chain, key])
        #expect(found.way == .certificate(chain: chain, key: key))
        #expect(found.server == "https://panel.example:8443")
        #expect(value("DECKHAND_TLS_CERT", found) == chain)
        #expect(value("DECKHAND_TLS_LISTEN", found) == "0.0.0.0")
        #expect(value("DECKHAND_CORS_ORIGINS", found) == "https://panel.example:2031")
        #expect(value("DECKHAND_PANEL_SOCKET", found) == "/run/deckhand/panel.sock")
        #expect(found.missing.map(PanelSettingsFile.line).contains("tls_port: \"8443\","))
        // Half of it is none.
        #expect(reach(.cwp, files: [chain]).way == .proxy)
        let pem = "/var/cpanel/ssl/cpanel/mycpanel.pem"
        #expect(reach(.cpanel, files: [pem]).way == .certificate(chain: pem, key: pem))
    }

    @Test("else a proxy below a site with HTTPS, with what to write into its configuration")
    func proxy() {
        let found = reach(.cpanel)
        #expect(found.way == .proxy && found.server == "https://panel.example/deckhand")
        #expect(found.lines.contains { $0.contains("proxy_pass http://127.0.0.1:8083;") })
        let other = reach(.cpanel) { $0.network.port = 9_000 }
        #expect(other.lines.contains { $0.contains("proxy_pass http://127.0.0.1:9000;") })
        #expect(
            value("DECKHAND_CORS_ORIGINS", found) == "https://panel.example:2083,https://panel.example:2087"
        )
    }

    @Test("what was said or configured goes first, and settings that are there are not asked for")
    func said() {
        let found = reach(.cwp, said: "https://hands.example") {
            $0.network.baseURL = "https://hands.example"
            $0.network.corsOrigins = ["https://panel.example:2031"]
            $0.panel.socketPath = "/run/deckhand/panel.sock"
        }
        #expect(found.missing.map(\.key) == ["DECKHAND_PANEL_OPERATOR"])
        #expect(reach(.cwp) { $0.network.baseURL = "https://a.example/x" }.server == "https://a.example/x")
    }

    @Test("every setting that is asked for is an option of the configuration file")
    func options() {
        for kind in PanelKind.allCases {
            for setting in reach(
                kind,
                files: ["/etc/pki/tls/certs/hostname.crt", "/etc/pki/tls/private/hostname.key"]
            ).missing {
                #expect(
                    ConfigurationOption.all.first { $0.key == setting.key }?.fileKey != nil,
                    "\(setting.key)"
                )
            }
        }
    }
}
