import Core
import Domain
import Synchronization
import TestSupport
import Testing

@testable import deckhand

@Suite(.timeLimit(.minutes(1))) struct TicketFollowerTests {
    private let folder = TemporaryFolder()

    private func client(_ path: String) throws -> ServerClient {
        let arguments = try ParsedArguments(
            ["--socket", path],
            for: CommandSpecification(name: "x", summary: "", options: CommandSpecification.connection)
        )
        let surroundings = Surroundings(
            environment: [:],
            workingDirectory: "/",
            homeDirectory: nil,
            userID: 0,
            executablePath: "/x"
        )
        return ServerClient(try ServerConnection(arguments, surroundings))
    }

    private static func state(_ word: String) -> String {
        "event: state\ndata: {\"session\":\"s\",\"ticket\":1,\"state\":\"\(word)\",\"exit_code\":3}\n\n"
    }

    /// What a server says to somebody who has seen `position` bytes.
    private static func stream(_ text: [UInt8], from position: Int, piece: Int) -> [UInt8] {
        var bytes = Array(state("running").utf8)
        var offset = position
        while offset < text.count {
            let end = min(offset + piece, text.count)
            let part = String(decoding: text[offset..<end], as: UTF8.self)
            bytes += Array(
                "id: \(end)\nevent: output\ndata: {\"offset\":\(offset),\"stream\":\"stdout\",\"text\":\"\(part)\"}\n\n"
                    .utf8
            )
            offset = end
        }
        return bytes + Array(state("exited").utf8)
    }

    @Test("connections cut at any byte lose and repeat nothing", arguments: [1, 2, 3])
    func cuts(seed: UInt64) async throws {
        let text = (0..<900).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        let generator = Mutex(SeededGenerator(seed: seed))
        let asked = Mutex<[Int]>([])
        let server = LoopbackServer(unixPath: folder.path + "/s") { peer in
            guard let head = peer.readHead() else { return }
            let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("last-event-id:") }
            let position = line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
            asked.withLock { $0.append(position) }
            let all = Self.stream(text, from: position, piece: 40)
            let cut = generator.withLock { Int.random(in: 0..<900, using: &$0) }
            peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            peer.write(Array(all.prefix(cut)))
        }
        defer { server.stop() }
        let console = MemoryConsole()
        let follower = TicketFollower(
            client: try client(folder.path + "/s"),
            path: TicketPath(session: "s", number: 1),
            console: console
        )
        let ticket = try await follower.follow()
        #expect(ticket.exitCode == 3)
        #expect(console.output == text)
        let positions = asked.withLock { $0 }
        #expect(positions == positions.sorted() && positions.count > 1)
    }

    @Test("a server that is away for a while, or busy, is waited for; a refusal is not")
    func away() async throws {
        let count = Atomic<Int>(0)
        let server = LoopbackServer(unixPath: folder.path + "/s") { peer in
            let number = count.add(1, ordering: .relaxed).newValue
            guard number > 1 else { return }
            _ = peer.readHead()
            if number == 2 { return peer.respond("{}", status: "503 Service Unavailable") }
            if number == 3 { return peer.respond("", status: "200 OK") }
            peer.respond(
                "{\"detail\":\"Gone.\",\"code\":\"gone\",\"hint\":\"Do this.\"}",
                status: "404 Not Found",
                headers: "Content-Type: application/problem+json\r\n"
            )
        }
        defer { server.stop() }
        let follower = TicketFollower(
            client: try client(folder.path + "/s"),
            path: TicketPath(session: "s", number: 1),
            console: MemoryConsole()
        )
        await #expect(throws: Failure(.notFound, code: "gone", message: "Gone.", hint: "Do this.")) {
            _ = try await follower.follow()
        }
        #expect(count.load(ordering: .relaxed) == 4)
    }

    @Test("each event becomes a line of JSON when that is asked for")
    func jsonLines() async throws {
        let server = LoopbackServer(unixPath: folder.path + "/s") { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\n\r\n")
            peer.write(Self.stream(Array("hello".utf8), from: 0, piece: 5))
        }
        defer { server.stop() }
        let console = MemoryConsole()
        _ = try await TicketFollower(
            client: try client(folder.path + "/s"),
            path: TicketPath(session: "s", number: 1),
            console: console,
            printsJSON: true
        ).follow()
        let lines = try console.text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(lines.map { $0["event"]?.string } == ["state", "output", "state"])
        #expect(lines[1]["data"]?["text"]?.string == "hello")
    }
}
