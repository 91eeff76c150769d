import CLinux
import Core
import Domain
import Testing

@testable import deckhand

@Suite struct ConfigurationTests {
    private let folder = TemporaryFolder()

    private func surroundings(_ environment: [String: String] = [:], user: UInt32 = geteuid()) -> Surroundings
    {
        var environment = environment
        if environment["DECKHAND_DATA"] == nil { environment["DECKHAND_DATA"] = folder.path + "/data" }
        return Surroundings(
            environment: environment,
            workingDirectory: folder.path,
            homeDirectory: "/home/op",
            userID: user,
            executablePath: "/opt/deckhand/bin/deckhand"
        )
    }

    private func resolve(
        _ environment: [String: String] = [:],
        flags: [String: String] = [:]
    ) throws -> ResolvedConfiguration {
        try ConfigurationResolver(surroundings(environment), readsEnvironmentFile: true).resolve(flags: flags)
    }

    private func mistakes(
        _ environment: [String: String] = [:],
        flags: [String: String] = [:],
        user: UInt32 = geteuid()
    ) -> [ConfigurationMistake] {
        do {
            _ = try ConfigurationResolver(surroundings(environment, user: user), readsEnvironmentFile: true)
                .resolve(flags: flags)
            return []
        } catch {
            return error.mistakes
        }
    }

    @Test("without any configuration the documented defaults hold")
    func defaults() throws {
        let configuration = try resolve().configuration
        let data = folder.path + "/data"
        #expect(configuration.dataDirectory == data)
        #expect(configuration.sessionsDirectory == data + "/sessions")
        #expect(configuration.hash == nil)
        #expect(configuration.network.baseURL == "http://127.0.0.1:8083")
        #expect(configuration.network.listenHost == "127.0.0.1")
        #expect(configuration.network.socketPath == data + "/deckhand.sock")
        #expect(configuration.network.allowedHosts == ["localhost", "127.0.0.1", "[::1]"])
        #expect(configuration.network.corsOrigins.isEmpty)
        #expect(configuration.network.requestLineLimit == 65_536)
        #expect(configuration.network.bodyLimit == 25_000_000)
        #expect(configuration.network.answerLimit == 1 << 20)
        #expect(configuration.execution.shell)
        #expect(configuration.execution.getPolicy == .trusted)
        #expect(configuration.execution.runnerPath == "/opt/deckhand/bin/deckhand-runner")
        #expect(configuration.execution.limits == RunLimits())
        #expect(configuration.scheduling.running == RunningLimits())
        #expect(configuration.scheduling.queue == 10_000)
        #expect(configuration.retention.age == .seconds(90 * 86_400))
        #expect(configuration.retention.bytes == 10 << 30)
    }

    @Test("the data directory depends on who starts the server")
    func dataDirectories() {
        var surroundings = surroundings()
        surroundings.userID = 0
        #expect(surroundings.defaultDataDirectory == "/var/lib/deckhand")
        surroundings.userID = 1_000
        #expect(surroundings.defaultDataDirectory == "/home/op/.local/share/deckhand")
        surroundings.environment["XDG_DATA_HOME"] = "/srv/data"
        #expect(surroundings.defaultDataDirectory == "/srv/data/deckhand")
    }

