import CLinux
import Core
import Domain
import Testing

@testable import Processes

@Suite("The output of a ticket")
struct OutputTests {
    @Test("is kept byte for byte: percent signs, NUL, invalid UTF-8")
    func exactBytes() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(1, #"printf '%%d %s\0\xff\xfe%%n\n' x"#)
        let expected = Array("%d x".utf8) + [0, 0xFF, 0xFE] + Array("%n\n".utf8)
        #expect(outcome.inlineOutput?.combined == expected)
        #expect(try await bench.output(1) == expected)
    }

    @Test("of 64 MB comes whole")
    func large() async throws {
        let bench = try await Workbench()
        let size: Int64 = 64_000_000
        let outcome = try await bench.run(1, "head -c \(size) /dev/zero | tr '\\0' 'x'")
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.facts.outputBytes == size)
        #expect(outcome.facts.omitted == nil)
        let bytes = try await bench.output(1, limit: 1 << 27)
        #expect(bytes.count == Int(size))
        #expect(bytes == [UInt8](repeating: UInt8(ascii: "x"), count: Int(size)))
    }

    @Test("beyond the limit keeps head and tail at their true offsets, and little of the disk")
    func headAndTail() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(1, "seq -f %09.0f 0 1999999") { $0.limits.outputBytes = 2 << 20 }
        #expect(outcome.facts.outputBytes == 20_000_000)
        #expect(outcome.facts.omitted == OmittedRange(start: 1 << 20, end: 20_000_000 - (1 << 20)))
        let reference = OutputReference(folder: Workbench.folder, number: 1)
        let tail = try await bench.processes.outputs.read(
            reference,
            stream: .combined,
            from: 19_999_990,
            count: 100
        )
        #expect(tail.bytes == Array("001999999\n".utf8))
        let head = try await bench.processes.outputs.read(
            reference,
            stream: .combined,
            from: (1 << 20) - 6,
            count: 100
        )
        #expect(head.bytes.count == 6)
        #expect(head.next == 20_000_000 - (1 << 20))
        let inGap = try await bench.processes.outputs.read(
            reference,
            stream: .combined,
            from: 5_000_000,
            count: 10
        )
        #expect(inGap.offset == 20_000_000 - (1 << 20))
        #expect(inGap.skipped == inGap.offset - 5_000_000)
        var status = stat()
        #expect(unsafe stat(bench.path("1.ticket"), &status) == 0)
        #expect(status.st_blocks * 512 < 4 << 20)
    }

    @Test("that reaches its limit under the ending policy ends the ticket")
    func endsAtLimit() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(1, "yes") {
            $0.limits.outputBytes = 100_000
            $0.limits.outputPolicy = .end
        }
        #expect(outcome.state == .timedOut)
        #expect(outcome.facts.limit == "output")
        #expect(outcome.facts.omitted?.start == 100_000)
        #expect(try await bench.output(1).count == 100_000)
    }

    @Test("tells its streams apart over many changes")
    func manyMarks() async throws {
        let bench = try await Workbench()
        let outcome = try await bench.run(
            1,
            "for i in $(seq 300); do echo o$i; sleep 0.001; echo e$i >&2; done"
        )
        #expect(outcome.state == .exited(code: 0))
        #expect(try await bench.text(1, .stdout) == (1...300).map { "o\($0)\n" }.joined())
        #expect(try await bench.text(1, .stderr) == (1...300).map { "e\($0)\n" }.joined())
    }

    @Test("shows its last lines")
    func lastLines() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "seq 100000")
        let reference = OutputReference(folder: Workbench.folder, number: 1)
        let offset = try await bench.processes.outputs.offsetOfLast(
            lines: 3,
            of: reference,
            stream: .combined
        )
        let chunk = try await bench.processes.outputs.read(
            reference,
            stream: .combined,
            from: offset,
            count: 100
        )
        #expect(String(decoding: chunk.bytes, as: UTF8.self) == "99998\n99999\n100000\n")
    }

    @Test("says of each stream which of its bytes were not kept")
    func gapOfAStream() async throws {
        let bench = try await Workbench()
        let reference = OutputReference(folder: Workbench.folder, number: 1)
        _ = try await bench.run(1, "printf err >&2; seq -f %09.0f 0 9999; printf end >&2") {
            $0.limits.outputBytes = 8_192
        }
        let outputs = bench.processes.outputs
        let all = try #require(try await outputs.info(reference, stream: .combined).omitted)
        let stdout = try await outputs.info(reference, stream: .stdout)
        // Three bytes of the other stream stand before it.
        #expect(stdout.length == 100_000)
        #expect(stdout.omitted == OmittedRange(start: all.start - 3, end: all.end - 3))
        #expect(try await outputs.info(reference, stream: .stderr).omitted == nil)
    }

    @Test("shows its last lines however long they are, and begins behind a gap")
    func longLastLine() async throws {
        let bench = try await Workbench()
        let outputs = bench.processes.outputs
        func offset(_ number: Int, _ lines: Int, _ stream: OutputStream = .combined) async throws -> Int64 {
            let reference = OutputReference(folder: Workbench.folder, number: number)
            return try await outputs.offsetOfLast(lines: lines, of: reference, stream: stream)
        }
        let long = "echo first; head -c 20000000 /dev/zero | tr '\\0' x; echo; echo last >&2"
        _ = try await bench.run(1, long)
        #expect(try await offset(1, 1) == 20_000_007)
        #expect(try await offset(1, 2) == 6)
        #expect(try await offset(1, 3) == 0)
        #expect(try await offset(1, 1, .stdout) == 6)
        #expect(try await offset(1, 1, .stderr) == 0)
        // A gap that is shorter than what is read at once.
        _ = try await bench.run(2, "for i in $(seq 1200); do printf '%05d\\n' $i; done") {
            $0.limits.outputBytes = 6_000
        }
        let omitted = try #require(await bench.journal.outcome(Workbench.id(2))?.facts.omitted)
        #expect(try await offset(2, 3) == 7_182)
        #expect(try await offset(2, 5_000) == omitted.end)
    }

    @Test("wakes its viewers when it grows and when the run ends, also one who came before the start")
    func changes() async throws {
        let bench = try await Workbench()
        let reference = OutputReference(folder: Workbench.folder, number: 1)
        let outputs = bench.processes.outputs
        let seen = Task {
            var text = ""
            let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            let subscription = outputs.watch(reference, wake)
            defer { withExtendedLifetime(subscription) {} }
            for await _ in wakeups {
                while let chunk = try? await outputs.read(
                    reference,
                    stream: .combined,
                    from: Int64(text.utf8.count),
                    count: 1_000
                ), !chunk.bytes.isEmpty {
                    text += String(decoding: chunk.bytes, as: UTF8.self)
                }
                if text.hasSuffix("three\n") { break }
            }
            return text
        }
        _ = try await bench.run(1, "echo one; sleep 0.1; echo two; sleep 0.1; echo three")
        #expect(await seen.value == "one\ntwo\nthree\n")
    }

    @Test("that is gone is a clear failure, and the outcome stays")
    func missing() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "echo hello")
        #expect(unsafe unlink(bench.path("1.ticket")) == 0)
        let reference = OutputReference(folder: Workbench.folder, number: 1)
        let failure = await #expect(throws: Failure.self) {
            _ = try await bench.processes.outputs.read(reference, stream: .combined, from: 0, count: 10)
        }
        #expect(failure?.code == "output_missing")
        let found = try await bench.processes.runner.recover(
            Workbench.id(1),
            nonce: nil,
            folder: Workbench.folder,
            startedUnder: nil
        )
        guard case .finished(let outcome) = found else {
            Issue.record("not finished: \(found)")
            return
        }
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.facts.notes == ["The output file is missing."])
    }

    @Test("goes to no planted link, and no planted folder is entered")
    func plantedLinks() async throws {
        let bench = try await Workbench()
        _ = try await bench.run(1, "true")
        let victim = bench.directory.path + "/victim"
        try put("precious".utf8, at: victim)
        #expect(unsafe symlink(victim, bench.path("2.ticket")) == 0)
        // The link is moved out of the way, and what it points to is left alone.
        #expect(try await bench.run(2, "echo overwritten").state == .exited(code: 0))
        #expect(contents(victim) == Array("precious".utf8))
        #expect(contents(bench.path("2.ticket")) == Array("overwritten\n".utf8))
        let outside = bench.directory.path + "/outside"
        #expect(unsafe mkdir(outside, 0o755) == 0)
        #expect(unsafe symlink(outside, bench.configuration.sessionsPath + "/planted") == 0)
        let name = try SessionName("planted")
        let failure = await #expect(throws: Failure.self) {
            try await bench.processes.runner.start(
                RunRequest(ticket: Workbench.id(3), folder: name, command: "true")
            )
        }
        #expect(failure?.code == "session_folder")
        try await bench.processes.outputs.removeFolder(name)
        #expect(unsafe access(outside, F_OK) == 0)
    }

    @Test("has no file until there is something in it, or somebody has had the time to look")
    func lateFile() async throws {
        let bench = try await Workbench()
        let reference = OutputReference(folder: Workbench.folder, number: 1)
        let outcome = try await bench.run(1, "true")
        #expect(outcome.inlineOutput == InlineOutput(combined: [], stretches: []))
        #expect(unsafe access(bench.path("1.ticket"), F_OK) != 0)
        #expect(try await bench.output(1) == [])
        #expect(try await bench.processes.outputs.info(reference, stream: .combined).length == 0)
        try await bench.processes.runner.start(bench.request(2, "cat; echo late") { $0.input = .open })
        try await bench.started(2)
        #expect(try await bench.output(2) == [])
        _ = try await eventually("there is a file to follow") {
            unsafe access(bench.path("2.ticket"), F_OK) == 0 ? true : nil
        }
        try await bench.processes.runner.closeInput(of: Workbench.id(2))
        #expect(try await bench.finished(2).inlineOutput?.combined == Array("late\n".utf8))
    }

    @Test("is not written elsewhere when its name is taken while the command runs, and that is said")
    func plantedLate() async throws {
        let bench = try await Workbench()
        let victim = bench.directory.path + "/victim"
        try put("precious".utf8, at: victim)
        // The link is there before the first byte is; a machine that is busy makes the file by itself meanwhile.
        var number = 0
        var outcome: RunOutcome
        repeat {
            number += 1
            let link = bench.path("\(number).ticket")
            let command = "ln -s \(victim) \(link) 2>/dev/null || exit 9; echo overwritten; exit 3"
            outcome = try await bench.run(number, command)
        } while outcome.state == .exited(code: 9) && number < 50
        #expect(outcome.state == .exited(code: 3))
        #expect(outcome.facts.outputBytes == 12)
        #expect(outcome.facts.omitted == OmittedRange(start: 0, end: 12))
        #expect(outcome.facts.notes.count == 1)
        #expect(outcome.facts.notes.first?.hasPrefix("Another file has the output file's name") == true)
        #expect(outcome.inlineOutput == nil)
        #expect(contents(victim) == Array("precious".utf8))
        #expect(try await bench.output(number) == [])
    }

    @Test(
        "goes on being kept when a full disk has room again, and says what is missing",
        .enabled(if: geteuid() == 0, "needs root to mount a small tmpfs")
    )
    func roomAgain() async throws {
        let directory = TemporaryDirectory()
        let disk = directory.path + "/small"
        #expect(unsafe mkdir(disk, 0o755) == 0)
        try #require(unsafe mount("none", disk, "tmpfs", 0, "size=1m") == 0)
        defer { _ = unsafe umount2(disk, Int32(MNT_DETACH)) }
        let bench = try await Workbench(directory: directory) { $0.sessionsPath = disk + "/sessions" }
        let gate = bench.directory.path + "/gate"
        try await bench.processes.runner.start(
            bench.request(
                1,
                "head -c 3000000 /dev/zero; until [ -e \(gate) ]; do sleep 0.05; done; sleep 1.1; echo a; echo the end"
            )
        )
        _ = try await eventually("the disk is full") {
            bench.journalText(1).contains("omitted") ? true : nil
        }
        try #require(unsafe mount("none", disk, "tmpfs", UInt(MS_REMOUNT), "size=8m") == 0)
        try put([], at: gate)
        let outcome = try await bench.finished(1)
        #expect(outcome.state == .exited(code: 0))
        #expect(outcome.facts.outputBytes == 3_000_010)
        let gap = try #require(outcome.facts.omitted)
        #expect(gap.end <= 3_000_002 && gap.end >= 3_000_000)
        #expect(outcome.facts.notes.count == 2)
        let kept = try await bench.output(1, limit: 1 << 23)
        #expect(Int64(kept.count) == 3_000_010 - gap.count)
        #expect(String(decoding: kept.suffix(8), as: UTF8.self) == "the end\n")
    }

    @Test("does not contain secrets, however they are cut")
    func masked() async throws {
        let bench = try await Workbench(secrets: ["hunter22", "hunter2-and-more", "überübrig"])
        let command =
            "printf 'a hunt'; sleep 0.05; printf 'er22 b'; printf 'hunter2'; sleep 0.05; printf ' überübrig hunter2-and-mor'"
        _ = try await bench.run(1, command)
        #expect(try await bench.text(1) == "a [redacted] bhunter2 [redacted] hunter2-and-mor")
    }

    @Test(
        "on a full disk loses its end, and never gives a false success",
        .enabled(if: geteuid() == 0, "needs root to mount a small tmpfs")
    )
    func diskFull() async throws {
        let directory = TemporaryDirectory()
        #expect(unsafe mkdir(directory.path + "/small", 0o755) == 0)
        try #require(unsafe mount("none", directory.path + "/small", "tmpfs", 0, "size=2m") == 0)
        defer { _ = unsafe umount2(directory.path + "/small", Int32(MNT_DETACH)) }
        let bench = try await Workbench(directory: directory) {
            $0.sessionsPath = directory.path + "/small/sessions"
        }
        let outcome = try await bench.run(1, "head -c 8000000 /dev/zero; exit 4")
        #expect(outcome.state == .exited(code: 4))
        #expect(outcome.facts.outputBytes == 8_000_000)
        #expect(outcome.facts.omitted?.end == 8_000_000)
        #expect(outcome.facts.notes.contains { $0.hasPrefix("The disk is full") })
        let kept = try await bench.output(1, limit: 1 << 24)
        #expect(Int64(kept.count) == outcome.facts.omitted?.start)
    }
}
