import Core

/// What a run of the command line left.
struct ToolRun: Sendable {
    let ending: ChildProcess.Ending
    let output: [UInt8]
    let errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var code: Int32? { if case .exited(let code) = ending { code } else { nil } }
    var json: JSONValue { (try? JSONValue(parsing: output)) ?? .null }
}

/// A running command line, with what it printed so far.
struct Tool: Sendable {
    let process: ChildProcess
    let outputFile: String
    let errorFile: String

    /// Starts `deckhand` with these words beside a server; it finds the server through the data directory.
    init(
        _ words: [String],
        of server: TestServer,
        _ more: [String: String] = [:],
        input: String = "/dev/null"
    ) throws {
        let id = UInt32.random(in: 0...UInt32.max)
        outputFile = server.folder.file("tool-\(id).out")
        errorFile = server.folder.file("tool-\(id).err")
        process = try ChildProcess(
            [Programs.deckhand] + words,
            environment: server.environment(more),
            directory: server.folder.file("work"),
            standardInput: input,
            standardOutput: outputFile,
            standardError: errorFile
        )
    }

    var outputSoFar: [UInt8] { Files.bytes(outputFile) ?? [] }

    func finish(within limit: Duration = .seconds(120)) async throws -> ToolRun {
        do {
            let ending = try await process.wait(within: limit)
            return ToolRun(ending: ending, output: outputSoFar, errors: Files.text(errorFile))
        } catch {
            await process.destroy()
            throw TestTrouble(
                "\(error); it printed: \(Files.text(outputFile).suffix(500)) \(Files.text(errorFile).suffix(500))"
            )
        }
    }
}

extension TestServer {
    /// Runs `deckhand` with these words to its end.
    func deckhand(
        _ words: String...,
        environment: [String: String] = [:],
        input: String = "/dev/null",
        within limit: Duration = .seconds(120)
    ) async throws -> ToolRun {
        try await Tool(words, of: self, environment, input: input).finish(within: limit)
    }
}
