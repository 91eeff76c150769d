import CLinux
import Core
import HTTPClient
import Testing

/// Registered secrets at a server of the built program, and a search for all that must not leave it.
@Suite struct SecretTests {
    private static let database = #"h/nter "2" & <more>"#
    private static let mail = "Tr0ub4dor-und-3-Ümlaute"
    private static let providerKey = "sk-planted-provider-key-0123456789"
    private static let passphrase = "a passphrase that nobody prints"

    private static func client(_ server: TestServer, _ name: String, _ passphrase: String) async throws
        -> Answer
    {
        let body: JSONValue = [
            "username": .string(name), "passphrase": .string(passphrase), "kind": "client",
        ]
        return try await server.send("POST", server.baseURL + "/v1/signin", body: body.bytes)
    }

    /// Makes an operator from the command line and signs in as them.
    private static func token(
        _ server: TestServer,
        _ name: String,
        _ more: String...
    ) async throws -> String {
        try server.folder.write(passphrase + "\n", to: "passphrase")
        defer { _ = unsafe unlink(server.folder.file("passphrase")) }
        let made = try await Tool(
            ["user", "add", name] + more,
            of: server,
            input: server.folder.file("passphrase")
        ).finish()
        try #require(made.code == 0, "\(made.errors)")
        return try #require(try await client(server, name, passphrase)["token"]?.string)
    }

    @Test func aSecretIsRegisteredUsedByNameAndForgotten() async throws {
        try await TestServer.with { server in
            let token = try await Self.token(server, "ann")
            let value: JSONValue = ["value": .string(Self.database)]
            let set = try await server.call("PUT", "/v1/secrets/DB_PASSWORD", value, bearer: token)
            #expect(set.status == 200 && set["name"]?.string == "DB_PASSWORD", "\(set.text)")
            for weak in [server.hash, nil] {
                let refused = try await server.call("PUT", "/v1/secrets/OTHER", value, bearer: weak ?? "x")
                #expect(refused.status == (weak == nil ? 401 : 403))
            }
            let listed = try await server.call("GET", "/v1/secrets")
            #expect(listed["secrets"]?.array?.compactMap { $0["name"]?.string } == ["DB_PASSWORD"])

            // By every door, also right after another process registered it.
            try server.folder.write(Self.mail + "\n", to: "value")
            let tool = try await server.deckhand("secret", "set", "MAIL", input: server.folder.file("value"))
            #expect(tool.code == 0, "\(tool.errors)")
            let both: [String: JSONValue] = ["secrets": ["DB_PASSWORD", "MAIL"]]
            let posted = try await server.run("echo \"$DB_PASSWORD\" \"$MAIL\" ${#MAIL}", both)
            #expect(posted.output == Array("[redacted] [redacted] \(Self.mail.count)\n".utf8))
            #expect(posted.json["secrets"]?.array?.compactMap(\.string) == ["DB_PASSWORD", "MAIL"])
            let got = try await server.get(
                "/shell",
                [("cmd", "echo ${#MAIL} $MAIL"), ("secret", "MAIL"), ("wait", "30"), ("session", "g")]
            )
            #expect(got["output"]?.string == "\(Self.mail.count) [redacted]\n", "\(got.text)")
            let run = try await server.deckhand("run", "--secret", "MAIL", "echo ${#MAIL} $MAIL")
            #expect(run.output == Array("\(Self.mail.count) [redacted]\n".utf8))
            let without = try await server.run("echo ${MAIL-none}")
            #expect(without.output == Array("none\n".utf8))

            let removed = try await server.call("DELETE", "/v1/secrets/MAIL", bearer: token)
            #expect(removed.status == 204)
            let unknown = try await server.get("/shell", [("cmd", "true"), ("secret", "MAIL")])
            #expect(unknown.status == 422 && unknown.text.contains("secret_not_found"))
            #expect(try await server.call("DELETE", "/v1/secrets/MAIL", bearer: token).status == 404)
        }
    }

