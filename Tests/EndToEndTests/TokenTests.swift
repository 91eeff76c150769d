import Core
import Testing

/// Bearer tokens: what each may, until when, and that they are stored hashed.
@Suite struct TokenTests {
    private static func create(_ server: TestServer, _ words: String...) async throws -> (
        id: Int64, text: String
    ) {
        let run = try await Tool(["token", "create", "--json"] + words, of: server).finish()
        guard run.code == 0, let id = run.json["id"]?.integer, let text = run.json["token"]?.string else {
            throw TestTrouble("no token: \(run.text) \(run.errors)")
        }
        return (id, text)
    }

    @Test func permissionsHold() async throws {
        try await TestServer.with { server in
            let reader = try await Self.create(server, "--name", "reader", "--allow", "shell.read")
            let runner = try await Self.create(server, "--name", "runner", "--allow", "shell.run")
            let both = try await Self.create(server, "--name", "both", "--allow", "shell.read,shell.run")
            let submit: JSONValue = ["command": "echo hi", "input": ["open": true]]
            let plain: JSONValue = ["command": "echo hi"]
            let path = "/v1/sessions/perm/tickets"
            #expect(try await server.call("POST", path, plain, bearer: reader.text).status == 403)
            #expect(try await server.call("POST", path, plain, bearer: runner.text).status == 201)
            #expect(try await server.call("GET", path, bearer: reader.text).status == 200)
            #expect(try await server.call("GET", path, bearer: runner.text).status == 403)
            #expect(
                try await server.call("POST", path, submit, bearer: both.text).status == 403,
                "input needs shell.input"
            )
            #expect(try await server.call("POST", path + "/1/cancel", bearer: reader.text).status == 403)
            #expect(try await server.call("DELETE", "/v1/sessions/perm", bearer: reader.text).status == 403)
            let shell = [("Authorization", "Bearer \(reader.text)")]
            let get = try await server.get(
                "/shell",
                [("session", "perm"), ("cmd", "true")],
                hash: .some(nil),
                headers: shell
            )
            #expect(get.status == 403)
            // What a reader is shown leads to no command.
            let callback = try await server.get(
                "/callback",
                [("session", "perm"), ("ticket", "1"), ("wait", "30")],
                hash: .some(nil),
                headers: shell
            )
            #expect(callback["output"]?.string == "hi\n")
            for answer in [callback, try await server.send("GET", callback["callback"]?.string ?? "")] {
                let next = try #require(answer["next"]?.string)
                #expect(next.hasSuffix("/shell?session=perm&cmd=") && !next.contains("cap="))
            }
            // Who may run commands goes on with the links, as themselves, until the token is revoked.
            let started = try await server.get(
                "/shell",
                [("session", "perm"), ("cmd", "echo one"), ("wait", "30")],
                hash: .some(nil),
                headers: [("Authorization", "Bearer \(both.text)")]
            )
            let next = try #require(started["next"]?.string)
            let link = try #require(next.split(separator: " ").last.map(String.init))
            let second = try await server.send("GET", link + "echo%20two&wait=30")
            #expect(second["output"]?.string == "two\n")
            let number = Int(try #require(second["ticket"]?.integer))
            #expect(
                try await server.look(TicketName(session: "perm", number: number))["submitted_by"]?.string
                    == "token:\(both.id)"
            )
            #expect(try await server.deckhand("token", "revoke", "\(both.id)").code == 0)
            for address in [link + "echo%20three", try #require(second["callback"]?.string)] {
                #expect(try await server.send("GET", address)["code"]?.string == "token_revoked")
            }
            let asHash = try await server.get(
                "/shell",
                [("session", "perm"), ("cmd", "true")],
                hash: .some(both.text)
            )
            #expect(asHash.status == 401, "a token in the query would end in logs")
            #expect(
                try await server.look(TicketName(session: "perm", number: 1))["submitted_by"]?.string
                    == "token:\(runner.id)"
            )
            for allow in ["admin", "approve", "shell.everything", ""] {
                let refused = try await server.deckhand("token", "create", "--name", "x", "--allow", allow)
                #expect(refused.code != 0, "\(allow)")
            }
        }
    }

    @Test func oneCallersLimitLeavesRoomForAnother() async throws {
        try await TestServer.with(["DECKHAND_MAX_RUNNING_PER_PRINCIPAL": "2"]) { server in
            let first = try await Self.create(server, "--name", "first", "--allow", "shell.read,shell.run")
            let second = try await Self.create(server, "--name", "second", "--allow", "shell.read,shell.run")
            let gate = server.folder.file("gate")
            func submit(_ session: String, _ bearer: String) async throws -> TicketName {
                let made = try await server.call(
                    "POST",
                    "/v1/sessions/\(session)/tickets",
                    ["command": .string("until [ -e \(gate) ]; do sleep 0.05; done; echo done")],
                    bearer: bearer
                )
                #expect(made.status == 201, "\(made.text)")
                return TicketName(session: session, number: 1)
            }
            let held = [try await submit("a", first.text), try await submit("b", first.text)]
            for ticket in held { try await server.wait(ticket, for: "running") }
            let over = try await submit("c", first.text)
            // Whoever comes later is started before it, because it is another caller's limit that was met.
            let others = [try await submit("d", second.text), try await submit("e", second.text)]
            for ticket in others { try await server.wait(ticket, for: "running") }
            let beyond = try await submit("f", second.text)
            #expect(try await server.look(over)["state"]?.string == "queued")
            #expect(try await server.look(beyond)["state"]?.string == "queued")
            try server.folder.write("", to: "gate")
            for ticket in held + others + [over, beyond] {
                #expect(try await server.end(of: ticket)["exit_code"]?.integer == 0)
            }
        }
    }

    @Test func tokensAreListedRevokedAndExpire() async throws {
        try await TestServer.with { server in
            let token = try await Self.create(
                server,
                "--name",
                "short",
                "--allow",
                "shell.read",
                "--expires",
                "30d"
            )
            let brief = try await Self.create(
                server,
                "--name",
                "brief",
                "--allow",
                "shell.read",
                "--expires",
                "1s"
            )
            #expect(try await server.call("GET", "/v1/sessions", bearer: token.text).status == 200)
            let list = try await server.deckhand("token", "list", "--json")
            let rows = try #require(list.json["tokens"]?.array)
            #expect(rows.compactMap { $0["name"]?.string } == ["short", "brief"])
            #expect(rows[0]["last_used"]?.string != nil)
            #expect(!list.text.contains(token.text))
            let table = try await server.deckhand("token", "list")
            #expect(table.text.contains("short") && !table.text.contains(token.text))

            try await eventually("the end of a token that lives a second") {
                try await server.call("GET", "/v1/sessions", bearer: brief.text)["code"]?.string
                    == "token_expired"
            }
            let revoke = try await server.deckhand("token", "revoke", "\(token.id)")
            #expect(revoke.code == 0, "\(revoke.errors)")
            let refused = try await server.call("GET", "/v1/sessions", bearer: token.text)
            #expect(refused.status == 401)
            #expect(refused["code"]?.string == "token_revoked")
            #expect(try await server.deckhand("token", "revoke", "999").code == 1)

            let needle = Array(token.text.utf8)
            for name in Files.names(in: server.data) {
                #expect(
                    !(Files.bytes(server.data + "/" + name) ?? []).contains(needle),
                    "\(name) holds the token itself"
                )
            }
        }
    }
}
