import CLinux
import Core
import Domain
import HTTPClient
import Providers
import Synchronization
import TestSupport
import Testing

@testable import deckhand

@Suite struct ProxyConfigurationTests {
    private let folder = TemporaryFolder()

    private func resolve(_ environment: [String: String]) throws(ConfigurationError) -> ResolvedConfiguration
    {
        var environment = environment
        environment["DECKHAND_DATA"] = folder.path
        let surroundings = Surroundings(
            environment: environment,
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: true).resolve()
    }

    private func mistakes(_ environment: [String: String]) -> [ConfigurationMistake] {
        do {
            _ = try resolve(environment)
            return []
        } catch { return error.mistakes }
    }

    @Test(
        "addresses of proxies",
        arguments: [
            ("http://proxy.example:3128", "http://proxy.example:3128", "http://proxy.example:3128"),
            ("proxy:3128/", "http://proxy:3128", "http://proxy:3128"),
            ("SOCKS5H://[::1]:1080", "socks5h://[::1]:1080", "socks5h://[::1]:1080"),
            (
                "https://ann:p%40ss@10.0.0.1", "https://ann:p%40ss@10.0.0.1",
                "https://10.0.0.1 (with credentials)"
            ),
            ("http://a:b@c@proxy", "http://a:b@c@proxy", "http://proxy (with credentials)"),
        ]
    )
    func addresses(text: String, url: String, shown: String) throws {
        let address = try ProxyAddress(text)
        #expect(address.url.reveal() == url && address.shown == shown)
    }

