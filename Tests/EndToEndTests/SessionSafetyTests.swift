import CLinux
import Core
import FoundationEssentials
import Testing

/// Nothing outside the sessions directory is touched, by no name and no link.
@Suite struct SessionSafetyTests {
    private static let hostile = [
        "../x", "..", ".", ".hidden", "a/b", "/etc", "a\\b", "a b", "a\tb", "a\nb", "a%2fb", "ä", "a;b",
        "a'b", "a\"b",
        "$(id)", "*", "a:b", "~", "\u{202E}x", String(repeating: "x", count: 65), "-rf/..", "COM1\u{7F}",
    ]

    @Test func hostileNamesAreRefusedAndNothingIsTouched() async throws {
        try await TestServer.with { server in
            let before = Files.names(in: server.data)
            for name in Self.hostile {
                let answer = try await server.get("/shell", [("session", name), ("cmd", "true")])
                #expect(answer.status == 422, "\(name.debugDescription): \(answer.status)")
                #expect(answer["error"]?.string?.isEmpty == false)
                #expect(answer["next"]?.string?.isEmpty == false)
                let created = try await server.call("POST", "/v1/sessions", ["name": .string(name)])
                #expect(created.status == 422, "\(name.debugDescription): \(created.status)")
                for method in ["GET", "DELETE"] {
                    let answer = try await server.call(method, "/v1/sessions/" + Escaping.percent(name))
                    #expect(
                        [400, 404, 422].contains(answer.status),
                        "\(name.debugDescription): \(answer.status)"
                    )
                }
                let history = try await server.get("/history", [("session", name)])
                #expect(history.status == 422)
            }
            #expect(Files.names(in: server.sessionsDirectory).isEmpty)
            #expect(
                Set(Files.names(in: server.data)).subtracting(before).allSatisfy {
                    $0.contains("-") || $0 == "sessions"
                }
            )
            #expect(try await server.ticketCount() == 0)
            for name in ["a", "A.b-c_9", "-x", "0", String(repeating: "x", count: 64), "a..b"] {
                let (ticket, answer) = try await server.shell("echo ok", session: name, [("wait", "20")])
                #expect(ticket.session == name)
                #expect(answer["output"]?.string == "ok\n", "\(name): \(answer.text)")
            }
        }
    }

    @Test func plantedLinksAreNotFollowed() async throws {
        try await TestServer.with { server in
            let outside = try server.folder.makeDirectory("outside")
            try server.folder.write("precious\n", to: "outside/keep")
            _ = try await server.shell("true", session: "real", [("wait", "20")])
            let sessions = server.sessionsDirectory
            try Files.link(sessions + "/linked", to: outside)
            let answer = try await server.shell("echo through", session: "linked", [("wait", "20")]).answer
            #expect(answer["state"]?.string != "exited", "\(answer.text)")
            #expect(Files.names(in: outside) == ["keep"])

            // Links in place of the files of the next ticket.
            for name in ["2.ticket", "2.run"] {
                try Files.link(sessions + "/real/" + name, to: outside + "/keep")
            }
            let second = try await server.shell("echo overwritten", session: "real", [("wait", "20")]).answer
            #expect(second["state"]?.string != "exited", "\(second.text)")
            #expect(Files.text(outside + "/keep") == "precious\n")

            // A link in place of an old output: what it points to is not shown.
            let ended = try await server.shell("seq 1 10000", session: "real", [("wait", "20")])
            let file = sessions + "/real/\(ended.ticket.number).ticket"
            try FileManager.default.removeItem(atPath: file)
            try Files.link(file, to: outside + "/keep")
            let shown = try await server.call("GET", ended.ticket.path + "/output")
            #expect(!shown.text.contains("precious"))
            let callback = try await server.get(
                "/callback",
                [("session", "real"), ("ticket", "\(ended.ticket.number)")]
            )
            #expect(!callback.text.contains("precious"))

            // Removing the session removes the links, not what they point to.
            _ = try await server.call("DELETE", "/v1/sessions/real")
            _ = try await server.call("DELETE", "/v1/sessions/linked")
            #expect(Files.text(outside + "/keep") == "precious\n")
            try await server.restart()
            #expect(Files.text(outside + "/keep") == "precious\n")
        }
    }

    @Test func filesAreForTheirOwnerOnly() async throws {
        try await TestServer.with { server in
            _ = try await server.shell("seq 1 10000", session: "mode", [("wait", "20")])
            for path in ["", "/sessions", "/sessions/mode"] {
                #expect(Self.mode(server.data + path) == 0o700, "\(path)")
            }
            for name in Files.names(in: server.sessionsDirectory + "/mode") {
                #expect(Self.mode(server.sessionsDirectory + "/mode/" + name) == 0o600, "\(name)")
            }
            for name in Files.names(in: server.data) where !name.hasSuffix(".sock") {
                #expect(Self.mode(server.data + "/" + name) & 0o077 == 0, "\(name)")
            }
        }
    }

    private static func mode(_ path: String) -> mode_t {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return 0o7777 }
        return status.st_mode & 0o777
    }
}
