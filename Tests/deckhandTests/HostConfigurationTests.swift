import Application
import CLinux
import Core
import Domain
import TestSupport
import Testing

@testable import deckhand

@Suite("The sections hosts and roles") struct HostConfigurationTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private let folder = TemporaryFolder()

    private func resolve(_ text: String, environment: [String: String] = [:]) throws(ConfigurationError)
        -> Configuration
    {
        folder.write(text, to: "deckhand.json5")
        let surroundings = Surroundings(
            environment: ["DECKHAND_DATA": folder.path, "SHOP_KEY": Self.secret].merging(environment) { $1 },
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/opt/deckhand/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: true).resolve().configuration
    }

    private func mistakes(_ text: String) -> [ConfigurationMistake] {
        do {
            _ = try resolve(text)
            return []
        } catch { return error.mistakes }
    }

    private static let shop = """
        hosts: { shop: { issuer: "https://shop.example", audience: "deckhand",
            keys: [{ id: "k", algorithm: "HS256", key: { env: "SHOP_KEY" } }] } }
        """

    @Test("without a section there are no hosts, the usual roles, and a shell")
    func defaults() throws {
        let configuration = try resolve("{}")
        #expect(configuration.hosts.isEmpty && configuration.execution.shell)
        #expect(configuration.roles == .standard)
    }

    @Test("as soon as a host is configured the shell is off, unless it is asked for by name")
    func shell() throws {
        #expect(try !resolve("{ \(Self.shop) }").execution.shell)
        #expect(try resolve("{ \(Self.shop) }", environment: ["DECKHAND_SHELL": "on"]).execution.shell)
        #expect(try resolve("{ settings: { shell: true }, \(Self.shop) }").execution.shell)
        #expect(try !resolve("{ hosts: {} }", environment: ["DECKHAND_SHELL": "off"]).execution.shell)
        #expect(try resolve("{ hosts: {} }").execution.shell)
    }

    @Test("every member is taken over, with keys from the environment, from files and from the text")
    func members() async throws {
        let tool = try OpenSSLTool()
        let rsa = try await tool.makeKey("rsa", "RSA -pkeyopt rsa_keygen_bits:2048")
        let ed = try await tool.makeKey("ed", "ED25519")
        folder.write(ed, to: "ed.pem")
        folder.write(Self.secret + "\n", to: "secret")
        let text = String(decoding: JSONValue.string(rsa).bytes, as: UTF8.self)
        let configuration = try resolve(
            """
            { hosts: { shop: { issuer: "i", audience: "a", leeway: "5s", tokenLifetime: 60, sessionLifetime: "1h",
                newClients: { ai: true }, limits: { turnsOfUser: 1, turnsOfBrand: 2, turnsOfClient: 3,
                turnsOfAddress: 4, requestsOfUser: 5 },
                keys: [{ id: "1", algorithm: "HS256", key: { env: "SHOP_KEY" } },
                    { id: "2", algorithm: "HS256", key: { file: "secret" } },
                    { id: "3", algorithm: "RS256", publicKey: \(text) },
                    { id: "4", algorithm: "EdDSA", publicKeyFile: "ed.pem" }] } },
              roles: { store: { permissions: ["chat"], grants: ["jobs.create"] }, chef: {} } }
            """
        )
        let host = try #require(configuration.hosts.first)
        #expect(host.name == "shop" && host.issuer == "i" && host.audience == "a")
        #expect(host.leeway == .seconds(5) && host.tokenLifetime == .seconds(60))
        #expect(host.sessionLifetime == .seconds(3_600) && host.newClientsHaveAI)
        #expect(
            host.limits.turnsOfUser == 1 && host.limits.turnsOfBrand == 2 && host.limits.turnsOfClient == 3
        )
        #expect(host.limits.turnsOfAddress == 4 && host.limits.requestsOfUser == 5)
        #expect(host.keys.map(\.id) == ["1", "2", "3", "4"])
        #expect(host.keys.map(\.algorithm) == [.hs256, .hs256, .rs256, .edDSA])
        #expect(host.keys[0].material.reveal() == Array(Self.secret.utf8))
        #expect(host.keys[1].material.reveal() == Array(Self.secret.utf8))
        let roles = configuration.roles.roles
        #expect(roles["store"] == UserRights(permissions: [.chat], grants: ["jobs.create"]))
        #expect(roles["chef"] == UserRights() && roles["brand_admin"]?.permissions == Permission.forUsers)
    }

    @Test("all mistakes are told together, and none repeats a secret")
    func wrong() {
        let found = mistakes(
            """
            { hosts: {
                a: { keys: [{}], colour: 1 },
                b: { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "none", key: { env: "SHOP_KEY" } }] },
                c: { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "HS256", key: "p4ssw0rd-in-the-file" }] },
                d: { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "HS256", key: { env: "NOT_THERE" } }] },
                e: { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "RS256", key: { env: "SHOP_KEY" } }] },
                f: { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "RS256", publicKey: "x" }] },
                g: { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "EdDSA", publicKeyFile: "none.pem" }] },
                h: { issuer: "two words", audience: "", tokenLifetime: "2d", keys: 7 },
              },
              roles: { store: { permissions: ["shell.run"] }, chef: { permissions: ["approve", "chat"], grants: ["a b"] },
                boss: { permissions: "admin" }, x: 7 } }
            """
        )
        let keys = Set(found.map(\.key))
        for key in [
            "hosts.a.issuer", "hosts.a.audience", "hosts.a.colour", "hosts.a.keys[0].id",
            "hosts.a.keys[0].algorithm",
            "hosts.b.keys[0].algorithm", "hosts.c.keys[0].key", "hosts.d.keys[0].key", "hosts.e.keys[0]",
            "hosts.f.keys[0]", "hosts.g.keys[0].publicKeyFile", "hosts.h.issuer", "hosts.h.audience",
            "hosts.h.tokenLifetime", "hosts.h.keys", "roles.store.permissions", "roles.chef.permissions",
            "roles.chef.grants", "roles.boss.permissions", "roles.x",
        ] {
            #expect(keys.contains(key), "\(key) in \(keys.sorted())")
        }
        let all = found.map { $0.reason + $0.hint }.joined()
        #expect(!all.contains(Self.secret) && !all.contains("p4ssw0rd"))
    }

    @Test("two hosts with one issuer, and two keys with one id, are mistakes")
    func twice() {
        let entry = """
            { issuer: "i", audience: "a", keys: [{ id: "k", algorithm: "HS256", key: { env: "SHOP_KEY" } },
                { id: "k", algorithm: "HS256", key: { env: "SHOP_KEY" } }] }
            """
        let found = mistakes("{ hosts: { a: \(entry), b: \(entry) } }")
        #expect(found.contains { $0.key == "hosts.b.issuer" })
        #expect(found.count { $0.key.hasSuffix(".keys") } == 2)
    }
}
