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
        settings: (WorkFolder) throws -> String = { _ in "" },
        _ body: (CodexServer) async throws -> Void
    ) async throws {
        // Not below the folder for temporary files: the program keeps none there.
        let root = "/var/tmp/deckhand-codex-tests/e2e-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: root) }
        try await TestServer.with(environment, starts: false) { server in
            server.set("CODEX_CLI_BIN", try await program(server.folder))
            server.set("CODEX_DEFAULT_MODEL", "gpt-5.5")
            server.set("AI_PROFILE_STORAGE_PATH", root + "/profiles")
            let endpoints = """
                {models: "\(services.url)/v1", accounts: "\(services.url)/backend-api", login: "\(services.url)"}
                """
            try server.folder.write(
                "{providers: {codex: {kind: \"codex\", endpoints: \(endpoints)}}, \(try settings(server.folder))}",
                to: "deckhand.json5"
            )
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            let person = try await server.signInFirst()
            try await body(
                CodexServer(server: server, person: person, services: services, profiles: root + "/profiles")
            )
        }
    }

    /// Connects the operator's account.
    func connect() async throws {
        let begun = try await person.call("POST", "/v1/ai/account/login", [:])
        try #require(begun.status == 201, "\(begun.text)")
        let id = try #require(begun["login"]?["id"]?.integer)
        try await reaches("connected", id)
    }

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

/// Where the sources are.
enum PackageFolder {
    static let path = String(#filePath.dropLast("/Tests/EndToEndTests/Codex/CodexServer.swift".count))
}
