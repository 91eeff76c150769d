import Core
import FoundationEssentials
import TestSupport
import Testing

/// A server with the real Codex CLI as its only provider, stand-ins for what that talks to, and its first operator signed in.
struct CodexServer: Sendable {
    let server: TestServer
    let person: Person
    let services: CodexStandIn
    /// The folder of the profiles.
    let profiles: String

    static func with(
        _ services: CodexStandIn = CodexStandIn(),
        _ environment: [String: String] = [:],
        providers: String = "",
        _ body: (CodexServer) async throws -> Void
    ) async throws {
        let root = newRoot()
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await TestServer.with(environment, starts: false) { server in
            let provider = try await provider(server, services, root)
            try server.folder.write("{providers: {\(provider)\(providers)}}", to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            let person = try await server.signInFirst()
            try await body(
                CodexServer(server: server, person: person, services: services, profiles: root + "/profiles")
            )
        }
    }

    /// A folder for profiles, not below the one for temporary files: the program keeps none there.
    static func newRoot() -> String {
        "/var/tmp/deckhand-codex-tests/e2e-\(UInt64.random(in: 0...UInt64.max))"
    }

    /// Sets a server up for the program; what its configuration says of the provider.
    static func provider(_ server: TestServer, _ services: CodexStandIn, _ root: String) async throws
        -> String
    {
        server.set("CODEX_CLI_BIN", try await program(server.folder))
        server.set("CODEX_DEFAULT_MODEL", "gpt-5.5")
        server.set("AI_PROFILE_STORAGE_PATH", root + "/profiles")
        let endpoints = """
            {models: "\(services.url)/v1", accounts: "\(services.url)/backend-api", login: "\(services.url)"}
            """
        return "codex: {kind: \"codex\", endpoints: \(endpoints)}"
    }

    /// Connects the operator's account.
    func connect() async throws { try await person.connectCodex() }

    func reaches(_ state: String, _ login: Int64) async throws {
        try await EndToEndTests.eventually("a login that is \(state)") {
            try await person.call("GET", "/v1/ai/account/login/\(login)")["state"]?.string == state
        }
    }

    /// Profiles that there are.
    var profileNames: [String] { Files.names(in: profiles + "/codex") }
    /// Processes of the program.
    var processes: [Int32] { ProcessList.withEnvironment(containing: "CODEX_HOME=\(profiles)/") }

    private static func program(_ folder: WorkFolder) async throws -> String {
        let (output, errors) = (folder.file("codex.out"), folder.file("codex.err"))
        let child = try ChildProcess(
            [PackageFolder.path + "/scripts/codex-cli"],
            environment: ProcessInfo.processInfo.environment,
            directory: folder.path,
            standardOutput: output,
            standardError: errors
        )
        guard try await child.wait(within: .seconds(300)) == .exited(0) else {
            throw TestTrouble(Files.text(errors))
        }
        return Files.text(output).trimmed
    }
}

extension Person {
    /// Connects an account of one's own.
    func connectCodex() async throws {
        let begun = try await call("POST", "/v1/ai/account/login", [:])
        try #require(begun.status == 201, "\(begun.text)")
        let id = try #require(begun["login"]?["id"]?.integer)
        try await EndToEndTests.eventually("an account that is connected") {
            try await call("GET", "/v1/ai/account/login/\(id)")["state"]?.string == "connected"
        }
    }
}

/// Where the sources are.
enum PackageFolder {
    static let path = String(#filePath.dropLast("/Tests/EndToEndTests/Codex/CodexServer.swift".count))
}