    @Test("flags beat the environment, which beats .env, which beats the file, which beats the default")
    func precedence() throws {
        _ = unsafe mkdir(folder.path + "/data", 0o700)
        folder.write(
            "// comment\n{settings: {port: 1001, max_running: 11, queue: 21, shell: false, keep_days: '7d',}}",
            to: "data/deckhand.json5"
        )
        folder.write("PORT=1002\nDECKHAND_MAX_RUNNING=12\nDECKHAND_QUEUE=22\nOTHER_PROGRAM=x\n", to: ".env")
        let resolved = try resolve(["PORT": "1003", "DECKHAND_MAX_RUNNING": "13"], flags: ["--port": "1004"])
        let configuration = resolved.configuration
        #expect(configuration.network.port == 1_004)
        #expect(configuration.scheduling.running.total == 13)
        #expect(configuration.scheduling.queue == 22)
        #expect(!configuration.execution.shell)
        #expect(configuration.retention.age == .seconds(7 * 86_400))
        #expect(resolved.sources["PORT"] == .flag("--port"))
        #expect(resolved.sources["DECKHAND_MAX_RUNNING"] == .environment)
        #expect(resolved.sources["DECKHAND_QUEUE"] == .environmentFile(path: folder.path + "/.env", line: 3))
        #expect(resolved.sources["DECKHAND_SHELL"] == .file(path: folder.path + "/data/deckhand.json5"))
        #expect(resolved.sources["DECKHAND_GRACE"] == nil)
    }

    @Test("client commands do not read .env of wherever somebody happens to be")
    func noEnvironmentFile() throws {
        folder.write("PORT=1\n", to: ".env")
        let resolved = try ConfigurationResolver(surroundings(), readsEnvironmentFile: false).resolve()
        #expect(resolved.configuration.network.port == 8_083)
    }

    @Test("all mistakes are reported together, each with key, source, reason and hint")
    func allMistakes() throws {
        let secret = "short-secret"
        folder.write("PORT=abc\nHASH=\(secret)\nDECKHAND_SHEL=off\nnonsense\nPORT=1\n", to: ".env")
        _ = unsafe mkdir(folder.path + "/data", 0o700)
        folder.write(
            "{settings: {max_runing: 3, DECKHAND_GRACE: '3s', queue: {}}, polcy: {}, port: 1}",
            to: "data/deckhand.json5"
        )
        let found = mistakes(["DECKHAND_GRACE": "soon", "FQDN": "example.com", "DECKHAND_TLS_PORT": "8443"])
        let keys = Set(found.map(\.key))
        for key in [
            "PORT", "HASH", "DECKHAND_SHEL", folder.path + "/.env", "DECKHAND_GRACE", "FQDN",
            "DECKHAND_TLS_CERT",
            "DECKHAND_TLS_KEY", "max_runing", "DECKHAND_QUEUE", "polcy", "port",
        ] {
            #expect(keys.contains(key), "\(key)")
        }
        #expect(found.allSatisfy { !$0.reason.isEmpty && !$0.hint.isEmpty })
        let text = ConfigurationError(mistakes: found).description
        #expect(!text.contains(secret))
        #expect(text.contains("did you mean DECKHAND_SHELL?"))
        #expect(text.contains("did you mean max_running?"))
        #expect(text.contains("did you mean grace?"))
        #expect(text.contains("did you mean policy?"))
        #expect(text.contains("settings: { port: … }"))
        #expect(text.contains("line 2"))
    }

    @Test("sections are handed on as they are, from the file that DECKHAND_CONFIG names")
    func sections() throws {
        folder.write("{policy: {rules: [1]}, settings: {queue: 7}}", to: "other.json5")
        let named = try resolve(["DECKHAND_CONFIG": "other.json5"]).configuration
        #expect(named.file == folder.path + "/other.json5")
        #expect(named.sections == ["policy": .object(["rules": .array([.integer(1)])])])
        #expect(named.scheduling.queue == 7)
        #expect(try resolve().configuration.sections.isEmpty)
        #expect(try resolve().configuration.file == folder.path + "/data/deckhand.json5")
    }

    @Test(
        "a named file that is missing, writable by others or no object is a mistake with its path",
        arguments: [
            (nil, 0o600, "it does not exist"), ("{}", 0o622, "others may write it"),
            ("{,", 0o600, "it is not JSON5"), ("[]", 0o600, "it does not hold an object"),
        ] as [(String?, mode_t, String)]
    )
    func unusableFile(text: String?, mode: mode_t, reason: String) {
        if let text { folder.write(text, to: "other.json5", mode: mode) }
        let found = mistakes(["DECKHAND_CONFIG": "other.json5"])
        #expect(found.map(\.key) == [folder.path + "/other.json5"])
        #expect(found.map(\.reason) == [reason])
    }

