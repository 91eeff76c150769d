import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Artifacts that turns make")
struct ArtifactTurnTests {
    private static func create(_ arguments: JSONValue, id: String = "c") -> ToolCall {
        let text = String(decoding: arguments.bytes, as: UTF8.self)
        return ToolCall(id: id, request: .function(name: "artifact_create", arguments: text))
    }

    private static let table: JSONValue = .object([
        "title": .string("Jobs of March"), "media_type": .string("text/csv"),
        "content": .string("a,b\n1,2\n"),
    ])

    /// A turn of somebody; its events.
    private func run(
        _ script: [ScriptedAnswer],
        _ bench: ArtifactBench,
        as principal: Principal
    ) async throws -> (events: [ChatEvent], chats: ChatBench) {
        let chats = try ChatBench(script, principal: principal, artifacts: bench.service)
        let events = try await chats.serving { service, _ in
            let place = principal.scope.map { Place(client: $0.client) }
            let chat = try await service.create(ChatDraft(place: place), as: principal)
            _ = try await service.begin(TurnRequest(message: [.text("Make it")]), in: chat.id, as: principal)
            return try await chats.events(of: chat, service)
        }
        return (events, chats)
    }

    private static func notes(_ events: [ChatEvent]) throws -> [(ArtifactNote, ToolStepID?)] {
        try events.compactMap { event in
            if case .artifactMade(let note, let step) = try event.body() { (note, step) } else { nil }
        }
    }

    private static func told(_ chats: ChatBench) -> (text: String, isError: Bool)? {
        guard case .toolResult(let result)? = chats.model.requests.last?.items.last?.content,
            case .parts(let parts, let isError) = result.content, case .text(let text)? = parts.first
        else { return nil }
        return (text, isError)
    }

    @Test(
        "a model makes a file for who may have one: the event names it, and the model its number",
        arguments: [ArtifactBench.user, ArtifactBench.person(1)]
    )
    func tool(_ principal: Principal) async throws {
        let bench = try await ArtifactBench()
        let script = [ScriptedAnswer.calls([Self.create(Self.table)]), .text("Made.")]
        let (events, chats) = try await run(script, bench, as: principal)
        #expect(chats.model.requests.first?.tools.map(\.name) == ["artifact_create"])
        let notes = try Self.notes(events)
        #expect(notes.count == 1 && notes.first?.1 == ToolStepID(call: "c", index: 0))
        let note = try #require(notes.first?.0)
        #expect(note.kind == .table && note.format == .csv && note.size == 8)
        let kinds = events.map(\.kind)
        let made = try #require(kinds.firstIndex(of: .artifactMade))
        #expect(made < kinds.firstIndex(of: .toolFinished) ?? 0)
        #expect(try await bench.text(note.id, as: principal) == "a,b\n1,2\n")
        let told = try #require(Self.told(chats))
        #expect(told.text.contains("artifact \(note.id)") && !told.isError)
        #expect(events.last?.kind == .turnFinished)
        await bench.close()
    }

    @Test("who may have no files is offered no tool, and a call of it makes nothing")
    func notOffered() async throws {
        let bench = try await ArtifactBench()
        let without = Principal(id: PrincipalID("operator:1"), permissions: [.chat])
        let script = [ScriptedAnswer.calls([Self.create(Self.table)]), .text("No.")]
        let (events, chats) = try await run(script, bench, as: without)
        #expect(chats.model.requests.allSatisfy { $0.tools.isEmpty })
        #expect(try Self.notes(events).isEmpty && bench.files.digests.isEmpty)
        await bench.close()
    }

    @Test("arguments that do not fit go back to the model with what to do")
    func mistakes() async throws {
        let wrong: [(JSONValue, String)] = [
            (.array([]), "no JSON object"), (.object([:]), "'title' and 'content'"),
            (
                .object([
                    "title": .string("x"), "content": .string("<script>"), "media_type": .string("text/html"),
                ]), "'media_type'"
            ),
            (
                .object([
                    "title": .string("x"), "content": .string("x"), "media_type": .string("image/png"),
                ]), "'media_type'"
            ),
            (
                .object([
                    "title": .string("a\nb"), "content": .string("x"), "media_type": .string("text/csv"),
                ]), "title"
            ),
            (
                .object([
                    "title": .string("x"), "content": .string("{"), "media_type": .string("application/json"),
                ]), "not application/json"
            ),
            (
                .object([
                    "title": .string("x"), "content": .string("x"), "media_type": .string("text/csv"),
                    "type": .string("image"),
                ]), "'type'"
            ),
        ]
        let bench = try await ArtifactBench()
        for (arguments, word) in wrong {
            let script = [ScriptedAnswer.calls([Self.create(arguments)]), .text("Well.")]
            let (events, chats) = try await run(script, bench, as: ArtifactBench.user)
            let told = try #require(Self.told(chats))
            #expect(told.isError && told.text.contains(word), "\(told.text)")
            #expect(try Self.notes(events).isEmpty)
        }
        #expect(bench.files.digests.isEmpty)
        await bench.close()
    }

    @Test("a picture that the model draws is an artifact, its event carries the number, and is answer enough")
    func picture() async throws {
        let bench = try await ArtifactBench()
        let image = ImageContent(mediaType: "image/png", bytes: ArtifactBench.png)
        let script = [
            ScriptedAnswer([
                .started(responseID: nil), .image(image), .usage(TokenUsage(input: 1)), .finished(.stop),
            ])
        ]
        let (events, chats) = try await run(script, bench, as: ArtifactBench.user)
        #expect(chats.model.requests.count == 1)
        let notes = try Self.notes(events)
        #expect(notes.count == 1 && notes.first?.1 == nil)
        let note = try #require(notes.first?.0)
        #expect(note.kind == .image && note.format == .png && note.title.rawValue == "Make it")
        let (_, bytes) = try await bench.service.content(note.id, as: ArtifactBench.user)
        #expect(try await bytes.read(from: 0, count: 99) == ArtifactBench.png)
        guard case .turnFinished(.completed, _, nil)? = try events.last?.body() else {
            Issue.record("not completed: \(events)")
            return
        }
        await bench.close()
    }

    @Test("a picture that cannot be kept is said in the answer, with the reason")
    func pictureBeyondQuota() async throws {
        var settings = ArtifactSettings()
        settings.quota.countOfOwner = 0
        let bench = try await ArtifactBench(settings)
        let image = ImageContent(mediaType: "image/png", bytes: ArtifactBench.png)
        let script = [ScriptedAnswer([.image(image), .usage(TokenUsage()), .finished(.stop)])]
        let (events, _) = try await run(script, bench, as: ArtifactBench.user)
        #expect(try Self.notes(events).isEmpty && bench.files.digests.isEmpty)
        let answers = try events.compactMap { event -> String? in
            guard case .modelFinished(_, let items, _, _) = try event.body(),
                case .assistant(let text)? = items.last?.content
            else { return nil }
            return text
        }
        #expect(answers.last?.contains("which is the most") == true, "\(answers)")
        await bench.close()
    }
}
