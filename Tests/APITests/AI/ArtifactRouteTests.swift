import Core
import Domain
import HTTPServer
import Storage
import TestSupport
import Testing

@testable import API

extension AssistantHarness {
    /// Keeps a file for somebody, past the use cases.
    func artifact(
        _ text: String,
        of owner: PrincipalID,
        at place: Place? = nil,
        in chat: ChatID = ChatID(1),
        title: String = "Notes",
        _ format: ArtifactFormat = .plainText
    ) async throws -> Artifact {
        let bytes = Array(text.utf8)
        let digest = try #require(ArtifactDigest(FakeCryptography().digest(bytes)))
        try await files.keep(bytes, as: digest)
        let key = "\(UInt64.random(in: 0 ... .max))"
        let draft = ArtifactDraft(
            home: ArtifactHome(owner: owner, place: place, chat: chat, turn: TurnID(1)),
            origin: ArtifactOrigin(.tool, key: key),
            kind: format.usualKind,
            title: try ArtifactTitle(title),
            format: format,
            size: bytes.count,
            digest: digest,
            expires: clock.now() + .seconds(999)
        )
        let quota = ArtifactQuota(bytesOfOwner: .max / 2, countOfOwner: .max / 2, bytesOfClient: .max / 2)
        return try await stores.artifacts.keep(draft, within: quota, at: clock.now())
    }
}

@Suite("Routes of artifacts")
struct ArtifactRouteTests {
    private static func table(_ id: String = "c") -> ToolCall {
        let arguments = #"{"title":"Jöbs","media_type":"text/csv","content":"a,b\n"}"#
        return ToolCall(id: id, request: .function(name: "artifact_create", arguments: arguments))
    }

    @Test("a user has a file made, finds it by the event, downloads and deletes it; a colleague does not")
    func walk() async throws {
        let harness = try await AssistantHarness([.calls([Self.table()]), .text("Made.")])
        let bench = UserBench(harness)
        let (ann, bob) = (try await bench.user("ann"), try await bench.user("bob"))
        let chat = try await ann.userChat()
        var events = JSONValue.null
        try await harness.running {
            let turn = try await ann.api(
                .post,
                "/v1/ai/chats/\(chat)/turns",
                json: #"{"message":"Make it","stream":true}"#
            )
            #expect(turn.text.contains("artifact.made"), "\(turn.text)")
            events = try await ann.api(.get, "/v1/ai/chats/\(chat)/events", [("format", "json")]).json
        }
        let event = try #require(
            events["events"]?.array?.first { $0["event"]?.string == "artifact.made" }?["data"]
        )
        let id = try #require(event["artifact"]?["id"]?.integer, "\(event)")
        #expect(event["call_id"]?.string == "c" && event["artifact"]?["media_type"]?.string == "text/csv")

        let path = "/v1/ai/artifacts/\(id)"
        let shown = try await ann.api(.get, path)
        #expect(shown["name"]?.string == "Jöbs.csv" && shown["size"]?.integer == 4)
        #expect(shown["chat"]?.integer == chat && shown["source"]?.string == "tool")
        let list = try await ann.api(.get, "/v1/ai/artifacts", [("chat", "\(chat)")])
        #expect(list["artifacts"]?.array == [shown.json] && list["next"] == .null)
        #expect(list["storage"]?["bytes"]?.integer == 4 && list["storage"]?["files"]?.integer == 1)
        #expect(try await ann.api(.get, "/v1/ai/artifacts", [("chat", "99")])["artifacts"]?.array == [])

        let file = try await ann.api(.get, path + "/content")
        #expect(file.text == "a,b\n")
        for other in [path, path + "/content"] { #expect(try await bob.api(.get, other).status == 404) }
        #expect(try await bob.api(.delete, path).status == 404)
        #expect(try await bob.api(.get, "/v1/ai/artifacts")["artifacts"]?.array == [])
        let export = try await ann.api(.get, "/v1/ai/chats/\(chat)/export")
        #expect(export.text.contains("A file: Jöbs (text/csv, 4 bytes)"), "\(export.text)")
        #expect(try await ann.api(.delete, path).status == 204)
        #expect(try await ann.api(.get, path + "/content").code == "artifact_not_found")
        #expect(harness.files.digests.isEmpty)
        #expect(try await ann.api(.get, "/v1/ai/artifacts/x").status == 404)
    }