    @Test func nothingThatWasPlantedIsFoundAnywhere() async throws {
        let environment = [
            "OPENAI_API_KEY": Self.providerKey, "DECKHAND_LOG_LEVEL": "trace",
            "SECRET_RANDOM": "planted-signing-key-planted-signing-key",
        ]
        let script = #"""
            { shell_tool: false, answers: [
                { text: ["I look. "], calls: [{ name: "shell", arguments: {
                    command: "echo $MAIL; printf '%s' \"$MAIL\" | base64; env", secrets: ["MAIL"] } }] },
                { text: ["It is set."] }] }
            """#
        try await TestServer.withScript(script, environment) { server, admin in
            var served: [UInt8] = []
            let signIn = try await Self.token(server, "ann")
            let made = try await server.deckhand(
                "token",
                "create",
                "--name",
                "t",
                "--allow",
                "shell.run,shell.read"
            )
            let token = String(decoding: made.output, as: UTF8.self).trimmed
            for (name, value) in [("DB_PASSWORD", Self.database), ("MAIL", Self.mail)] {
                let body: JSONValue = ["value": .string(value)]
                served += try await server.call("PUT", "/v1/secrets/\(name)", body, bearer: signIn).everything
                    .utf8
            }
            let masked = [
                ("database", Self.database), ("mail", Self.mail), ("provider key", Self.providerKey),
                ("hash", server.hash), ("signing key", "planted-signing-key-planted-signing-key"),
            ]
            let kept = [("passphrase", Self.passphrase), ("token", token), ("sign-in", signIn)]
            served += try await Self.print(masked.map(\.1), on: server)
            served += try await Self.turn(admin)
            served += try await Self.submitted(masked.map(\.1), on: server, token)
            served += try await Self.mistaken(masked.map(\.1) + kept.map(\.1), on: server, signIn)
            served += try await Self.read(server)
            try await server.restart()
            served += try await Self.read(server)

            let search = LeakSearch(masked + kept)
            #expect(search.finds(in: served).isEmpty, "served")
            let mask = "[redacted]"
            #expect(String(decoding: served, as: UTF8.self).split(separator: mask).count > 60)
            // A search that finds nothing must be able to find.
            #expect(search.finds(in: Array("x \(Self.mail) y".utf8)).count == 1)
            let files = Files.all(below: server.data) + [server.log, server.folder.file("server.out")]
            #expect(files.contains { $0.hasSuffix("deckhand.sqlite-wal") })
            #expect(files.contains { $0.hasSuffix(".run") } && files.contains { $0.hasSuffix(".ticket") })
            for file in files where !file.contains("/keys/") {
                let found = search.finds(in: Files.bytes(file) ?? [])
                #expect(found.isEmpty, "\(file): \(found)")
            }
        }
    }

    /// Commands that print every value in every form, through every door; returns what was served.
    private static func print(_ values: [String], on server: TestServer) async throws -> [UInt8] {
        var served: [UInt8] = []
        // By a file, as a command that contains them is refused.
        try server.folder.write(values.joined(separator: "\n") + "\n", to: "work/planted")
        let file = server.folder.file("work/planted")
        let hex = "od -An -v -tx1 | tr -d ' \\n'"
        let commands = [
            "cat \(file)", "cat \(file) >&2", "base64 \(file)", "base64 -w0 \(file)",
            "(echo -n a; cat \(file)) | base64",
            "(echo -n ab; cat \(file)) | base64", "\(hex) < \(file)",
            "\(hex) < \(file) | tr a-f A-F | fold -w 60",
            "while IFS= read -r l; do echo \"x${l}y\"; done < \(file)",
            "while IFS= read -rn1 c; do printf '%s' \"${c:-,}\"; done < \(file)",
            "while IFS= read -r l; do l=${l//\\\\/\\\\\\\\}; printf '\"%s\"' \"${l//\\\"/\\\\\\\"}\"; done < \(file)",
            "cat \(file); sleep 0.1; cat \(file) \(file) >&2; false",
        ]
        for (index, command) in commands.enumerated() {
            let session = "s\(index % 3)"
            served += try await server.get(
                "/shell",
                [("cmd", command), ("session", session), ("wait", "30"), ("key", "k\(index)")]
            ).everything.utf8
            let ticket = try await server.submit(
                command,
                session: session,
                index % 2 == 0 ? ["terminal": [:]] : [:]
            )
            served += try await server.events(ticket).output
            served += try await server.call("GET", ticket.path).everything.utf8
            served += try await server.output(ticket)
        }
        let named: [String: JSONValue] = ["secrets": ["DB_PASSWORD", "MAIL"]]
        let stateful: JSONValue = ["name": "state", "mode": "stateful"]
        _ = try await server.call("POST", "/v1/sessions", stateful)
        for command in [
            "export COPY=\"$MAIL\" DB_PASSWORD", "env; set", "echo $COPY; cat /proc/self/environ",
        ] {
            served += try await server.run(command, session: "state", named).output
        }
        served += try await server.deckhand("run", "--secret", "MAIL", "printenv MAIL; echo $MAIL >&2").output
        return served
    }

    /// A turn whose model prints a secret; returns what was served.
    private static func turn(_ admin: Person) async throws -> [UInt8] {
        let chat = try await admin.makeChat()
        let body: JSONValue = ["message": "Is the mail password set?", "model": "demo"]
        let begun = try await admin.call("POST", "/v1/chats/\(chat)/turns", body)
        try #require(begun.status == 201, "\(begun.text)")
        try await eventually(
            "the command waits for a person",
            holds: {
                let list = try await admin.call("GET", "/v1/approvals?state=awaiting")
                return list["approvals"]?.array?.isEmpty == false
            }
        )
        var served = try await admin.call("GET", "/v1/approvals").body
        try await admin.decideAll()
        try await admin.follow(chat) { event in
            served += Array(event.data.utf8)
            return event.event == "turn.finished"
        }
        let text = String(decoding: served, as: UTF8.self)
        #expect(text.contains("It is set.") && text.contains("[redacted]"), "\(text)")
        let json = [(name: "Accept", value: "application/json")]
        let path = "/v1/chats/\(chat)/events"
        let stored = try await admin.server.call("GET", path, bearer: admin.token, headers: json)
        #expect(stored["events"] != nil)
        served += stored.everything.utf8
        return served
    }

    /// Submissions that contain values, and are refused; returns what was served.
    private static func submitted(_ values: [String], on server: TestServer, _ token: String) async throws
        -> [UInt8]
    {
        var served: [UInt8] = []
        let path = "/v1/sessions/s0/tickets"
        for value in values {
            let text = JSONValue.string(value)
            for body: JSONValue in [
                ["command": .string("echo " + value)], ["command": "true", "env": ["A": text]],
                ["command": "true", "input": text], ["command": "true", "secrets": [text]],
                ["command": "true", "cwd": text], ["command": "true", "timeout": text],
                ["command": "true", "key": text],
            ] {
                let answer = try await server.call("POST", path, body, bearer: token)
                #expect(answer.status >= 400, "\(answer.text)")
                served += answer.everything.utf8
            }
            for part in ["cmd", "session", "secret", "key", "wait"] {
                let answer = try await server.get(
                    "/shell",
                    [("cmd", "true"), (part, value)].suffix(part == "cmd" ? 1 : 2)
                )
                #expect(answer.status >= 400, "\(part): \(answer.text)")
                served += answer.everything.utf8
            }
            let session: JSONValue = ["name": "other", "env": ["A": text]]
            served += try await server.call("POST", "/v1/sessions", session).everything.utf8
        }
        return served
    }

    /// Other requests with values where they do not belong; returns what was served.
    private static func mistaken(_ values: [String], on server: TestServer, _ signIn: String) async throws
        -> [UInt8]
    {
        var served: [UInt8] = []
        let path = "/v1/sessions/s0/tickets"
        for value in values {
            let text = JSONValue.string(value)
            served += try await server.call("POST", path, bytes: Array("{\"command\": \(value)".utf8))
                .everything.utf8
            served += try await server.call("PUT", "/v1/secrets/A", ["values": text], bearer: signIn)
                .everything.utf8
            served += try await Self.client(server, "ann", value + "x").everything.utf8
            served += try await server.get("/shell", [("cmd", "true")], hash: value + "x").everything.utf8
            served += try await server.get("/callback", [("session", "s0"), ("ticket", value)]).everything
                .utf8
            served += try await server.call("GET", "/v1/sessions", bearer: value + "x").everything.utf8
        }
        return served
    }

    /// What can be read afterwards; returns what was served.
    private static func read(_ server: TestServer) async throws -> [UInt8] {
        var served: [UInt8] = []
        for session in ["s0", "s1", "s2", "state"] {
            for path in ["/history", "/terminal"] {
                served += try await server.get(path, [("session", session)]).everything.utf8
            }
            served += try await server.call("GET", "/v1/sessions/\(session)/tickets").everything.utf8
            for number in 1...8 {
                let place = [("session", session), ("ticket", "\(number)")]
                served += try await server.get("/callback", place).everything.utf8
            }
        }
        for path in ["/", "/context", "/docs", "/openapi.json", "/healthz", "/readyz", "/nothing"] {
            served += try await server.get(path).everything.utf8
        }
        for path in ["/metrics", "/v1/secrets", "/v1/sessions"] {
            served += try await server.call("GET", path).everything.utf8
        }
        return served
    }

    @Test(.enabled(if: geteuid() == 0, "needs root to change users"))
    func whatAnOperatorSubmitsRunsAsTheirSystemUser() async throws {
        try await TestServer.with { server in
            let token = try await Self.token(server, "ann", "--run-as", "nobody")
            let body: JSONValue = [
                "command": .string(
                    "id -un; echo $USER $LOGNAME; cat $DATA/deckhand.sqlite 2>&1; echo \"end\""
                ),
                // By a variable, because rules deny reading our data by its path.
                "env": ["DATA": .string(server.data)], "cwd": "/", "wait": 30,
            ]
            let answer = try await server.call("POST", "/v1/sessions/-/tickets", body, bearer: token)
            #expect(answer.status == 201 && answer["run_as"]?.string == "nobody", "\(answer.text)")
            let ticket = TicketName(session: answer["session"]?.string ?? "", number: 1)
            let output = String(decoding: try await server.output(ticket), as: UTF8.self)
            #expect(output.hasPrefix("nobody\nnobody nobody\n") && output.hasSuffix("end\n"), "\(output)")
            #expect(output.contains("ermission denied") && !output.contains("SQLite format"))
            // Whoever did not sign in runs what the server runs.
            #expect(try await server.run("id -un").output == Array("root\n".utf8))
            #expect(try await server.deckhand("user", "run-as", "ann").code == 0)
            let later = try await server.call(
                "POST",
                "/v1/sessions/-/tickets",
                ["command": "id -un", "wait": 30],
                bearer: token
            )
            let second = TicketName(session: later["session"]?.string ?? "", number: 1)
            #expect(try await server.output(second) == Array("root\n".utf8))
        }
    }
}
