import Core
import Domain
import FoundationEssentials
import TestSupport
import Testing

@testable import Application

@Suite("Files in an application's answer")
struct AnsweredFilesTests {
    private static func proposal() -> ActionProposal {
        ActionProposal(
            id: ActionID(5),
            draft: ActionDraft(
                chat: ChatID(1),
                turn: TurnID(1),
                step: ToolStepID(call: "c", index: 0),
                owner: ArtifactBench.user.id,
                place: Place(client: ClientID(1)),
                issuer: "https://app",
                action: "send_quote",
                arguments: "{}",
                price: .zero,
                expires: Timestamp(seconds: 9)
            ),
            created: Timestamp(seconds: 1),
            state: .executing
        )
    }

    private static func file(_ title: String, _ type: String, _ bytes: [UInt8]) -> JSONValue {
        .object([
            "title": .string(title), "media_type": .string(type),
            "data": .string(Data(bytes).base64EncodedString()),
        ])
    }

    private static func answer(_ files: [JSONValue]) -> [UInt8] {
        JSONValue.object(["quote": .integer(7), "files": .array(files)]).bytes
    }

    @Test("become artifacts once, however often it answers; the answer names them in place of their bytes")
    func kept() async throws {
        let bench = try await ArtifactBench()
        let files = AnsweredFiles(service: bench.service)
        let link = JSONValue.object(["title": .string("Online"), "link": .string("https://app/quotes/7")])
        let answer = Self.answer([
            Self.file("Quote 7", "application/pdf", Array("%PDF-1.7".utf8)), link,
            Self.file("Map", "image/png", ArtifactBench.png),
        ])
        for _ in 1...2 {
            let kept = try await files.kept(answer, of: Self.proposal(), as: ArtifactBench.user)
            #expect(kept.made.map(\.draft.format) == [.pdf, .png])
            #expect(kept.made.allSatisfy { $0.draft.origin.source == .action })
            let shown = try JSONValue(parsing: kept.answer)
            #expect(shown["quote"]?.integer == 7)
            let list = try #require(shown["files"]?.array)
            #expect(list[0]["artifact"]?.integer == kept.made.first?.id.rawValue && list[0]["data"] == nil)
            #expect(list[1] == link)
            #expect(list[2]["type"]?.string == "image")
        }
        #expect(bench.files.digests.count == 2)
        await bench.close()
    }

    @Test("that cannot be kept are named with the reason, and what the application did stays done")
    func leftOut() async throws {
        let bench = try await ArtifactBench()
        let files = AnsweredFiles(service: bench.service)
        let answer = Self.answer([
            Self.file("Page", "text/html", Array("<b>".utf8)), Self.file("", "text/plain", [65]),
            Self.file("Picture", "image/png", Array("<svg>".utf8)),
            .object(["title": .string("x"), "media_type": .string("text/plain"), "data": .string("%%%")]),
            Self.file("Good", "text/plain", [65]),
        ])
        let kept = try await files.kept(answer, of: Self.proposal(), as: ArtifactBench.user)
        #expect(kept.made.map(\.draft.title.rawValue) == ["Good"])
        let list = try #require(try JSONValue(parsing: kept.answer)["files"]?.array)
        #expect(list.prefix(4).allSatisfy { $0["left_out"]?.string?.isEmpty == false && $0["data"] == nil })

        let without = Principal(
            user: UserID(3),
            permissions: [.chat, .aiAction],
            scope: Scope(client: ClientID(1), brands: [])
        )
        let refused = try await files.kept(answer, of: Self.proposal(), as: without)
        #expect(refused.made.isEmpty)
        await bench.close()
    }

    @Test("are bounded in number, and so is what stands beside them")
    func bounds() async throws {
        let bench = try await ArtifactBench()
        let files = AnsweredFiles(service: bench.service)
        let many = (0..<12).map { Self.file("File \($0)", "text/plain", [65, UInt8($0 + 65)]) }
        let kept = try await files.kept(Self.answer(many), of: Self.proposal(), as: ArtifactBench.user)
        #expect(kept.made.count == AnsweredFiles.most)
        let long = JSONValue.object([
            "text": .string(String(repeating: "x", count: 70_000)), "files": .array([many[0]]),
        ])
        let cut = try await files.kept(long.bytes, of: Self.proposal(), as: ArtifactBench.user)
        let shown = try JSONValue(parsing: cut.answer)
        #expect(shown["text"] == nil && shown["left_out"] != nil && shown["files"]?.array?.count == 1)
        for other in ["[1]", "no JSON", #"{"files":"none"}"#] {
            let same = try await files.kept(Array(other.utf8), of: Self.proposal(), as: ArtifactBench.user)
            #expect(same.answer == Array(other.utf8) && same.made.isEmpty)
        }
        await bench.close()
    }
}