    @Test("a download is never a page: an attachment with its name, sandboxed, not sniffed, not stored")
    func headers() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let owner = try await Self.me(ann)
        let made = try await harness.artifact("<b>x</b>", of: owner, title: "Zürich \"1\"")
        let answer = try await ann.api(.get, "/v1/artifacts/\(made.id)/content", [("inline", "1")])
        #expect(answer.status == 200 && answer.text == "<b>x</b>")
        #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(
            answer.headers["Content-Disposition"]
                == "attachment; filename=\"Z_rich -1-.txt\"; filename*=UTF-8''Z%C3%BCrich%20-1-.txt"
        )
        #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        #expect(answer.headers["Content-Security-Policy"]?.hasPrefix("sandbox; default-src 'none'") == true)
        #expect(answer.headers["Cache-Control"] == "no-store")
    }

    @Test("pictures are shown in place when that is asked for, nothing else is")
    func inline() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let owner = try await Self.me(ann)
        for format in ArtifactFormat.allCases {
            let made = try await harness.artifact("bytes", of: owner, format)
            let path = "/v1/artifacts/\(made.id)/content"
            let inline = try await ann.api(.get, path, [("inline", "1")]).headers["Content-Disposition"]
            #expect(inline?.hasPrefix(format.isPicture ? "inline;" : "attachment;") == true, "\(format)")
            let usual = try await ann.api(.get, path)
            #expect(usual.headers["Content-Disposition"]?.hasPrefix("attachment;") == true)
            #expect(usual.headers["Content-Type"]?.hasPrefix(format.rawValue) == true)
        }
    }

    @Test("one range of bytes is given, several and nonsense are all of it, one beyond the end is refused")
    func ranges() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let made = try await harness.artifact("0123456789", of: try await Self.me(ann))
        let path = "/v1/artifacts/\(made.id)/content"
        for (range, text, content) in [
            ("bytes=2-4", "234", "bytes 2-4/10"), ("bytes=-3", "789", "bytes 7-9/10"),
            ("bytes=8-", "89", "bytes 8-9/10"), ("bytes=5-99", "56789", "bytes 5-9/10"),
        ] {
            let part = try await ann.api(.get, path, headers: ["Range": range])
            #expect(part.status == 206 && part.text == text && part.headers["Content-Range"] == content)
        }
        for range in ["bytes=0-1,3-4", "lines=1-2", "bytes=x"] {
            let all = try await ann.api(.get, path, headers: ["Range": range])
            #expect(all.status == 200 && all.text == "0123456789", "\(range)")
        }
        let beyond = try await ann.api(.get, path, headers: ["Range": "bytes=10-"])
        #expect(beyond.status == 416 && beyond.code == "range_not_satisfiable")
    }

    @Test("bytes that are damaged are never sent")
    func damaged() async throws {
        let harness = try await AssistantHarness()
        let ann = try await harness.person()
        let made = try await harness.artifact("0123456789", of: try await Self.me(ann))
        harness.files.damage(made.draft.digest)
        let answer = try await ann.api(.get, "/v1/artifacts/\(made.id)/content")
        #expect(answer.status == 410 && answer.code == "artifact_damaged")
        #expect(harness.log.text.contains("damaged or missing"))
        #expect(try await ann.api(.get, "/v1/artifacts/\(made.id)").status == 200)
    }

    @Test("a list is read page by page, and a suspended client can read and not delete")
    func pages() async throws {
        let harness = try await AssistantHarness()
        let bench = UserBench(harness)
        let ann = try await bench.user("ann")
        let user = try #require(
            try await harness.stores.tenants.user(TenantKey("ann"), of: AssistantHarness.issuer)
        )
        let key = try TenantKey("acme")
        let client = try #require(
            try await harness.stores.tenants.client(key, of: AssistantHarness.issuer)
        )
        var ids: [Int64] = []
        for number in 1...3 {
            let place = Place(client: client.id)
            let made = try await harness.artifact("\(number)", of: user.id.principal, at: place)
            ids.append(made.id.rawValue)
        }
        let first = try await ann.api(.get, "/v1/ai/artifacts", [("limit", "2")])
        #expect(first["artifacts"]?.array?.compactMap { $0["id"]?.integer } == [ids[2], ids[1]])
        #expect(first["next"]?.integer == ids[1])
        let rest = try await ann.api(.get, "/v1/ai/artifacts", [("limit", "2"), ("after", "\(ids[1])")])
        #expect(rest["artifacts"]?.array?.compactMap { $0["id"]?.integer } == [ids[0]])
        #expect(rest["next"] == .null)
        _ = try await bench.backend(.put, "/v1/ai/clients/acme", json: #"{"state":"suspended"}"#)
        #expect(try await ann.api(.get, "/v1/ai/artifacts/\(ids[0])/content").text == "1")
        #expect(try await ann.api(.delete, "/v1/ai/artifacts/\(ids[0])").code == "client_suspended")
        #expect(try await ann.api(.get, "/v1/ai/artifacts/\(ids[0])").status == 200)
    }

    /// Who somebody is.
    private static func me(_ caller: AssistantCaller) async throws -> PrincipalID {
        let people = try await caller.harness.stores.operators.operators()
        return try #require(people.first { $0.name.rawValue == "ann" }).id.principal
    }
}
