import CLinux
import Core
import Testing

@testable import deckhand

@Suite struct ProgramTests {
    private let folder = TemporaryFolder()

    private func run(_ words: String...) async -> (code: Int32, output: String, errors: String) {
        await run(words)
    }

    private func run(
        _ words: [String],
        environment: [String: String] = [:]
    ) async -> (code: Int32, output: String, errors: String) {
        let console = MemoryConsole()
        var environment = environment
        environment["DECKHAND_DATA"] = environment["DECKHAND_DATA"] ?? folder.path + "/data"
        let surroundings = Surroundings(
            environment: environment,
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: geteuid(),
            executablePath: "/nonexistent/deckhand"
        )
        let code = await Program.run(
            Result { try Program.command(words[...]) },
            ProgramContext(surroundings: surroundings, console: console, signals: nil)
        )
        return (code, console.text, console.errorText)
    }

    @Test("every command has a name of its own, a sentence and help that names its options")
    func table() {
        let specifications = CommandTable.commands.map(\.specification)
        #expect(Set(specifications.map(\.name)).count == specifications.count)
        for specification in specifications {
            #expect(specification.summary.hasSuffix("."))
            let flags = specification.options.map(\.flag)
            #expect(Set(flags).count == flags.count, "\(specification.name)")
            let help = CommandHelp.text(of: specification)
            for flag in flags { #expect(help.contains("  \(flag)")) }
            #expect(!flags.contains("--token") && !flags.contains("--hash"))
        }
    }

    @Test("help and version go to standard output with code 0")
    func help() async {
        for words in [[], ["help"], ["--help"], ["-h"]] {
            let console = MemoryConsole()
            let command = Result { try Program.command(words[...]) }
            let program = ProgramContext(surroundings: .current(), console: console, signals: nil)
            #expect(await Program.run(command, program) == 0)
            #expect(console.text.contains("Usage: deckhand COMMAND"))
            #expect(console.errorText.isEmpty)
        }
        #expect(await run("help", "token", "create").output.contains("deckhand token create"))
        #expect(await run("run", "--help").output.contains("Exit codes"))
        #expect(await run("help", "configuration").output.contains("DECKHAND_MAX_RUNNING"))
        #expect(await run("version").output == "deckhand \(Version.current)\n")
        #expect(await run("version", "--json").output == "{\"version\":\"\(Version.current)\"}\n")
        #expect(await run("--version").code == 0)
    }

    @Test("wrong usage is code 2, says what and prints no data")
    func usage() async {
        for words in [
            ["runn"], ["run"], ["token"], ["cancel", "s"], ["cancel", "s", "x"], ["run", "ls", "-la"],
            ["run", "--key", "k", "ls"], ["run", "--key", "a b", "--session", "s", "ls"],
            ["follow", "../s", "1"], ["output", "s", "1", "--stream", "x"], ["tickets", "--limit", "0"],
            ["token", "create", "--name", "n", "--allow", "shell.fly"],
            ["token", "create", "--allow", "chat"],
        ] {
            let console = MemoryConsole()
            let program = ProgramContext(surroundings: .current(), console: console, signals: nil)
            #expect(await Program.run(Result { try Program.command(words[...]) }, program) == 2, "\(words)")
            #expect(console.text.isEmpty)
            #expect(console.errorText.contains("deckhand help"))
        }
    }

    @Test(
        "a server that is not there is an error at once, with what to do",
        arguments: [
            ["tickets"], ["run", "true"], ["follow", "s", "1"], ["cancel", "s", "1"], ["output", "s", "1"],
        ]
    )
    func noServer(words: [String]) async {
        let local = await run(words)
        #expect(local.code == 1)
        #expect(local.errors.contains("deckhand serve"))
        #expect(local.output.isEmpty)
        let remote = await run(words, environment: ["DECKHAND_URL": "http://127.0.0.1:1"])
        #expect(remote.code == 1 && remote.errors.contains("http://127.0.0.1:1"))
    }

    @Test("tokens are made, listed and revoked on the data directory; the text is shown once")
    func tokens() async throws {
        #expect(await run("token", "list").errors.contains("no data directory"))
        var configuration = Configuration()
        configuration.dataDirectory = folder.path + "/data"
        // As beside a running server, which holds the lock.
        let server = try openDataDirectory(configuration)
        let made = await run(
            "token",
            "create",
            "--name",
            "robot",
            "--allow",
            "shell.read,shell.run",
            "--expires",
            "30"
        )
        #expect(made.code == 0)
        #expect(made.output.hasPrefix("dh_") && made.output.utf8.count == 47)
        let list = await run("token", "list", "--json")
        let json = try JSONValue(parsing: Array(list.output.utf8))
        let token = try #require(json["tokens"]?.array?.first)
        #expect(token["name"]?.string == "robot")
        #expect(token["permissions"] == .array([.string("shell.read"), .string("shell.run")]))
        #expect(token["expires"]?.string != nil)
        #expect(!list.output.contains(made.output.trimmed))
        #expect(await run("token", "revoke", "1").code == 0)
        #expect(await run("token", "list").output.contains("revoked"))
        #expect(await run("token", "revoke", "99").code == 1)
        #expect(await run("token", "create", "--name", "x", "--allow", "admin").code == 1)
        #expect(server.isFirstStart)
    }

    @Test("check shows every option with its source, no secret, and fails when the runner is missing")
    func check() async throws {
        let hash = String(repeating: "s3", count: 20)
        folder.write("HASH=\(hash)\nPORT=8099\n", to: ".env")
        let result = await run("check", "--json", "--queue", "7")
        #expect(result.code == 1)
        let json = try JSONValue(parsing: Array(result.output.utf8))
        #expect(json["can_serve"]?.bool == false)
        #expect(json["configuration"]?["PORT"]?["value"]?.string == "8099")
        #expect(json["configuration"]?["PORT"]?["source"]?.string?.hasSuffix(".env, line 2") == true)
        #expect(json["configuration"]?["DECKHAND_QUEUE"]?["source"]?.string == "flag --queue")
        #expect(json["configuration"]?.object?.count == ConfigurationOption.all.count)
        let broken = json["findings"]?.array?.filter { $0["verdict"]?.string == "error" }.compactMap {
            $0["name"]?.string
        }
        #expect(broken == ["runner"])
        let text = await run("check")
        #expect(text.code == 1 && text.output.contains("cannot be started"))
        for output in [result.output, result.errors, text.output, text.errors] {
            #expect(!output.contains(hash))
        }
        folder.write("PORT=x\nFQDN=y\n", to: ".env")
        let mistakes = await run("check")
        #expect(mistakes.code == 2)
        #expect(mistakes.errors.contains("2 mistakes"))
    }

    @Test("the data directory's speed, space and privacy are tried")
    func dataProbes() throws {
        var configuration = Configuration()
        configuration.dataDirectory = folder.path + "/data"
        #expect(DataProbes.all(configuration).map(\.verdict) == [.fine])
        _ = try openDataDirectory(configuration)
        let findings = DataProbes.all(configuration)
        #expect(findings.map(\.name).prefix(3) == ["data.directory", "data.speed", "data.space"])
        #expect(findings[0].verdict == .fine)
        #expect(findings[1].text.contains("µs"))
        _ = unsafe chmod(configuration.dataDirectory, 0o755)
        #expect(DataProbes.all(configuration)[0].verdict == .weak)
        _ = unsafe chmod(configuration.dataDirectory, 0o777)
        #expect(DataProbes.all(configuration)[0].verdict == .broken)
        folder.write("", to: "file")
        configuration.dataDirectory = folder.path + "/file/data"
        #expect(DataProbes.all(configuration)[0].verdict == .broken)
    }
}
