import CLinux
import Core
import Testing

/// Copies made while the server works, and put back.
@Suite struct BackupTests {
    @Test func aBackupOfAWorkingServerIsComplete() async throws {
        try await TestServer.with { server in
            for index in 1...20 { _ = try await server.submit("echo kept-\(index)", session: "b") }
            for index in 1...20 { _ = try await server.end(of: TicketName(session: "b", number: index)) }
            let large = try await server.run("seq 1 100000", session: "b")
            let stop = server.folder.file("stop")
            async let busy: Int = {
                var count = 0
                while !Files.exists(stop) {
                    _ = try await server.submit("echo meanwhile", session: "busy")
                    count += 1
                }
                return count
            }()
            let folder = server.folder.file("backup")
            let run = try await server.deckhand("backup", folder)
            try server.folder.write("", to: "stop")
            #expect(run.code == 0, "\(run.errors)")
            #expect(try await busy > 0)
            #expect(
                try await server.deckhand("backup", folder).code == 1,
                "an existing folder is not overwritten"
            )
            var status = stat()
            #expect(unsafe lstat(folder, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o700)

            // After the backup something is lost, and something new is made.
            _ = try await server.call("DELETE", "/v1/sessions/b")
            _ = try await server.run("echo later", session: "later")
            let waiting = try await server.deckhand("restore", folder)
            #expect(waiting.code == 0, "\(waiting.errors)")
            try await server.restart()
            for index in 1...20 {
                let ticket = TicketName(session: "b", number: index)
                #expect(try await server.output(ticket) == Array("kept-\(index)\n".utf8))
            }
            #expect(try await server.output(large.ticket) == large.output)
            #expect(try await server.call("GET", "/v1/sessions/later").status == 404)

            // Without a server it is put in place at once; into an empty directory too.
            try await server.kill()
            let fresh = server.folder.file("fresh")
            let restored = try await server.deckhand("restore", folder, environment: ["DECKHAND_DATA": fresh])
            #expect(restored.code == 0, "\(restored.errors)")
            try await server.start(["DECKHAND_DATA": fresh])
            #expect(try await server.output(large.ticket) == large.output)
            #expect(
                try await server.submit("true", session: "b").number == 22,
                "numbers go on where they were"
            )
        }
    }

    @Test func aNewerSchemaIsRefused() async throws {
        try await TestServer.with { server in
            _ = try await server.run("echo before")
            try await server.kill()
            let database = server.data + "/deckhand.sqlite"
            let insert = try await Self.run(
                [
                    "/usr/bin/sqlite3", database,
                    "insert into schema_history select 9999, name, script, applied from schema_history limit 1",
                ],
                server
            )
            #expect(insert.code == 0, "\(insert.errors)")
            let refused = try await server.deckhand("serve")
            #expect(refused.code == 1)
            #expect(refused.errors.lowercased().contains("newer"), "\(refused.errors)")
        }
    }

    private static func run(_ words: [String], _ server: TestServer) async throws -> ToolRun {
        let id = UInt32.random(in: 0...UInt32.max)
        let (output, errors) = (server.folder.file("sql-\(id).out"), server.folder.file("sql-\(id).err"))
        let process = try ChildProcess(
            words,
            environment: [:],
            directory: "/",
            standardOutput: output,
            standardError: errors
        )
        let ending = try await process.wait()
        return ToolRun(ending: ending, output: Files.bytes(output) ?? [], errors: Files.text(errors))
    }
}
