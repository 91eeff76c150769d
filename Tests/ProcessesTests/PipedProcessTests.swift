import CLinux
import Core
import Domain
import Processes
import TestSupport
import Testing

@Suite("Programs that are talked with in lines", .timeLimit(.minutes(2)))
struct PipedProcessTests {
    private func start(_ script: String, _ lines: Recorder<String>, room: Int = .max) async throws
        -> PipedProcess
    {
        let program = PipedProgram(
            path: "/bin/bash",
            arguments: ["-c", script],
            environment: ["PATH=/usr/bin:/bin", "ONLY=this"],
            directory: "/"
        )
        return try await PipedProcess.start(
            program,
            .init(
                take: { line in
                    guard lines.all.count < room else { return false }
                    lines.record(String(decoding: line, as: UTF8.self))
                    return true
                },
                end: { lines.record("END") }
            )
        )
    }

    @Test("lines go both ways, and closing the input ends a program that reads it")
    func lines() async throws {
        let lines = Recorder<String>()
        let process = try await start(#"while read -r line; do echo "got $line"; done; echo rest >&2"#, lines)
        #expect(process.send(Array("one\ntwo\n".utf8)))
        try await eventually("two answers") { lines.all.count == 2 }
        await process.end()
        #expect(lines.all == ["got one", "got two", "END"])
        #expect(process.errors == "rest\n" && process.hasEnded)
        #expect(!process.send([1]))
    }

    @Test("it has a group, an environment and a mask of its own")
    func surroundings() async throws {
        let lines = Recorder<String>()
        let process = try await start("umask; env | sort | grep -c .; echo $ONLY; ps -o pgid= -p $$", lines)
        await process.ended()
        #expect(lines.all.first == "0077" && lines.all.contains("this"))
        #expect(lines.all.dropLast().last?.trimmed == "\(process.id)")
    }

    @Test("a program that ignores everything is killed with all of its group")
    func stubborn() async throws {
        let lines = Recorder<String>()
        let process = try await start(
            "trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1000; done",
            lines
        )
        try await eventually("it began") { !lines.all.isEmpty }
        let child = try #require(lines.all.first.flatMap(Int32.init))
        await process.end()
        try await eventually("its child is gone") { kill(child, 0) != 0 }
    }

    @Test("nothing is read from a program while its listener takes nothing")
    func pressure() async throws {
        let lines = Recorder<String>()
        let process = try await start("yes line | head -n 2000000; echo last >&2", lines, room: 1_000)
        try await eventually("the listener is full") { lines.all.count == 1_000 }
        #expect(process.errors == "" && !process.hasEnded)
        await process.end()
        #expect(lines.all.count == 1_001)
    }

    @Test("a program that is not there is told")
    func missing() async throws {
        let program = PipedProgram(path: "/nowhere", arguments: [], environment: [], directory: "/")
        do {
            _ = try await PipedProcess.start(program, .init(take: { _ in true }, end: {}))
            Issue.record("it started")
        } catch let failure as Failure { #expect(failure.code == "program_unavailable") }
    }
}
