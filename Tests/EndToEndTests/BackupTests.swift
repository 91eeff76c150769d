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

    /// Sessions are copied after the database: what ran meanwhile has files there, and no row.
    @Test func noLaterTicketIsTakenForANewOne() async throws {
        try await TestServer.with { server in
            for index in 1...5 { _ = try await server.run("echo kept-\(index)", session: "busy") }
            let stop = server.folder.file("stop")
            async let busy: Void = {
                while !Files.exists(stop) {
                    _ = try await server.submit("echo meanwhile; exit 7", session: "busy")
                }
            }()
            let folder = server.folder.file("backup")
            let run = try await server.deckhand("backup", folder)
            try server.folder.write("", to: "stop")
            try await busy
            #expect(run.code == 0, "\(run.errors)")
            let before = Files.text(folder + "/sessions/busy/5.run")
            #expect(before.hasPrefix("deckhand-run"))
            // However the copies fell: some of a later ticket, and of a session that was made later.
            let copied = Files.names(in: folder + "/sessions/busy")
            let last = copied.compactMap { Int($0.prefix { $0 != "." }) }.max() ?? 5
            for number in last + 1...last + 3 {
                for (ending, text) in [("run", before), ("ticket", "meanwhile\n")] {
                    try server.folder.write(text, to: "backup/sessions/busy/\(number).\(ending)")
                }
            }
            let restored = try await server.deckhand("restore", folder)
            #expect(restored.code == 0, "\(restored.errors)")
            try await server.restart()
            #expect(try await server.output(TicketName(session: "busy", number: 5)) == Array("kept-5\n".utf8))
            // The row of a ticket that was restored is kept with its output; beyond it there is nothing.
            let next = try await server.submit("true", session: "busy").number
            let left = Files.names(in: server.sessionsDirectory + "/busy").compactMap {
                Int($0.prefix { $0 != "." })
            }
            #expect((left.max() ?? 0) <= next)
            for index in 1...8 {
                let (_, json, output) = try await server.run("echo new-\(index)", session: "busy")
                #expect(json["exit_code"]?.integer == 0)
                #expect(output == Array("new-\(index)\n".utf8))
            }
        }
    }

    /// Whatever the way in which files of another ticket came to lie there.
    @Test func aTicketIsNeverGivenAnothersResult() async throws {
        try await TestServer.with { server in
            _ = try await server.run("echo old; exit 7", session: "s")
            let folder = server.sessionsDirectory + "/s"
            let text = Files.text(folder + "/1.run")
            let words = text.split(separator: " ", maxSplits: 3)
            let token = words[2].split(separator: "/")
            #expect(token.count == 3, "\(words[2])")
            // The same ticket of other data: another nonce.
            let foreign = text.replacing(words[2], with: "\(token[0])/2/4711")
            try server.folder.write(foreign, to: "data/sessions/s/2.run")
            try server.folder.write("old\n", to: "data/sessions/s/2.ticket")
            let (ticket, json, output) = try await server.run("echo new", session: "s")
            #expect(ticket.number == 2)
            #expect(json["exit_code"]?.integer == 0)
            #expect(output == Array("new\n".utf8))
            // Also where the server comes back before it was run.
            try await server.restart()
            #expect(try await server.output(ticket) == Array("new\n".utf8))
            #expect(Files.names(in: folder).contains { $0.hasPrefix("2.run.aside-") })
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
