import CLinux
import Core
import Testing

/// Files that were made: at a server that is killed, backed up and restored, and by an application's action.
@Suite("Artifacts")
struct ArtifactTests {
    private static let script = #"""
        { answers: [{ calls: [{ name: "artifact_create",
            arguments: { title: "Jobs of March", media_type: "text/csv", content: "a,b\n1,2\n" } }] }, { text: ["Made."] }] }
        """#
    private static let text = "a,b\n1,2\n"

    /// The files that hold bytes, by their names.
    private static func files(_ server: TestServer) -> [String] {
        let root = server.data + "/artifacts"
        return Files.names(in: root).filter { $0 != "unfinished" }.flatMap {
            Files.names(in: "\(root)/\($0)")
        }
    }

    /// Asks for a file, also over one death of the server, and gives the newest artifact's number.
    private static func make(_ person: Person, in chat: Int64, key: String) async throws -> Int64 {
        try await eventually("the turn is over") {
            do {
                _ = try await person.say("Make it.", in: chat, key: key)
                return try await person.call("GET", "/v1/chats/\(chat)")["working_turn"] == .null
            } catch {
                let ended = try await person.server.child?.wait(within: .seconds(60))
                guard ended == .signalled(SIGKILL) else { throw error }
                person.server.set("DECKHAND_KILL_AT", "")
                try await person.server.start()
                return false
            }
        }
        let list = try await person.call("GET", "/v1/artifacts?chat=\(chat)")
        return try #require(list["artifacts"]?.array?.first?["id"]?.integer, "\(list.text)")
    }

    @Test("a server that dies between bytes and row makes the file once, and loses nothing that it said")
    func killedWhileKeeping() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let chat = try await person.makeChat()
            server.set("DECKHAND_KILL_AT", "server-after-artifact-file")
            try await server.restart()
            let id = try await Self.make(person, in: chat, key: "once")
            let list = try await person.call("GET", "/v1/artifacts")
            #expect(list["artifacts"]?.array?.count == 1 && list["storage"]?["bytes"]?.integer == 8)
            let content = try await person.call("GET", "/v1/artifacts/\(id)/content")
            #expect(content.status == 200 && content.text == Self.text)
            let events = try await person.call("GET", "/v1/chats/\(chat)/events?format=json")
            let made = events["events"]?.array?.filter { $0["event"]?.string == "artifact.made" } ?? []
            #expect(made.compactMap { $0["data"]?["artifact"]?["id"]?.integer } == [id])
            let shown = try await person.call("GET", "/v1/artifacts/\(id)")
            let names = Self.files(server)
            #expect(names.count == 1 && names.first == shown["sha256"]?.string)
            let log = try await person.call("GET", "/v1/admin/audit")
            #expect(log.text.contains("artifact.create"), "\(log.text)")
        }
    }

    @Test("what a crash leaves without an artifact is removed by the next start, and nothing else")
    func orphans() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let (first, second) = (try await person.makeChat(), try await person.makeChat())
            let kept = try await Self.make(person, in: first, key: "1")
            let shared = try await Self.make(person, in: second, key: "2")
            #expect(Self.files(server).count == 1, "equal bytes are kept once")
            #expect(try await person.call("DELETE", "/v1/artifacts/\(shared)").status == 204)
            #expect(try await person.call("GET", "/v1/artifacts/\(kept)/content").text == Self.text)

            server.set("DECKHAND_KILL_AT", "server-after-artifact-removal")
            try await server.restart()
            await #expect(throws: (any Error).self) {
                _ = try await person.call("DELETE", "/v1/artifacts/\(kept)")
            }
            #expect(try await server.child?.wait(within: .seconds(60)) == .signalled(SIGKILL))
            #expect(Self.files(server).count == 1, "its bytes are still there")
            server.set("DECKHAND_KILL_AT", "")
            try await server.start()
            #expect(try await person.call("GET", "/v1/artifacts/\(kept)").status == 404)
            try await eventually("the bytes are gone") { Self.files(server).isEmpty }
        }
    }

    @Test("a backup brings back what was there, with its bytes, and nothing of what came after")
    func backup() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let (first, second) = (try await person.makeChat(), try await person.makeChat())
            let kept = try await Self.make(person, in: first, key: "1")
            let folder = server.folder.file("backup")
            let run = try await server.deckhand("backup", folder)
            #expect(run.code == 0, "\(run.errors)")
            #expect(try await person.call("DELETE", "/v1/artifacts/\(kept)").status == 204)
            let later = try await Self.make(person, in: second, key: "2")
            let restored = try await server.deckhand("restore", folder)
            #expect(restored.code == 0, "\(restored.errors)")
            try await server.restart()
            #expect(try await person.call("GET", "/v1/artifacts/\(kept)/content").text == Self.text)
            #expect(try await person.call("GET", "/v1/artifacts/\(later)").status == 404)
            #expect(Self.files(server).count == 1)
            var status = stat()
            #expect(unsafe lstat(server.data + "/artifacts", &status) == 0 && status.st_mode & 0o777 == 0o700)
        }
    }

    @Test("a file that is deleted while a backup is made comes back whole, and goes where it was deleted")
    func deletedMeanwhile() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let kept = try await Self.make(person, in: try await person.makeChat(), key: "1")
            // A pipe among the pages stops the backup there, behind the database and before the artifacts.
            let pipe = server.data + "/README.md"
            #expect(unsafe mkfifo(pipe, 0o600) == 0)
            let folder = server.folder.file("backup")
            async let run = server.deckhand("backup", folder)
            try await eventually("the database is copied") { Files.exists(folder + ".partial/keys/master") }
            #expect(try await person.call("DELETE", "/v1/artifacts/\(kept)").status == 204)
            #expect(try await person.call("GET", "/v1/artifacts/\(kept)/content").status == 404)
            #expect(Self.files(server).count == 1, "held back")
            try await eventually("the backup reads on") {
                let descriptor = unsafe dh_open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0)
                return descriptor >= 0 && close(descriptor) == 0
            }
            let ended = try await run
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(unsafe unlink(pipe) == 0)
            try await server.restart()
            try await eventually("the bytes are gone") { Self.files(server).isEmpty }
            let restored = try await server.deckhand("restore", folder)
            #expect(restored.code == 0, "\(restored.errors)")
            try await server.restart()
            let content = try await person.call("GET", "/v1/artifacts/\(kept)/content")
            #expect(content.status == 200 && content.text == Self.text, "\(content.text)")
        }
    }

    @Test("bytes that changed on the disk are not sent")
    func damaged() async throws {
        try await TestServer.withScript(Self.script) { server, person in
            let id = try await Self.make(person, in: try await person.makeChat(), key: "1")
            let name = try #require(Self.files(server).first)
            let path = "\(server.data)/artifacts/\(name.prefix(2))/\(name)"
            let descriptor = unsafe dh_open(path, O_WRONLY, 0)
            #expect(unsafe write(descriptor, "A", 1) == 1)
            close(descriptor)
            let answer = try await person.call("GET", "/v1/artifacts/\(id)/content")
            #expect(answer.status == 410 && answer["code"]?.string == "artifact_damaged", "\(answer.text)")
        }
    }

    @Test(
        "an application's action brings a file: it is its user's, and the answer names it in place of its bytes"
    )
    func action() async throws {
        let script =
            "{ answers: [{ calls: [{ name: \"action_send_quote\", arguments: { job: 1, amount: 4900 } }] }, { text: [\"Sent.\"] }] }"
        try await SampleHost.with(script: script) { _, sample in
            let (ann, bob) = (try await sample.user("ann"), try await sample.user("bob"))
            let asked = try await ann.ask("Send the quote.")
            let action = try #require(try await ann.action("awaiting_confirmation")["id"]?.integer)
            #expect(try await ann.call("POST", "/v1/ai/actions/\(action)/confirm").status == 200)
            #expect(try await ann.end(of: asked.turn) == "completed")
            let done = try await ann.action("succeeded")
            let file = try #require(done["result"]?["files"]?.array?.first, "\(done.text)")
            let id = try #require(file["artifact"]?.integer)
            #expect(file["data"] == nil && file["title"]?.string == "Quote 1")
            let content = try await ann.call("GET", "/v1/ai/artifacts/\(id)/content")
            #expect(content.text.contains("Jones") && content.text.contains("49.00"), "\(content.text)")
            let shown = try await ann.call("GET", "/v1/ai/artifacts?chat=\(asked.chat)")
            #expect(shown["artifacts"]?.array?.first?["source"]?.string == "action")
            for path in ["/v1/ai/artifacts/\(id)", "/v1/ai/artifacts/\(id)/content"] {
                #expect(try await bob.call("GET", path).status == 404)
            }
            #expect(try await bob.call("DELETE", "/v1/ai/artifacts/\(id)").status == 404)
            let events = try await ann.call("GET", "/v1/ai/chats/\(asked.chat)/events?format=json")
            #expect(events.text.contains("artifact.made"))
        }
    }
}
