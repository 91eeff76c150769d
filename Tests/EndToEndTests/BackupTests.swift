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
            try await server.folder.sql(Self.newerSchema, on: database)
            let refused = try await server.deckhand("serve")
            #expect(refused.code == 1)
            #expect(refused.errors.lowercased().contains("newer"), "\(refused.errors)")
        }
    }

    @Test(arguments: [false, true])
    func aBackupOfANewerSchemaIsRefusedAndChangesNothing(whileServing: Bool) async throws {
        try await TestServer.with { server in
            let kept = try await server.run("echo kept", session: "k")
            let folder = server.folder.file("backup")
            #expect(try await server.deckhand("backup", folder).code == 0)
            try await server.folder.sql(Self.newerSchema, on: folder + "/deckhand.sqlite")
            if !whileServing { try await server.kill() }
            let refused = try await server.deckhand("restore", folder)
            #expect(refused.code == 1, "\(refused.text)")
            #expect(refused.errors.lowercased().contains("newer"), "\(refused.errors)")
            try await server.restart()
            #expect(try await server.output(kept.ticket) == Array("kept\n".utf8))
            #expect(!Files.names(in: server.data).contains { $0.hasPrefix("replaced-") || $0 == "restore" })
        }
    }

    private static let newerSchema =
        "insert into schema_history select 9999, name, script, applied from schema_history limit 1"
}
