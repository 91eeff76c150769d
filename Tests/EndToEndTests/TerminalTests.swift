import CLinux
import Core
import Testing

/// Pseudo-terminals: their size over the API, and the local terminal of `deckhand run --terminal`.
@Suite struct TerminalTests {
    /// Prints the size at the start and after each change, until there is the file.
    private static let command =
        "stty -echo; trap 'stty size' WINCH; stty size; until [ -e GATE ]; do sleep 0.05; done; echo over"

    private static func resize(_ server: TestServer, _ ticket: TicketName, _ columns: Int64, _ rows: Int64)
        async throws -> Answer
    {
        try await server.call(
            "POST",
            ticket.path + "/resize",
            ["columns": .integer(columns), "rows": .integer(rows)]
        )
    }

    @Test func theSizeChangesWhileTheCommandRuns() async throws {
        try await TestServer.with { server in
            let gate = server.folder.file("gate")
            let command = Self.command.replacing("GATE", with: gate)
            for (session, input) in [("open", true), ("closed", false)] {
                let ticket = try await server.submit(
                    command,
                    session: session,
                    ["terminal": ["columns": 80, "rows": 24], "input": ["open": .bool(input)]]
                )
                try await server.wait(ticket, toPrint: "24 80\r\n")
                #expect(try await Self.resize(server, ticket, 132, 50).status == 204)
                try await server.wait(ticket, toPrint: "50 132\r\n")
                // Also of a ticket whose input was closed, and by another server.
                if input {
                    let closed = try await server.call("POST", ticket.path + "/input?close=1", bytes: [])
                    #expect(closed.status == 204)
                }
                try await server.restart()
                #expect(try await Self.resize(server, ticket, 99, 33).status == 204)
                try await server.wait(ticket, toPrint: "33 99\r\n")
                let shown = try await server.call("GET", ticket.path)
                #expect(shown["columns"]?.integer == 99 && shown["rows"]?.integer == 33)
                for size in [(0, 10), (10, 0), (1_001, 10), (10, 1_001)] as [(Int64, Int64)] {
                    let refused = try await Self.resize(server, ticket, size.0, size.1)
                    #expect(refused.status == 422 && refused["code"]?.string == "invalid_field")
                }
                let half = try await server.call("POST", ticket.path + "/resize", ["columns": 10])
                #expect(half.status == 422)
                try server.folder.write("", to: "gate")
                #expect(try await server.end(of: ticket)["state"]?.string == "exited")
                let late = try await Self.resize(server, ticket, 80, 24)
                #expect(late.status == 409 && late["code"]?.string == "ticket_not_running")
                #expect(Files.names(in: server.sessionsDirectory + "/" + session) == ["1.run", "1.ticket"])
                try Files.rename(gate, to: gate + "-" + session)
            }
            let piped = try await server.run("true", session: "piped").ticket
            let refused = try await Self.resize(server, piped, 80, 24)
            #expect(refused.status == 409 && refused["code"]?.string == "no_terminal")
            let reader = try await server.deckhand(
                "token",
                "create",
                "--name",
                "r",
                "--allow",
                "shell.read",
                "--json"
            )
            let token = reader.json["token"]?.string ?? ""
            let forbidden = try await server.call(
                "POST",
                piped.path + "/resize",
                ["columns": 80, "rows": 24],
                bearer: token
            )
            #expect(forbidden.status == 403, "\(forbidden.text)")
        }
    }

    // MARK: The command line

    @Test func theLocalTerminalIsTheCommands() async throws {
        try await TestServer.with { server in
            let command =
                "trap 'echo interrupted' INT; trap 'echo size $(stty size)' WINCH; echo size $(stty size) $TERM; "
                + "while read line; do echo \"got $line\"; [ \"$line\" = end ] && exit 7; done <&0 & "
                + "while :; do wait $!; code=$?; [ -d /proc/$! ] || exit $code; done"
            let tool = try TerminalTool(
                ["run", "--session", "tty", "--terminal", command],
                of: server,
                ["TERM": "vt220"],
                size: (90, 30)
            )
            let settings = tool.settings
            try await tool.see("size 30 90 vt220")
            #expect(tool.isRaw, "keys are not handled here")
            tool.resize(columns: 111, rows: 44)
            tool.process.send(SIGWINCH)
            try await tool.see("size 44 111")
            // Ctrl-C belongs to the command.
            tool.type("\u{3}")
            try await tool.see("interrupted")
            tool.type("hello\r")
            try await tool.see("got hello")
            tool.type("end\r")
            #expect(try await tool.process.wait(within: .seconds(60)) == .exited(7))
            #expect(tool.settings == settings, "the terminal is what it was")
        }
    }

    /// How a person or the system ends the client.
    enum Ending: CaseIterable { case key, terminated, hungUp, serverGone }

    @Test(arguments: Ending.allCases)
    func theLocalTerminalIsGivenBackHoweverItEnds(_ ending: Ending) async throws {
        try await TestServer.with { server in
            let tool = try TerminalTool(
                ["run", "--session", "tty", "--terminal", "echo ready; cat"],
                of: server
            )
            let settings = tool.settings
            try await tool.see("ready")
            #expect(tool.isRaw)
            switch ending {
            case .key: tool.type("\u{1D}\u{1D}\u{1D}")
            case .hungUp: tool.process.send(SIGHUP)
            case .terminated: tool.process.send(SIGTERM)
            case .serverGone:
                try await server.kill()
                tool.type("\u{1D}\u{1D}\u{1D}")
            }
            #expect(try await tool.process.wait(within: .seconds(60)) == .exited(130))
            #expect(tool.settings == settings, "the terminal is what it was")
            if ending == .serverGone { try await server.start() }
            let state = try await server.state(TicketName(session: "tty", number: 1))
            if ending == .terminated { #expect(state == "cancelled") } else { #expect(state == "running") }
        }
    }
}
