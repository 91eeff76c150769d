import CLinux
import Core
import FoundationEssentials
import Testing

/// Full disks and fork bombs: need root for small file systems and another user.
@Suite struct MachineLimitTests {
    @Test(.enabled(if: Programs.areRoot, "mounting a small file system needs root"))
    func aFullDiskUnderTheOutputIsAClearState() async throws {
        try await TestServer.with(starts: false) { server in
            let sessions = server.folder.file("small")
            let disk = try MountedDisk(sessions, size: "8m")
            defer { disk.unmount() }
            server.set("SESSIONS_DIR", sessions)
            try await server.start()
            let before = try await server.run("echo before", session: "full")
            let (ticket, json, output) = try await server.run(
                "yes | head -c 30000000; echo done >&2",
                session: "full"
            )
            #expect(json["state"]?.string != nil)
            let text = "\(json)"
            #expect(
                json["state"]?.string != "exited" || json["omitted"] != .null
                    || text.lowercased().contains("disk"),
                "a full disk is said: \(text)"
            )
            #expect(text.lowercased().contains("disk") || text.lowercased().contains("space"), "\(text)")
            #expect(!output.isEmpty)
            // The server goes on, and earlier tickets are as they were.
            #expect(try await server.output(before.ticket) == Array("before\n".utf8))
            #expect(try await server.get("/readyz", hash: .some(nil)).status == 200)
            let another = try await server.submit("echo another", session: "full2")
            let end = try await server.end(of: another)
            #expect(["exited", "failed", "lost"].contains(end["state"]?.string ?? ""))
            try await server.restart()
            #expect(try await server.look(ticket)["state"] == json["state"])
            #expect(try await server.output(before.ticket) == Array("before\n".utf8))
        }
    }

    @Test(.enabled(if: Programs.areRoot, "mounting a small file system needs root"))
    func aFullDiskUnderTheDatabaseLosesNothingAcknowledged() async throws {
        try await TestServer.with(starts: false) { server in
            let disk = try MountedDisk(server.data, size: "6m")
            defer { disk.unmount() }
            server.set("SESSIONS_DIR", server.folder.file("elsewhere"))
            try await server.start()
            let witness = server.folder.file("witness")
            var acknowledged: [TicketName: Int] = [:]
            var refusals: [Answer] = []
            let filler = String(repeating: "#", count: 40_000)
            for index in 0..<400 where refusals.count < 5 {
                let answer = try await server.call(
                    "POST",
                    "/v1/sessions/disk/tickets",
                    ["command": .string("echo \(index) >> \(witness) \(filler)")]
                )
                if let number = answer["ticket"]?.integer, answer.status == 201 {
                    acknowledged[TicketName(session: "disk", number: Int(number))] = index
                } else {
                    refusals.append(answer)
                }
            }
            #expect(refusals.count == 5, "the disk was meant to be full")
            #expect(acknowledged.count > 10)
            for refusal in refusals {
                #expect([500, 503, 507].contains(refusal.status), "\(refusal.text)")
                #expect(refusal["code"]?.string != "internal", "a full disk is no riddle: \(refusal.text)")
                #expect(refusal["hint"]?.string?.isEmpty == false, "\(refusal.text)")
            }
            // With room again, everything that was acknowledged runs once; also over a kill.
            try disk.makeRoom(size: "64m")
            try await server.restart()
            for ticket in acknowledged.keys {
                #expect(try await server.end(of: ticket)["exit_code"]?.integer == 0)
            }
            #expect(Files.lines(witness).compactMap { Int($0) }.sorted() == acknowledged.values.sorted())
            #expect(try await server.submit("true", session: "disk").number == acknowledged.count + 1)
        }
    }

    @Test(.enabled(if: Programs.areRoot, "running as another user needs root"))
    func aForkBombStaysWithinItsLimits() async throws {
        try await TestServer.with(["DECKHAND_RUN_AS": "nobody", "DECKHAND_PROCESS_LIMIT": "60"]) { server in
            try server.folder.allowPassage()
            let (_, json, output) = try await server.run(
                "id -un; eval \"$BOMB\"; sleep 0.5",
                // By a variable, because rules deny what is plainly a bomb.
                ["timeout": 5, "env": ["BOMB": "bomb() { bomb | bomb & }; bomb"]]
            )
            #expect(
                output.starts(with: Array("nobody\n".utf8)),
                "\(json) \(String(decoding: output.prefix(300), as: UTF8.self))"
            )
            #expect(["exited", "timed_out", "killed"].contains(json["state"]?.string ?? ""))
            #expect(String(decoding: output, as: UTF8.self).contains("fork:"), "the limit was met")
            let mark = "E2E_SERVER=\(server.folder.path)"
            try await eventually(within: .seconds(60), "nothing left of the bomb") {
                ProcessList.withEnvironment(containing: mark).allSatisfy { $0 == server.pid }
            }
            #expect(try await server.run("echo works").output == Array("works\n".utf8))
        }
    }

    @Test(.enabled(if: Programs.areRoot, "running as another user needs root"))
    func aCommandOfAnotherUserCannotReadTheServersData() async throws {
        try await TestServer.with(["DECKHAND_RUN_AS": "nobody"]) { server in
            try server.folder.allowPassage()
            let (_, _, output) = try await server.run(
                "cat $DATA/hash $DATA/deckhand.sqlite; ls $DATA; cat /proc/\(server.pid)/environ; id -u; echo x > $SESSIONS/planted; id -G",
                // By variables, because rules deny reaching for our data by its path.
                ["env": ["DATA": .string(server.data), "SESSIONS": .string(server.sessionsDirectory)]]
            )
            let text = String(decoding: output, as: UTF8.self)
            #expect(!text.contains(server.hash) && !text.contains("SQLite format"))
            #expect(text.contains("65534\n"))
            #expect(!Files.exists(server.sessionsDirectory + "/planted"))
        }
    }

    @Test func aCommandOfTheSameUserDoesNotSeeTheDataWhereTheMachineCanHideIt() async throws {
        try await TestServer.with { server in
            let check = try await server.deckhand("check", "--json", within: .seconds(90))
            let findings = check.json.object?.values.compactMap(\.array).flatMap { $0 } ?? []
            let hasNamespaces = findings.contains {
                $0["name"]?.string == "namespaces.mount" && $0["verdict"]?.string == "ok"
            }
            let (_, _, output) = try await server.run(
                "ls -A $DATA | wc -l; cat $DATA/hash 2>&1 | wc -c",
                ["env": ["DATA": .string(server.data)]]
            )
            #expect(check.text.contains("namespaces.mount"), "check says what the machine can do")
            if hasNamespaces, Programs.areRoot {
                #expect(output.starts(with: Array("0\n".utf8)), "\(String(decoding: output, as: UTF8.self))")
            }
        }
    }
}
