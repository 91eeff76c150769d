import Core
import Testing

/// The hash, tokens and capability links: what each opens, and that none leaks.
@Suite struct AccessTests {
    @Test func theHashIsTakenFromTheQueryAndAsBearer() async throws {
        try await TestServer.with { server in
            let bearer = [("Authorization", "Bearer \(server.hash)")]
            #expect(try await server.get("/shell", [("session", "a"), ("cmd", "true")]).status == 200)
            let items = [("session", "a"), ("cmd", "true")]
            #expect(try await server.get("/shell", items, hash: .some(nil), headers: bearer).status == 200)
            #expect(try await server.call("GET", "/v1/sessions/a").status == 200)
            #expect(try await server.call("GET", "/v1/sessions/a/tickets/1").status == 200)
            let inQuery = try await server.get("/v1/sessions/a", hash: .some(server.hash))
            #expect(inQuery.status == 401, "the JSON face takes no credential from the query")
            #expect(try await server.get("/context", hash: .some(nil), headers: bearer).status == 200)
            let basic = [("Authorization", "Basic abc")]
            #expect(try await server.get("/shell", items, hash: .some(nil), headers: basic).status == 401)
        }
    }

    @Test func wrongHashesAreSlowedDownButNeverTheRightOne() async throws {
        try await TestServer.with { server in
            var statuses: [Int] = []
            for index in 0..<30 {
                let answer = try await server.get(
                    "/history",
                    [("session", "x")],
                    hash: .some("wrong-\(index)")
                )
                statuses.append(answer.status)
                if answer.status == 429 { #expect(answer.header("Retry-After") != nil) }
                let bearer = try await server.call("GET", "/v1/sessions", bearer: "wrong-\(index)")
                statuses.append(bearer.status)
                #expect(try await server.get("/shell", [("session", "x"), ("cmd", "true")]).status == 200)
                #expect(try await server.call("GET", "/v1/sessions").status == 200)
            }
            #expect(statuses.first == 401)
            #expect(statuses.last == 429)
            #expect(Set(statuses) == [401, 429])
        }
    }

    @Test func linksWorkWithoutTheHashForTheirUseOnly() async throws {
        try await TestServer.with { server in
            let (_, first) = try await server.shell("echo linked", session: "l")
            _ = try await server.shell("echo second", session: "l")
            let callback = try #require(first["callback"]?.string)
            let stream = try #require(first["stream"]?.string)
            let result = try await server.send("GET", callback + "&wait=20")
            #expect(result["output"]?.string == "linked\n")
            #expect(try await server.send("GET", stream).text.contains("linked"))

            let cap = try #require(callback.split(separator: "cap=").last.map(String.init))
            let base = server.baseURL
            let misuses = [
                "/callback?session=l&ticket=2&cap=\(cap)", "/callback?session=other&ticket=1&cap=\(cap)",
                "/shell?session=l&cmd=echo&cap=\(cap)", "/history?session=l&cap=\(cap)",
                "/terminal?session=l&cap=\(cap)",
            ]
            for path in misuses {
                #expect(try await server.send("GET", base + path).status == 403, "\(path)")
            }
            #expect(try await server.send("GET", base + "/context?cap=\(cap)").status == 401)
            let v1 = try await server.send(
                "GET",
                base + "/v1/sessions/l",
                headers: [("Authorization", "Bearer \(cap)")]
            )
            #expect(v1.status == 401)
            var changed = Array(cap)
            changed[5] = changed[5] == "A" ? "B" : "A"
            for wrong in [String(changed), String(cap.dropLast()), "", "x", cap + "A"] {
                let answer = try await server.send("GET", base + "/callback?session=l&ticket=1&cap=\(wrong)")
                #expect(answer.status == 401, "\(wrong)")
            }

            // The link of the sentence in "next" submits to this session, and nothing else.
            let next = try #require(result["next"]?.string)
            let submit = try #require(next.split(separator: " ").last.map(String.init))
            #expect(submit.hasPrefix(base + "/shell?"))
            let again = try await server.send("GET", submit + "echo%20third&wait=20")
            #expect(again["output"]?.string == "third\n")
            #expect(again["ticket"]?.integer == 3)
            let moved = submit.replacing("session=l", with: "session=m")
            #expect(try await server.send("GET", moved + "echo%20x").status == 403)

            // The result's own link, which is quoted with it, reads and does not lead on.
            let reading = try #require(again["callback"]?.string)
            let read = try await server.send("GET", reading)
            #expect(read["output"]?.string == "third\n")
            let plain = try #require(read["next"]?.string)
            #expect(plain.hasSuffix("/shell?session=l&cmd=") && !plain.contains("cap="))

            // Links outlive a restart, and die with the session.
            try await server.restart()
            #expect(try await server.send("GET", callback)["output"]?.string == "linked\n")
            #expect(try await server.call("DELETE", "/v1/sessions/l").status == 204)
            #expect(try await server.send("GET", callback).status == 404)
            _ = try await server.shell("echo new owner", session: "l", [("wait", "20")])
            #expect(
                try await server.send("GET", callback).status == 404,
                "a new session of the same name is another one"
            )
            #expect(try await server.send("GET", submit + "true").status == 404)
        }
    }

