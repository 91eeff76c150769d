import Core
import HTTPClient
import Testing

/// Numbers, repeats and keys on the GET face.
@Suite struct SubmissionTests {
    @Test func twoHundredAtOnceGetTheirOwnNumbersAndOutputs() async throws {
        try await TestServer.with { server in
            let numbers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let items = [("session", "busy"), ("cmd", "echo output-\(index)")]
                        let answer = try await server.get("/shell", items)
                        guard answer.status == 200, let number = answer["ticket"]?.integer else {
                            throw TestTrouble("refused: \(answer.text)")
                        }
                        return (index, Int(number))
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1.1] = $1.0 }
            }
            #expect(numbers.keys.sorted() == Array(1...200))
            for (number, index) in numbers {
                let ticket = TicketName(session: "busy", number: number)
                let json = try await server.end(of: ticket)
                #expect(json["exit_code"]?.integer == 0)
                #expect(json["command"]?.string == "echo output-\(index)")
                #expect(
                    String(decoding: try await server.output(ticket), as: UTF8.self) == "output-\(index)\n"
                )
            }
            #expect(try await server.call("GET", "/v1/sessions/busy").json["last_ticket"]?.integer == 200)
        }
    }

    @Test func theSameCommandInTwoSessionsIsTwoTickets() async throws {
        try await TestServer.with { server in
            let witness = server.folder.file("witness")
            let command = "echo ran >> \(witness)"
            let one = try await server.shell(command, session: "one")
            let two = try await server.shell(command, session: "two")
            #expect(one.answer["cached"]?.bool == false)
            #expect(two.answer["cached"]?.bool == false)
            _ = try await server.end(of: one.ticket)
            _ = try await server.end(of: two.ticket)
            #expect(Files.lines(witness).count == 2)
        }
    }

    @Test func aRepeatedGetIsTheSameTicketUnlessFresh() async throws {
        try await TestServer.with { server in
            let witness = server.folder.file("witness")
            let command = "echo ran >> \(witness)"
            let first = try await server.shell(command, session: "s")
            let second = try await server.shell(command, session: "s")
            #expect(second.ticket == first.ticket)
            #expect(second.answer["cached"]?.bool == true)
            let third = try await server.shell(command, session: "s", [("fresh", "1")])
            #expect(third.ticket.number == first.ticket.number + 1)
            #expect(third.answer["cached"]?.bool == false)
            // Only a repeat of the *latest* command counts.
            let between = try await server.shell("true", session: "s")
            let fourth = try await server.shell(command, session: "s")
            #expect(fourth.ticket.number == between.ticket.number + 1)
            for number in 1...4 { _ = try await server.end(of: TicketName(session: "s", number: number)) }
            #expect(Files.lines(witness).count == 3)
            // A result that is there already says so too.
            let waiting = [("wait", "20")]
            let repeated = try await server.shell(command, session: "s", waiting)
            #expect(repeated.ticket == fourth.ticket && repeated.answer["type"]?.string == "result")
            #expect(repeated.answer["cached"]?.bool == true)
            #expect(repeated.answer["next"]?.string?.contains("fresh=1") == true)
            let anew = try await server.shell(command, session: "s", waiting + [("fresh", "1")])
            #expect(anew.answer["cached"]?.bool == false && anew.answer["exit_code"]?.integer == 0)
            let text = try await server.get(
                "/shell",
                [("session", "s"), ("cmd", command), ("format", "text")] + waiting
            )
            #expect(text.headers["Deckhand-Cached"] == "true")
        }
    }

    @Test func aKeyNamesOneTicketOnEveryDoor() async throws {
        try await TestServer.with { server in
            let witness = server.folder.file("witness")
            let command = "echo ran >> \(witness)"
            let first = try await server.shell(command, session: "k", [("key", "abc")])
            _ = try await server.shell("true", session: "k")
            let again = try await server.shell(command, session: "k", [("key", "abc")])
            #expect(again.ticket == first.ticket)
            #expect(again.answer["cached"]?.bool == true)
            #expect(try await server.submit(command, session: "k", ["key": "abc"]) == first.ticket)
            let run = try await server.deckhand("run", "--session", "k", "--key", "abc", command)
            #expect(run.code == 0, "\(run.errors)")
            _ = try await server.end(of: first.ticket)
            #expect(Files.lines(witness).count == 1)

            let other = try await server.call(
                "POST",
                "/v1/sessions/k/tickets",
                ["command": "echo another", "key": "abc"]
            )
            #expect(other.status == 409, "a key with another command is a mistake: \(other.text)")
            let spaced = try await server.get("/shell", [("session", "k"), ("cmd", "true"), ("key", "a b")])
            #expect(spaced.status == 422)
            #expect(spaced["code"]?.string == "invalid_key")
        }
    }

    @Test func withoutKeyOrRepeatThePostFaceRunsTwice() async throws {
        try await TestServer.with { server in
            let first = try await server.submit("true", session: "p")
            let second = try await server.submit("true", session: "p")
            #expect([first.number, second.number] == [1, 2])
        }
    }

    @Test func aSessionNameIsGivenAndADoubleFetchFindsTheSameTicket() async throws {
        try await TestServer.with { server in
            let command = "echo once"
            async let one = server.shell(command)
            async let two = server.shell(command)
            let (first, second) = try await (one, two)
            #expect(first.ticket == second.ticket)
            let cached = [first, second].map { $0.answer["cached"]?.bool }
            #expect(cached.filter { $0 == true }.count == 1, "\(cached)")
            let words = first.ticket.session.split(separator: "-")
            #expect(words.count == 3, "\(first.ticket.session) is not readable")
            let other = try await server.shell("echo other")
            #expect(other.ticket.session != first.ticket.session)
            let fresh = try await server.shell(command, session: nil, [("fresh", "1")])
            #expect(fresh.ticket.session != first.ticket.session)
        }
    }

    @Test func waitAnswersWithTheResultWhenItIsThereInTime() async throws {
        try await TestServer.with { server in
            let quick = try await server.shell("echo quick", session: "w", [("wait", "20")])
            #expect(quick.answer["type"]?.string == "result")
            #expect(quick.answer["output"]?.string == "quick\n")
            let slow = try await server.shell("sleep 60", session: "w", [("wait", "0.2")])
            #expect(slow.answer["type"]?.string == "submission")
            let text = try await server.get(
                "/shell",
                [("session", "w"), ("cmd", "echo t; exit 4"), ("wait", "20"), ("format", "text")]
            )
            #expect(text.text == "t\n")
            #expect(text.header("Deckhand-Exit-Code") == "4")
            #expect(text.header("Content-Type")?.hasPrefix("text/plain") == true)
        }
    }

    @Test func timeoutAndDirectoryAreTaken() async throws {
        try await TestServer.with { server in
            let limited = try await server.shell(
                "sleep 60",
                session: "t",
                [("timeout", "0.3"), ("wait", "20")]
            )
            #expect(limited.answer["state"]?.string == "timed_out", "\(limited.answer.text)")
            #expect(limited.answer["limit"]?.string == "time")
            let placed = try await server.shell("pwd", session: "t", [("cwd", "/usr"), ("wait", "20")])
            #expect(placed.answer["output"]?.string == "/usr\n")
            let missing = try await server.shell("pwd", session: "t", [("cwd", "/no/such"), ("wait", "20")])
            #expect(missing.answer["state"]?.string == "failed")
            #expect(missing.answer["reason"]?.string?.contains("/no/such") == true, "\(missing.answer.text)")
        }
    }
}
