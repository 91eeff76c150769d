import Core
import TestSupport
import Testing

@testable import Domain

@Suite("What models say, without secrets")
struct ModelEventMaskerTests {
    private static let secret = "hunter2-and-\"more\""
    private static let list = MaskList(values: [Array(secret.utf8), Array("12345678".utf8)])

    private static func run(_ batches: [[ModelEvent]], _ list: MaskList = list) -> [ModelEvent] {
        var masker = ModelEventMasker(list)
        return batches.flatMap { masker.mask($0) } + masker.flush()
    }

    /// The texts that the deltas of some events make up, by kind.
    private static func texts(_ events: [ModelEvent]) -> [String: String] {
        var texts: [String: String] = [:]
        for event in events {
            switch event {
            case .textDelta(let text): texts["text", default: ""] += text
            case .refusalDelta(let text): texts["refusal", default: ""] += text
            case .reasoningDelta(let text): texts["reasoning", default: ""] += text
            case .toolCallDelta(let index, let command, let text):
                texts["call \(index) \(command ?? -1)", default: ""] += text
            default: break
            }
        }
        return texts
    }

    @Test("a secret is replaced wherever the deltas are cut")
    func cuts() {
        let text = "Use hunter2-and-\"more\" then, or aHVudGVyMi1hbmQtIm1vcmUi. Hé日🦊"
        let bytes = text.unicodeScalars.map { String($0) }
        let kinds: [(String) -> ModelEvent] = [
            ModelEvent.textDelta, ModelEvent.refusalDelta, ModelEvent.reasoningDelta,
            { .toolCallDelta(index: 1, command: 2, text: $0) },
        ]
        for make in kinds {
            let whole = Self.run([[make(text)]])
            let shown = Self.texts(whole).values.first
            #expect(shown == "Use [redacted] then, or [redacted]. Hé日🦊")
            for cut in bytes.indices {
                let pieces = [bytes[..<cut].joined(), bytes[cut...].joined()]
                let events = Self.run(pieces.map { [make($0)] })
                #expect(Self.texts(events).values.first == shown, "cut at \(cut)")
            }
            #expect(Self.texts(Self.run(bytes.map { [make($0)] })).values.first == shown)
        }
    }

    @Test("texts that take turns are each masked on their own, and wait for nothing but a part of a secret")
    func turns() {
        let events = Self.run([
            [.textDelta("so hunter2")], [.reasoningDelta("hunter2-an")], [.textDelta("-and-\"more\"!")],
            [.toolCallBegan(index: 0, name: "run")],
            [.toolCallDelta(index: 0, command: nil, text: "ls")],
            [.reasoningDelta("d-\"more\"?")], [.finished(.stop)],
        ])
        let texts = Self.texts(events)
        #expect(texts["text"] == "so [redacted]!")
        #expect(texts["reasoning"] == "[redacted]?")
        #expect(texts["call 0 -1"] == "ls")
        // A last letter with which a secret could begin does not come behind what follows.
        var masker = ModelEventMasker(Self.list)
        #expect(masker.mask([.textDelta("Oh")]) == [.textDelta("O")])
        #expect(
            masker.mask([.toolCallBegan(index: 0, name: "run")])
                == [.textDelta("h"), .toolCallBegan(index: 0, name: "run")]
        )
        #expect(masker.mask([.textDelta("unter2-and-\"more\"!")]) == [.textDelta("!")])
        #expect(masker.flush() == [])
    }

    @Test("what is held back comes before the item that completes it, and at the end")
    func order() {
        let item = ModelItem(.assistant("Oh"))
        #expect(
            Self.run([[.textDelta("Oh"), .item(item), .finished(.stop)]])
                == [.textDelta("O"), .textDelta("h"), .item(item), .finished(.stop)]
        )
        #expect(Self.run([[.textDelta("hunter2-a")]]) == [.textDelta("hunter2-a")])
    }

    @Test("items, calls and names hold none, and arguments stay JSON")
    func items() throws {
        let list = Self.list
        let native = NativeItem(dialect: "d", json: Array(#"{"text":"hunter2-and-\"more\""}"#.utf8))
        #expect(
            list.masked(ModelItem(.assistant("a " + Self.secret), native: native))
                == ModelItem(
                    .assistant("a [redacted]"),
                    native: NativeItem(dialect: "d", json: Array(#"{"text":"[redacted]"}"#.utf8))
                )
        )
        // Thoughts are signed.
        #expect(
            list.masked(ModelItem(.reasoning(Self.secret), native: native))
                == ModelItem(.reasoning("[redacted]"))
        )
        let plain = ModelItem(.assistant("a"), native: NativeItem(dialect: "d", json: [0x7B, 0x7D]))
        #expect(list.masked(plain) == plain)
        func arguments(_ text: String) -> String? {
            let call = ToolCall(id: "12345678", request: .function(name: "run", arguments: text))
            guard case .toolCall(let masked) = list.masked(ModelItem(.toolCall(call))).content,
                case .function(_, let arguments) = masked.request
            else { return nil }
            #expect(masked.id == "[redacted]")
            return arguments
        }
        #expect(arguments(#"{"a":"hunter2-and-\"more\"","b":1}"#) == #"{"a":"[redacted]","b":1}"#)
        #expect(arguments(#"{"a":12345678,"b":[true]}"#) == #"{"a":"[redacted]","b":[true]}"#)
        #expect(arguments(#"{"a":1}"#) == #"{"a":1}"#)
        let shell = ToolCall(
            id: "c",
            request: .shell(commands: ["ls", "echo 12345678"], timeout: nil, maximumOutput: nil)
        )
        guard case .toolCall(let masked) = list.masked(ModelItem(.toolCall(shell))).content else {
            Issue.record("no call")
            return
        }
        #expect(
            masked.request == .shell(commands: ["ls", "echo [redacted]"], timeout: nil, maximumOutput: nil)
        )
        #expect(
            Self.run([[.started(responseID: "r-12345678"), .toolCallBegan(index: 0, name: "n12345678")]])
                == [.started(responseID: "r-[redacted]"), .toolCallBegan(index: 0, name: "n[redacted]")]
        )
    }

    @Test("a call that breaks off loses nothing that was held back; who wants no more gets no more")
    func breaksOff() async throws {
        struct Breaking: ModelProvider {
            struct Broken: Error {}
            let id: ProviderID
            let defaultModel: String? = nil
            func capabilities(of model: String) -> ModelCapabilities { ModelCapabilities() }
            func models() async throws -> [ModelDescription] { [] }
            func respond(
                to request: ModelRequest,
                _ receive: @Sendable ([ModelEvent]) async throws -> Void
            ) async throws {
                try await receive([.textDelta("Oh")])
                try await receive([.textDelta("h")])
                throw Broken()
            }
        }
        let provider = MaskedProvider(Breaking(id: try ProviderID("p"))) { Self.list }
        let context = CallContext(principal: .hash, door: .chat)
        let request = ModelRequest(model: "m", instructions: "", items: [], context: context)
        let heard = Recorder<ModelEvent>()
        await #expect(throws: Breaking.Broken.self) {
            try await provider.respond(to: request) { $0.forEach(heard.record) }
        }
        #expect(Self.texts(heard.all) == ["text": "Ohh"])
        let once = Recorder<ModelEvent>()
        await #expect(throws: CancellationError.self) {
            try await provider.respond(to: request) {
                $0.forEach(once.record)
                throw CancellationError()
            }
        }
        #expect(once.all == [.textDelta("O")])
    }
}