    @Test func theHashAndCapabilitiesAreNowhereToBeRead() async throws {
        try await TestServer.with(["DECKHAND_LOG_LEVEL": "trace"]) { server in
            var seen = ""
            var capabilities: Set<String> = []
            func visit(_ url: String, _ headers: [(name: String, value: String)] = []) async throws -> Answer
            {
                let answer = try await server.send("GET", url, headers: headers)
                seen += answer.everything
                for part in answer.text.split(separator: "cap=").dropFirst() {
                    capabilities.insert(
                        String(part.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
                    )
                }
                return answer
            }
            let base = server.baseURL
            let hash = "hash=\(server.hash)"
            let first = try await visit("\(base)/shell?\(hash)&session=h&cmd=env&wait=20")
            _ = try await visit("\(base)/shell?\(hash)&session=h&cmd=echo%20two")
            for path in [
                "/callback?\(hash)&session=h&ticket=1", "/callback?\(hash)&session=h&ticket=9",
                "/callback?\(hash)&session=h",
                "/history?\(hash)&session=h", "/history?\(hash)&session=h&limit=1",
                "/terminal?\(hash)&session=h",
                "/terminal?\(hash)&session=h&format=html", "/context?\(hash)", "/?\(hash)", "/docs?\(hash)",
                "/openapi.json?\(hash)", "/metrics?\(hash)", "/nothing?\(hash)", "/shell?\(hash)",
                "/shell/\(server.hash)",
                "/shell?\(hash)&cmd=true&wait=x", "/v1/sessions?\(hash)",
                "/callback?hash=\(server.hash)x&session=h&ticket=1",
            ] { _ = try await visit(base + path) }
            if let callback = first["callback"]?.string { _ = try await visit(callback) }
            _ = try await visit("\(base)/v1/sessions/h", [("Authorization", "Bearer \(server.hash)")])
            _ = try await visit("\(base)/v1/sessions/h/tickets", [("Authorization", "Bearer \(server.hash)")])
            // A 414 and a request that is cut short are logged on other paths.
            let long = try await Wire.get(
                port: server.port,
                target: "/shell?\(hash)&cmd=" + String(repeating: "x", count: 70_000)
            )
            seen += long.head + String(decoding: long.body, as: UTF8.self)

            #expect(!seen.contains(server.hash))
            #expect(capabilities.count >= 3)
            let check = try await server.deckhand("check")
            #expect(!check.text.contains(server.hash) && !check.errors.contains(server.hash))
            server.child?.send(15)
            _ = try await server.child?.wait()
            let log = Files.text(server.log) + Files.text(server.folder.file("server.out"))
            #expect(log.count > 1_000, "there is a log to look at")
            #expect(!log.contains(server.hash))
            for capability in capabilities { #expect(!log.contains(capability)) }
        }
    }

    @Test func commandsDoNotGetTheServersSecrets() async throws {
        try await TestServer.with { server in
            let (_, _, output) = try await server.run("env; cat /proc/$PPID/environ | tr '\\0' '\\n'")
            let text = String(decoding: output, as: UTF8.self)
            #expect(text.contains("PATH="))
            #expect(!text.contains(server.hash))
            #expect(!text.contains("DECKHAND_DATA"))
            #expect(!text.contains("HASH="))
        }
    }

    @Test func withTheShellOffNothingReachesTickets() async throws {
        try await TestServer.with(["DECKHAND_SHELL": "off"]) { server in
            for path in ["/shell?cmd=true", "/callback", "/history", "/terminal", "/stream", "/context"] {
                let separator = path.contains("?") ? "&" : "?"
                let url = server.baseURL + path + separator + "hash=" + server.hash
                #expect(try await server.send("GET", url).status == 404, "\(path)")
            }
            #expect(
                try await server.call("POST", "/v1/sessions/x/tickets", ["command": "true"]).status == 404
            )
            #expect(try await server.call("GET", "/v1/sessions").status == 404)
            #expect(try await server.get("/", hash: .some(nil)).status == 200)
            let document = try await server.get("/openapi.json", hash: .some(nil))
            #expect(!document.text.contains("/tickets"))
        }
    }
}
