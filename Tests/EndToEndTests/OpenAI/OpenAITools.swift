import Core
import FoundationEssentials

/// The Python that has the official SDKs.
enum PythonSDK {
    private static let sources = String(#filePath.dropLast("OpenAITools.swift".count))
    private static var root: String { String(sources.dropLast("Tests/EndToEndTests/OpenAI/".count)) }

    /// Runs a script of this folder to its end; what it printed.
    static func run(
        _ script: String,
        _ words: [String],
        in folder: WorkFolder,
        within limit: Duration = .seconds(120)
    ) async throws -> ToolRun {
        let python = try await finish([root + "scripts/python-sdk"], "install", folder, within: .seconds(300))
        guard python.code == 0 else { throw TestTrouble(python.errors) }
        return try await finish(
            [python.text.trimmed, sources + script] + words,
            "script",
            folder,
            within: limit
        )
    }

    private static func finish(
        _ words: [String],
        _ name: String,
        _ folder: WorkFolder,
        within limit: Duration
    ) async throws -> ToolRun {
        let (output, errors) = (folder.file("\(name).out"), folder.file("\(name).err"))
        let child = try ChildProcess(
            words,
            environment: ProcessInfo.processInfo.environment,
            directory: folder.path,
            standardOutput: output,
            standardError: errors
        )
        do {
            let ending = try await child.wait(within: limit)
            return ToolRun(ending: ending, output: Files.bytes(output) ?? [], errors: Files.text(errors))
        } catch {
            await child.destroy()
            throw TestTrouble("\(error); it printed: \(Files.text(output)) \(Files.text(errors))")
        }
    }
}

extension TestServer {
    /// Lets a body use a running server with these providers in its configuration.
    static func with<Value: Sendable>(
        providers: String,
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        try await with(starts: false) { server in
            try server.folder.write("{providers: {\(providers)}}", to: "deckhand.json5")
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            return try await body(server)
        }
    }

    /// A new token with these permissions.
    func token(allowing permissions: String) async throws -> String {
        let run = try await deckhand("token", "create", "--json", "--name", "sdk", "--allow", permissions)
        guard let text = run.json["token"]?.string else { throw TestTrouble("no token: \(run.errors)") }
        return text
    }

    /// Rows of the table of usage, as `door outcome`, oldest first.
    func usageRows() async throws -> [String] {
        let process = try ChildProcess(
            [
                "/usr/bin/sqlite3", "-readonly", "-separator", " ", data + "/deckhand.sqlite",
                "select door, coalesce(outcome, 'open') from usage order by id",
            ],
            environment: [:],
            directory: folder.path,
            standardOutput: folder.file("usage"),
            standardError: folder.file("usage.err")
        )
        _ = try await process.wait()
        defer { try? FileManager.default.removeItem(atPath: folder.file("usage")) }
        return Files.lines(folder.file("usage"))
    }
}
