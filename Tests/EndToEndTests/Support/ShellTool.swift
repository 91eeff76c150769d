import Core

extension WorkFolder {
    /// Runs a script with a shell to its end, in this folder.
    func shell(_ script: String, within limit: Duration = .seconds(60)) async throws -> ToolRun {
        try await program(["/bin/sh", "-c", script], within: limit)
    }

    /// Changes a database that nobody has open.
    func sql(_ statement: String, on database: String) async throws {
        let run = try await program(["/usr/bin/sqlite3", "-cmd", ".timeout 20000", database, statement])
        guard run.code == 0 else { throw TestTrouble("\(statement): \(run.errors)") }
    }

    private func program(_ words: [String], within limit: Duration = .seconds(60)) async throws -> ToolRun {
        let id = UInt32.random(in: 0...UInt32.max)
        let (output, errors) = (file("tool-\(id).out"), file("tool-\(id).err"))
        let process = try ChildProcess(
            words,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": path],
            directory: path,
            standardOutput: output,
            standardError: errors
        )
        do {
            let ending = try await process.wait(within: limit)
            return ToolRun(ending: ending, output: Files.bytes(output) ?? [], errors: Files.text(errors))
        } catch {
            await process.destroy()
            throw TestTrouble("\(error); \(words.last ?? ""): \(Files.text(errors).suffix(500))")
        }
    }
}
