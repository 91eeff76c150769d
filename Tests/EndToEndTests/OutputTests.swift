import Core
import Testing

/// Output as bytes: whatever they are, however many.
@Suite struct OutputTests {
    @Test func everyByteComesBackAsItWasWritten() async throws {
        try await TestServer.with { server in
            let all = (0...255).map { UInt8($0) }
            let (ticket, _, raw) = try await server.run(
                "for i in {0..255}; do printf \"\\\\x$(printf %x $i)\"; done"
            )
            #expect(raw == all)
            #expect(try await server.events(ticket).output == all)
            let callback = try await server.get("/callback", [("session", ticket.session), ("ticket", "1")])
            #expect(callback["output"]?.string == String(decoding: all, as: UTF8.self))

            let (_, _, percent) = try await server.run("echo '100% %s %d %n %%25'")
            #expect(percent == Array("100% %s %d %n %%25\n".utf8))
            let (_, json, nothing) = try await server.run("true")
            #expect(nothing.isEmpty && json["output_bytes"]?.integer == 0)
        }
    }

    @Test func theStreamsAreKeptApartAndInOrder() async throws {
        try await TestServer.with { server in
            let (ticket, json, both) = try await server.run(
                "echo out1; sleep 0.1; echo err1 >&2; sleep 0.1; echo out2"
            )
            #expect(both == Array("out1\nerr1\nout2\n".utf8))
            #expect(try await server.output(ticket, "?stream=stdout") == Array("out1\nout2\n".utf8))
            #expect(try await server.output(ticket, "?stream=stderr") == Array("err1\n".utf8))
            #expect(json["stdout_bytes"]?.integer == 10)
            #expect(json["stderr_bytes"]?.integer == 5)
            let callback = try await server.get("/callback", [("session", ticket.session), ("ticket", "1")])
            #expect(callback["stdout"]?.string == "out1\nout2\n")
            #expect(callback["stderr"]?.string == "err1\n")
        }
    }

