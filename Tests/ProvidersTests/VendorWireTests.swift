import Core
import HTTPClient
import TestSupport
import Testing
@testable import Domain
@testable import Providers

@Suite("Vendors over real sockets")
struct VendorWireTests {
    private let client = HTTPClient()
    private let meter = RecordingMeter()
    private let question = [ModelItem(.user([.text("What is here? 日")]))]

    private func provider(_ vendor: Vendor, _ server: WireServer, retries: Int = 0) throws
        -> any ModelProvider
    {
        try vendor.provider(at: server.url, meter, client: client, retries: retries)
    }

    @Test("a turn with three rounds of calls ends with an answer", arguments: Vendor.allCases)
    func turn(vendor: Vendor) async throws {
        let fixture = try Fixture.bytes(vendor.fixture)
        let server = WireServer(
            [
                .stream(fixture), .stream(vendor.call(1)), .stream(vendor.call(2)), .stream(vendor.text()),
            ],
            check: vendor.complaints
        )
        let provider = try provider(vendor, server)
        var items = question
        var rounds = 0
        var last: [ModelEvent] = []
        repeat {
            last = try await Conversing.ask(provider, items, tools: [Conversing.runTool])
            items += Conversing.continued(last)
            rounds += 1
        } while rounds < 5 && last.last == .finished(.toolCalls)
        #expect(rounds == 4)
        #expect(last.suffix(2) == [.item(ModelItem(.assistant("All done."))), .finished(.stop)])
        #expect(server.complaints == [])
        #expect(server.requests.count == 4)
        #expect(meter.ends.map(\.outcome) == [.succeeded, .succeeded, .succeeded, .succeeded])
        let text = String(decoding: try #require(server.requests.last).body.bytes, as: UTF8.self)
        #expect(text.contains("result of"))
    }

    @Test("what arrives in seven-byte pieces is what was recorded", arguments: Vendor.allCases)
    func recorded(vendor: Vendor) async throws {
        let bytes = try Fixture.bytes(vendor.fixture)
        let server = WireServer([.stream(bytes)], check: vendor.complaints)
        let events = try await Conversing.ask(provider(vendor, server), question)
        let expected = try Replay.run([bytes], Replay.decoder(for: vendor.fixture))
        #expect(events == expected.events)
        #expect(meter.ends.map(\.usage) == [expected.usage])
        #expect(server.complaints == [])
    }

    @Test("an answer that is cut is an error, and no call is handed out", arguments: Vendor.allCases)
    func cut(vendor: Vendor) async throws {
        let bytes = try Fixture.bytes(vendor.fixture)
        let server = WireServer([.cut(Array(bytes.prefix(bytes.count / 2)))], check: vendor.complaints)
        let provider = try provider(vendor, server, retries: 2)
        let seen = Recorder<ModelEvent>()
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request(question)) { $0.forEach(seen.record) }
        }
        #expect(failure?.kind == .unavailable)
        #expect(failure?.code == "provider_interrupted")
        #expect(!seen.all.isEmpty)
        #expect(Conversing.items(seen.all).isEmpty)
        #expect(server.requests.count == 1)
        #expect(meter.ends.map(\.outcome) == [.failed])
    }

    @Test("a refused key is said to be one, and not shown", arguments: Vendor.allCases)
    func key(vendor: Vendor) async throws {
        let server = WireServer(
            [.refusal(status: "401 Unauthorized", headers: "", body: vendor.error("bad \(Vendor.key)"))],
            check: vendor.complaints
        )
        let provider = try provider(vendor, server, retries: 2)
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request(question)) { _ in }
        }
        #expect(failure?.kind == .unauthenticated)
        #expect(failure?.code == "provider_key_refused")
        #expect(failure?.hint?.contains("VENDOR_KEY") == true)
        #expect(failure?.message.contains(Vendor.key) == false)
        #expect(failure?.hint?.contains(Vendor.key) == false)
        #expect(server.requests.count == 1)
    }

    @Test("a busy vendor is asked again, and then says for how long it is busy", arguments: Vendor.allCases)
    func busy(vendor: Vendor) async throws {
        let refusal = WireReply.refusal(
            status: "429 Too Many Requests",
            headers: "Retry-After: 7\r\n",
            body: vendor.error("slow down")
        )
        let server = WireServer([refusal, .stream(vendor.text()), refusal], check: vendor.complaints)
        let events = try await Conversing.ask(provider(vendor, server, retries: 1), question)
        #expect(events.last == .finished(.stop))
        #expect(meter.ends.map(\.outcome) == [.failed, .succeeded])
        let provider = try provider(vendor, server)
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request(question)) { _ in }
        }
        #expect(failure?.kind == .rateLimited)
        #expect(failure?.code == "provider_rate_limited")
        #expect(failure?.retryAfter == .seconds(7))
        #expect(server.complaints == [])
    }

    @Test("a vendor that is not there is said to be unreachable", arguments: Vendor.allCases)
    func refusedConnection(vendor: Vendor) async throws {
        // Nothing listens on port 1.
        let provider = try vendor.provider(at: "http://127.0.0.1:1", meter, client: client)
        let failure = await #expect(throws: Failure.self) {
            try await provider.respond(to: Conversing.request(question)) { _ in }
        }
        #expect(failure?.kind == .unavailable)
        #expect(failure?.code == "provider_unreachable")
        #expect(meter.ends.map(\.outcome) == [.failed])
    }
}
