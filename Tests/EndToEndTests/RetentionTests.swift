import Core
import Testing

/// Old tickets are forgotten at the start, by age and by size; running ones never.
@Suite struct RetentionTests {
    /// A ticket that runs until the test lets it end, with some output.
    private static func runner(_ server: TestServer, printing: String) async throws -> TicketName {
        let gate = server.folder.file("gate")
        let ticket = try await server.submit(
            "\(printing); echo printed; until [ -e \(gate) ]; do sleep 0.02; done; echo end",
            session: "long"
        )
        try await eventually("the output of the running ticket") {
            let tail = try await server.output(ticket, "?tail=1")
            return String(decoding: tail, as: UTF8.self) == "printed\n"
        }
        return ticket
    }

    private static func isGone(_ server: TestServer, _ ticket: TicketName) async throws -> Bool {
        try await server.call("GET", ticket.path).status == 404
    }

    private static func files(_ server: TestServer, _ ticket: TicketName) -> [String] {
        Files.names(in: server.sessionsDirectory + "/" + ticket.session).filter {
            $0.hasPrefix("\(ticket.number).")
        }
    }

    @Test func chatsThatNobodyUsed() async throws {
        try await TestServer.withScript(#"{ answers: [{ text: ["Hello."] }] }"#) { server, person in
            var chats: [Int64] = []
            for _ in 1...3 { chats.append(try await person.makeChat()) }
            try await server.kill()
            let day = 86_400_000_000
            try await server.folder.sql(
                """
                update chats set updated = updated - 31 * \(day) where id <> \(chats[0]);
                update chats set read = updated + 30 * \(day) where id = \(chats[1]);
                """,
                on: server.data + "/deckhand.sqlite"
            )
            try await server.start()
            try await eventually("the one that nobody opened either is forgotten") {
                try await person.call("GET", "/v1/chats/\(chats[2])").status == 404
            }
            for chat in chats[..<2] {
                #expect(try await person.call("GET", "/v1/chats/\(chat)").status == 200)
            }
        }
    }

    @Test func byAge() async throws {
        try await TestServer.with(["DECKHAND_KEEP_DAYS": "90"]) { server in
            let running = try await Self.runner(server, printing: "true")
            var tickets: [TicketName] = []
            for index in 1...4 {
                // More than is stored with the row, so that there are files.
                tickets.append(try await server.run("seq 1 \(2_000 + index)", session: "age").ticket)
            }
            try await server.kill()
            // Microseconds since 1970: two of them ended 91 days ago, two 89 days ago; the running one is older still.
            let day = 86_400_000_000
            try await server.folder.sql(
                """
                update tickets set ended = ended - case when number <= 2 then 91 else 89 end * \(day)
                    where ended is not null;
                update tickets set created = created - 200 * \(day) where ended is null;
                """,
                on: server.data + "/deckhand.sqlite"
            )
            try await server.start()
            for ticket in tickets[..<2] {
                try await eventually("\(ticket) is forgotten") { try await Self.isGone(server, ticket) }
                #expect(Self.files(server, ticket).isEmpty)
            }
            for ticket in tickets[2...] {
                #expect(try await server.look(ticket)["state"]?.string == "exited")
                #expect(Self.files(server, ticket).contains("\(ticket.number).ticket"))
            }
            #expect(try await server.state(running) == "running")
            let next = try await server.run("echo next", session: "age").ticket
            #expect(next.number == 5, "numbers are not given again")
            try server.folder.write("", to: "gate")
            #expect(try await server.end(of: running)["exit_code"]?.integer == 0)
            #expect(String(decoding: try await server.output(running), as: UTF8.self) == "printed\nend\n")
        }
    }

    @Test func bySize() async throws {
        try await TestServer.with { server in
            // More than all that is to be kept, and started first.
            let running = try await Self.runner(
                server,
                printing: "head -c 2000000 /dev/zero | tr '\\0' r; echo"
            )
            var tickets: [TicketName] = []
            for letter in ["a", "b", "c"] {
                let command = "head -c 400000 /dev/zero | tr '\\0' \(letter)"
                tickets.append(try await server.run(command, session: "size").ticket)
            }
            try await server.restart(["DECKHAND_KEEP_BYTES": "1MiB"])
            try await eventually("the oldest is forgotten") { try await Self.isGone(server, tickets[0]) }
            #expect(Self.files(server, tickets[0]).isEmpty)
            #expect(
                try await server.output(tickets[1]) == [UInt8](repeating: UInt8(ascii: "b"), count: 400_000)
            )
            #expect(
                try await server.output(tickets[2]) == [UInt8](repeating: UInt8(ascii: "c"), count: 400_000)
            )
            #expect(try await server.state(running) == "running")
            try server.folder.write("", to: "gate")
            #expect(try await server.end(of: running)["exit_code"]?.integer == 0)
            #expect(try await server.output(running).count == 2_000_001 + 8 + 4)
        }
    }
}