    @Test func sixtyFourMegabytesComeBackWhole() async throws {
        try await TestServer.with { server in
            let length: Int64 = 64_000_000
            let (ticket, json) = try await Self.makeLarge(server, length)
            #expect(json["exit_code"]?.integer == 0)
            #expect(json["output_bytes"]?.integer == length)
            #expect(json["omitted"] == .null)
            // Digests are had from the same tools on both sides; they compare every byte.
            let file = server.folder.file("received")
            let fetched = try await Self.shell(
                server,
                "curl -sS -H 'Authorization: Bearer \(server.hash)' '\(server.baseURL)\(ticket.path)/output' > \(file)"
            )
            #expect(fetched.code == 0, "\(fetched.errors)")
            let digests = try await Self.shell(
                server,
                "stat -c %s \(file); sha256sum < \(file); seq 1 20000000 | head -c \(length) | sha256sum"
            )
            let lines = digests.text.split(separator: "\n")
            #expect(lines.first == "64000000")
            #expect(lines.count == 3 && lines[1] == lines[2])

            let slice = try await Self.shell(server, "tail -c +33333334 \(file) | head -c 1000")
            let range = try await server.call(
                "GET",
                ticket.path + "/output",
                headers: [("Range", "bytes=33333333-33334332")]
            )
            #expect(range.status == 206)
            #expect(range.header("Content-Range") == "bytes 33333333-33334332/64000000")
            #expect(range.body == slice.output)
            #expect(try await server.output(ticket, "?offset=33333333&limit=1000") == slice.output)
            let suffix = try await server.call(
                "GET",
                ticket.path + "/output",
                headers: [("Range", "bytes=-5")]
            )
            #expect(suffix.body == Array(try await Self.shell(server, "tail -c 5 \(file)").output))
            let outside = try await server.call(
                "GET",
                ticket.path + "/output",
                headers: [("Range", "bytes=64000000-")]
            )
            #expect(outside.status == 416)

            #expect(
                try await server.output(ticket, "?lines=1000000-1000002")
                    == Array("1000000\n1000001\n1000002\n".utf8)
            )
            #expect(try await server.output(ticket, "?head=2") == Array("1\n2\n".utf8))
            #expect(
                try await server.output(ticket, "?tail=3")
                    == (try await Self.shell(server, "tail -n 3 \(file)")).output
            )
            #expect(
                try await server.output(ticket, "?grep=7777777&limit=1") == Array("7777777:7777777\n".utf8)
            )

            try await Self.checkCallback(server, ticket, length)
        }
    }

    /// The answer is capped, and says exactly what is missing and how to get it.
    private static func checkCallback(_ server: TestServer, _ ticket: TicketName, _ length: Int64)
        async throws
    {
        let callback = try await server.get(
            "/callback",
            [("session", ticket.session), ("ticket", "\(ticket.number)")]
        )
        #expect(callback.body.count < 4 << 20)
        #expect(callback["truncated"]?.bool == true)
        let omitted = try #require(callback["omitted_bytes"]?.integer)
        let text = Array(try #require(callback["output"]?.string).utf8)
        let marker = Array("\n[… \(omitted) bytes left out here".utf8)
        let gap = try #require(text.firstRange(of: marker))
        let head = text[..<gap.lowerBound]
        let end = try #require(text[gap.upperBound...].firstRange(of: Array("…]\n".utf8)))
        let tail = text[end.upperBound...]
        #expect(Int64(head.count) + Int64(tail.count) + omitted == length)
        #expect(callback["next_offset"]?.integer == Int64(head.count))
        #expect(try await server.output(ticket, "?limit=\(head.count)") == Array(head))
        #expect(try await server.output(ticket, "?offset=\(length - Int64(tail.count))") == Array(tail))
    }

    @Test func beyondTheLimitHeadAndTailStayAndTheMiddleIsCounted() async throws {
        try await TestServer.with(["DECKHAND_OUTPUT_LIMIT": "65536"]) { server in
            let (ticket, json, raw) = try await server.run("seq 1 100000")
            let length: Int64 = 588_895
            #expect(json["state"]?.string == "exited")
            #expect(json["output_bytes"]?.integer == length)
            let start = try #require(json["omitted"]?["start"]?.integer)
            let end = try #require(json["omitted"]?["end"]?.integer)
            let whole = Array((1...100_000).map { "\($0)\n" }.joined().utf8)
            #expect(Int64(whole.count) == length)
            let marker = Array("\n[… \(end - start) bytes were not kept …]\n".utf8)
            #expect(raw == Array(whole[..<Int(start)]) + marker + Array(whole[Int(end)...]))
            #expect(length - (end - start) <= 65_536 + 8_192)
            let followed = try await server.events(ticket)
            #expect(followed.output == Array(whole[..<Int(start)]) + Array(whole[Int(end)...]))
            let (_, ended, _) = try await server.run(
                "yes",
                ["limits": ["output_policy": "end", "output_bytes": 65_536]]
            )
            #expect(ended["state"]?.string == "timed_out")
            #expect(ended["limit"]?.string == "output")
        }
    }

    @Test func aRunningTicketShowsWhatItPrintedSoFar() async throws {
        try await TestServer.with { server in
            let ticket = try await server.submit("echo early; sleep 60; echo late", session: "o")
            try await server.wait(ticket, toPrint: "early\n")
            let working = try await server.get(
                "/callback",
                [("session", "o"), ("ticket", "1"), ("output", "1")]
            )
            #expect(working["status"]?.string == "working")
            #expect(working["output"]?.string == "early\n")
            #expect(working["poll_after"]?.number != nil)
            let from = try await server.get(
                "/callback",
                [("session", "o"), ("ticket", "1"), ("offset", "2")]
            )
            #expect(from["output"]?.string == "rly\n")
            // The seed's promise: the file is the output as produced.
            #expect(Files.text(server.sessionsDirectory + "/o/1.ticket") == "early\n")
        }
    }

    private static func makeLarge(_ server: TestServer, _ length: Int64) async throws -> (
        TicketName, JSONValue
    ) {
        let (ticket, json) = try await {
            let ticket = try await server.submit("seq 1 20000000 | head -c \(length)")
            return (ticket, try await server.end(of: ticket, within: .seconds(90)))
        }()
        return (ticket, json)
    }

    private static func shell(_ server: TestServer, _ command: String) async throws -> ToolRun {
        let id = UInt32.random(in: 0...UInt32.max)
        let (output, errors) = (server.folder.file("sh-\(id).out"), server.folder.file("sh-\(id).err"))
        let process = try ChildProcess(
            ["/bin/bash", "-c", command],
            environment: ["PATH": "/usr/bin:/bin"],
            directory: "/",
            standardOutput: output,
            standardError: errors
        )
        let ending = try await process.wait(within: .seconds(90))
        return ToolRun(ending: ending, output: Files.bytes(output) ?? [], errors: Files.text(errors))
    }
}
