import Core
import Testing

/// The audit log of the built program: written by a server, exported beside it, verified with the public key alone.
@Suite struct AuditTests {
    @Test func theLogOfAServerIsExportedAndVerifiedElsewhere() async throws {
        try await TestServer.with { server in
            let ended = try await server.run("echo hello")
            #expect(ended.json["state"]?.string == "exited")
            let key = try await server.deckhand("audit", "key")
            #expect(key.code == 0 && key.text.hasPrefix("-----BEGIN PUBLIC KEY-----"), "\(key.errors)")
            let (log, pem) = (server.folder.file("log"), server.folder.file("key"))
            let checkpoints = server.data + "/audit/checkpoints.jsonl"
            // Beside the working server, and again after its end, which is signed.
            for round in 0..<2 {
                if round == 1 {
                    server.child?.send(15)
                    _ = try await server.child?.wait()
                    #expect(Files.lines(checkpoints).last?.contains("\"checkpoint\"") == true)
                }
                let export = try await server.deckhand("audit", "export")
                #expect(export.code == 0, "\(export.errors)")
                let rows = export.text.split(separator: "\n").compactMap {
                    try? JSONValue(parsing: Array($0.utf8))
                }
                let actions = rows.compactMap { $0["action"]?.string }
                #expect(actions.contains("ticket.start") && actions.contains("ticket.end"), "\(actions)")
                #expect(rows.last?["type"]?.string == "end")
                try server.folder.write(export.text, to: "log")
                try server.folder.write(key.text, to: "key")
                let sound = try await server.folder.shell(
                    "\(Programs.deckhand) audit verify \(log) --key \(pem)"
                )
                #expect(sound.code == 0 && sound.text.contains("are as they were written"), "\(sound)")
                let forged = try await server.folder.shell(
                    "sed -i '2s/time\":1/time\":2/' \(log) && \(Programs.deckhand) audit verify \(log) --key \(pem)"
                )
                #expect(forged.code == 1 && forged.text.hasPrefix("row "), "\(forged)")
            }
        }
    }

    @Test func nothingStartsThatTheLogCannotKeep() async throws {
        try await TestServer.with { server in
            _ = try await server.run("true")
            let database = server.data + "/deckhand.sqlite"
            try await server.folder.sql(
                "create trigger full before insert on audit begin select raise(abort, 'no room'); end",
                on: database
            )
            let mark = server.folder.file("mark")
            let refused = try await server.call(
                "POST",
                "/v1/sessions/kept/tickets",
                ["command": .string("touch \(mark)")]
            )
            #expect(refused.status >= 500, "\(refused.status)")
            #expect(Files.bytes(mark) == nil)
            try await server.folder.sql("drop trigger full", on: database)
            let after = try await server.run("echo again")
            #expect(after.json["state"]?.string == "exited")
        }
    }

    @Test func prunedRowsLeaveASignedCut() async throws {
        try await TestServer.with { server in
            for _ in 0..<3 { _ = try await server.run("true") }
            // What is a second old by then, which is at least the first row.
            try await eventually("rows that are old enough") {
                let pruned = try await server.deckhand("audit", "prune", "--older", "1s")
                guard pruned.code == 0 else { throw TestTrouble("audit prune: \(pruned.errors)") }
                return !pruned.errors.hasPrefix("0 rows")
            }
            let export = try await server.deckhand("audit", "export")
            #expect(export.text.hasPrefix(#"{"type":"cut""#), "\(export.text.prefix(200))")
            let (log, pem) = (server.folder.file("log"), server.folder.file("key"))
            try server.folder.write(export.text, to: "log")
            try server.folder.write(try await server.deckhand("audit", "key").text, to: "key")
            let sound = try await server.folder.shell("\(Programs.deckhand) audit verify \(log) --key \(pem)")
            #expect(sound.code == 0, "\(sound.text) \(sound.errors)")
            // Without the cut, the rows that are gone are missed.
            let forged = try await server.folder.shell(
                "sed -i 1d \(log); \(Programs.deckhand) audit verify \(log) --key \(pem)"
            )
            #expect(forged.code == 1 && forged.text.hasPrefix("row 1, "), "\(forged.text)")
        }
    }
}