    @Test("a hash of 32 characters is taken, a shorter one refused, none of them shown")
    func hashes() throws {
        let text = String(repeating: "h", count: 32)
        let resolved = try resolve(["HASH": text])
        #expect(resolved.configuration.hash?.reveal() == text)
        #expect(!"\(resolved)".contains(text))
        let option = try #require(ConfigurationOption.all.first { $0.key == "HASH" })
        #expect(!option.show(resolved.configuration).contains(text))
        #expect(mistakes(["HASH": String(repeating: "h", count: 31)]).map(\.key) == ["HASH"])
        #expect(mistakes(["HASH": String(repeating: "h ", count: 31)]).map(\.key) == ["HASH"])
        #expect(mistakes(flags: ["--hash": text]).isEmpty)
        #expect(try resolve(flags: ["--hash": text]).configuration.hash == nil)
    }

    @Test(
        "base address, base path and allowed hosts agree",
        arguments: [
            (["FQDN": "https://Example.com/deck/"], "https://Example.com/deck", "/deck", "example.com"),
            (
                ["FQDN": "https://e.com:8443", "DECKHAND_BASE_PATH": "deck"], "https://e.com:8443/deck",
                "/deck", "e.com"
            ),
            (
                ["PORT": "9000", "DECKHAND_BASE_PATH": "/a/b/"], "http://127.0.0.1:9000/a/b", "/a/b",
                "127.0.0.1"
            ),
            (["DECKHAND_LISTEN": "0.0.0.0"], "http://127.0.0.1:8083", "", "localhost"),
            (["DECKHAND_LISTEN": "fd00::7"], "http://[fd00::7]:8083", "", "[fd00::7]"),
            (
                ["DECKHAND_LISTEN": "none", "DECKHAND_ALLOWED_HOSTS": "A.b, c.d"], "http://127.0.0.1:8083",
                "", "a.b"
            ),
            (["FQDN": "http://[::1]:8083"], "http://[::1]:8083", "", "[::1]"),
        ]
    )
    func addresses(environment: [String: String], url: String, path: String, host: String) throws {
        let network = try resolve(environment).configuration.network
        #expect(network.baseURL == url)
        #expect(network.basePath == path)
        #expect(network.allowedHosts.contains(host))
    }

    @Test(
        "values and combinations that cannot work are refused",
        arguments: [
            ["FQDN": "https://e.com/a", "DECKHAND_BASE_PATH": "/b"], ["FQDN": "ftp://e.com"],
            ["FQDN": "https://"],
            ["FQDN": "https://e.com/a b"], ["FQDN": "https://e.com/?q"], ["FQDN": "https://u:p@e.com"],
            ["DECKHAND_BASE_PATH": "/a/../b"], ["PORT": "-1"], ["PORT": "65536"],
            ["DECKHAND_LISTEN": "example.com"],
            ["DECKHAND_TLS_PORT": "8083", "DECKHAND_TLS_CERT": "c", "DECKHAND_TLS_KEY": "k"],
            ["DECKHAND_TRUSTED_PROXIES": "10.0.0.0/33"], ["DECKHAND_TRUSTED_PROXIES": "proxy"],
            ["DECKHAND_CORS_ORIGINS": "*"], ["DECKHAND_CORS_ORIGINS": "https://e.com/"],
            ["DECKHAND_SHELL": "maybe"],
            ["DECKHAND_TIME_LIMIT": "0"], ["DECKHAND_TIME_LIMIT": "99999999999999999999d"],
            ["DECKHAND_QUEUE": "-1"],
            ["DECKHAND_OUTPUT_LIMIT": "1PB"], ["DECKHAND_ENV_ALLOW": "LANG,A-B"],
            ["DECKHAND_ENV_ALLOW": "HASH"],
            ["GET_POLICY": "yes"], ["DECKHAND_MEMORY_LIMIT": "lots"], ["DECKHAND_LOG_LEVEL": "loud"],
            ["DECKHAND_SOCKET": "/" + String(repeating: "s", count: 103)],
            ["DECKHAND_ALLOWED_HOSTS": "https://e.com"],
        ] as [[String: String]]
    )
    func refusals(environment: [String: String]) {
        #expect(mistakes(environment).count == 1)
    }