    @Test(
        "what is no proxy is refused, and never repeated",
        arguments: [
            "", "ftp://user:hunter2@proxy", "http://user:hunter2@", "http://user:hunter2@proxy:0",
            "http://user:hunter2@proxy:99999", "http://user:hunter2@pro xy", "http://user:hunter2@[proxy]:1",
            "http://user:hunter2@proxy/path", "http://user:hunter2@proxy\r\nX: y",
        ]
    )
    func refused(text: String) {
        do throws(UnacceptableValue) {
            _ = try ProxyAddress(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(!(error.reason + error.hint).contains("hunter2"))
        }
    }

    @Test("HTTPS_PROXY beats ALL_PROXY, small letters beat capitals, and this machine is reached directly")
    func precedence() throws {
        let both = try resolve([
            "ALL_PROXY": "socks5://all:1", "HTTPS_PROXY": "http://big:1", "https_proxy": "small:2",
        ])
        #expect(both.configuration.proxies.used?.shown == "http://small:2")
        let all = try resolve(["all_proxy": "socks5://all:1", "NO_PROXY": "a.example, 10.0.0.0/8"])
        let client = all.configuration.proxies.client
        #expect(client.proxy == "socks5://all:1")
        #expect(client.proxyBypass == ["a.example", "10.0.0.0/8", "localhost", "127.0.0.0/8", "::1"])
        let none = try resolve(["HTTPS_PROXY": "proxy", "no_proxy": "*"])
        #expect(none.configuration.proxies.client.proxy == nil)
        #expect(mistakes(["NO_PROXY": "*,a"]).map(\.key) == ["NO_PROXY"])
    }

    @Test("check names the proxy without its credentials")
    func check() throws {
        let resolved = try resolve(["HTTPS_PROXY": "http://ann:hunter2@proxy:3128", "NO_PROXY": "a.example"])
        let findings = ProxyProbe.all(resolved.configuration.proxies)
        let report = CheckReport(resolved: resolved, findings: findings)
        #expect(
            findings.map(\.text) == [
                "providers are reached through http://proxy:3128 (with credentials), except a.example"
            ]
        )
        #expect(!report.text.contains("hunter2") && !report.text.contains("ann"))
        #expect(!String(decoding: report.json, as: UTF8.self).contains("hunter2"))
        #expect(
            ProxyProbe.all(try resolve(["HTTP_PROXY": "proxy"]).configuration.proxies).first?.verdict == .weak
        )
        #expect(ProxyProbe.all(ProxyConfiguration()).isEmpty)
    }

    @Test("providers are asked through the proxy, which gets the credentials; nobody else is told them")
    func through() async throws {
        let heads = Mutex<[String]>([])
        let proxy = LoopbackServer { peer in
            let head = peer.readHead() ?? ""
            heads.withLock { $0.append(head) }
            peer.respond("no", status: "407 Proxy Authentication Required")
        }
        defer { proxy.stop() }
        let resolved = try resolve([
            "HTTPS_PROXY": "http://ann:hunter2@127.0.0.1:\(proxy.port)", "OPENAI_API_KEY": "sk-1",
            "OPENAI_BASE_URL": "https://api.example/v1",
        ])
        let finding = try #require(await ProviderProbes.all(resolved.configuration).first)
        #expect(finding.text.contains("The proxy did not open a way") && !finding.text.contains("hunter2"))
        let head = try #require(heads.withLock(\.self).first)
        #expect(head.hasPrefix("CONNECT api.example:443 "))
        // base64 of ann:hunter2
        #expect(head.contains("Proxy-Authorization: Basic YW5uOmh1bnRlcjI="))
        #expect(!head.contains("sk-1"))
    }

    @Test("headers and timeouts of a provider")
    func provider() throws {
        folder.write("GATEWAY='g-1'\n", to: ".env")
        folder.write(
            """
            { providers: { local: { kind: "openai-chat", baseURL: "http://127.0.0.1:1/v1",
                headers: { "X-Team": "ops", "X-Gateway-Key": { env: "GATEWAY" } },
                timeouts: { firstByte: "20m", silence: 30 } } } }
            """,
            to: "deckhand.json5"
        )
        let settings = try #require(resolve([:]).configuration.providers.first)
        #expect(settings.headers.map(\.name) == ["X-Gateway-Key", "X-Team"])
        #expect(settings.headers.map { $0.value.reveal() } == ["g-1", "ops"])
        #expect(settings.limits.firstByte == .seconds(1_200) && settings.limits.silence == .seconds(30))
        #expect(settings.limits.withoutContent == ProviderLimits().withoutContent)
    }

    @Test(
        "wrong headers and timeouts are named, and no text of a header is repeated",
        arguments: [
            (#"headers: { Host: "hunter2" }"#, "headers.Host"),
            (#"headers: { "a b": "hunter2" }"#, "headers.a b"),
            (#"headers: { X: "hunter2\r\nY: z" }"#, "headers.X"),
            (#"headers: { X: { env: "NOT_THERE" } }"#, "headers.X"),
            (#"headers: { X: 7 }"#, "headers.X"),
            (#"headers: "X: hunter2""#, "headers"),
            (#"key: { env: "K" }, headers: { Authorization: "Bearer hunter2" }"#, "headers.Authorization"),
            (#"timeouts: { firstByte: 0 }"#, "timeouts.firstByte"),
            (#"timeouts: { first: 1 }"#, "timeouts.first"),
            (#"timeouts: 3"#, "timeouts"),
        ]
    )
    func wrong(members: String, key: String) throws {
        folder.write(
            #"{ providers: { p: { kind: "openai-chat", baseURL: "http://127.0.0.1:1/v1", \#(members) } } }"#,
            to: "deckhand.json5"
        )
        let found = mistakes(["K": "k"])
        #expect(found.map(\.key) == ["providers.p.\(key)"], "\(found)")
        #expect(!found.contains { ($0.reason + $0.hint).contains("hunter2") })
    }

    @Test("check counts the operators, and says when nobody can sign in")
    func operators() throws {
        func person(_ id: Int64, _ source: OperatorSource, isDisabled: Bool = false) throws -> Operator {
            Operator(
                id: OperatorID(id),
                name: try OperatorName("o\(id)"),
                permissions: [],
                source: source,
                isDisabled: isDisabled,
                created: .init(seconds: 0)
            )
        }
        let some = try [person(1, .local), person(2, .environment), person(3, .local, isDisabled: true)]
        let finding = OperatorProbe.finding(some, named: 1)
        #expect(finding.verdict == .fine)
        #expect(finding.text == "3: 2 local, 1 of LLM_CHATTER_PASSPHRASE, 1 disabled")
        #expect(OperatorProbe.finding([some[2]], named: 0).verdict == .weak)
    }
}