    @Test("running as another user needs root")
    func runAs() {
        #expect(mistakes(["DECKHAND_RUN_AS": "nobody"], user: 1_000).map(\.key) == ["DECKHAND_RUN_AS"])
        #expect(mistakes(["DECKHAND_RUN_AS": "nobody"], user: 0).isEmpty)
    }

    @Test("proxies, times and sizes are read in their usual spellings")
    func spellings() throws {
        let configuration = try resolve([
            "DECKHAND_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 unix,::1", "DECKHAND_TIME_LIMIT": "10m",
            "DECKHAND_GRACE": "1500ms", "DECKHAND_KEEP_DAYS": "30", "DECKHAND_KEEP_BYTES": "2 GB",
            "DECKHAND_MEMORY_LIMIT": "512MiB", "SESSIONS_DIR": "sessions",
            "DECKHAND_CORS_ORIGINS": "https://Panel.example.com:2083", "DECKHAND_TLS_PORT": "8443",
            "DECKHAND_TLS_CERT": "c.pem", "DECKHAND_TLS_KEY": "/k.pem", "PORT": "",
        ]).configuration
        #expect(configuration.network.trustedProxies == ["127.0.0.1/32", "10.0.0.0/8", "unix", "::1/128"])
        #expect(configuration.execution.limits.time == .seconds(600))
        #expect(configuration.execution.limits.grace == .milliseconds(1_500))
        #expect(configuration.execution.limits.memoryBytes == 512 << 20)
        #expect(configuration.retention.age == .seconds(30 * 86_400))
        #expect(configuration.retention.bytes == 2_000_000_000)
        #expect(configuration.sessionsDirectory == folder.path + "/sessions")
        #expect(configuration.network.corsOrigins == ["https://panel.example.com:2083"])
        #expect(
            configuration.network.tls
                == TLSConfiguration(port: 8_443, certificateFile: folder.path + "/c.pem", keyFile: "/k.pem")
        )
        #expect(configuration.network.port == 8_083)
    }

    @Test("unknown names in the environment are warned about, the client's own are not")
    func warnings() throws {
        let resolved = try resolve(["DECKHAND_PROT": "1", "DECKHAND_TOKEN": "t", "DECKHAND_URL": "u"])
        #expect(resolved.warnings.count == 1)
        #expect(resolved.warnings.first?.contains("DECKHAND_PROT") == true)
        do {
            _ = try resolve(["DECKHAND_PROT": "1", "PORT": "x"])
            Issue.record("accepted")
        } catch let error as ConfigurationError {
            #expect(error.description.contains("Also: DECKHAND_PROT"))
        }
    }

    @Test(".env of others or writable by others is a mistake, a missing one is not")
    func unsafeEnvironmentFile() {
        #expect(mistakes().isEmpty)
        folder.write("PORT=1\n", to: ".env", mode: 0o666)
        #expect(mistakes().map(\.key) == [folder.path + "/.env"])
        folder.write("PORT=1\n", to: ".env", mode: 0o644)
        #expect(mistakes().isEmpty)
        _ = unsafe chown(folder.path + "/.env", 12_345, 12_345)
        let expected = geteuid() == 0 ? [folder.path + "/.env"] : []
        #expect(mistakes().map(\.key) == expected)
    }
}
