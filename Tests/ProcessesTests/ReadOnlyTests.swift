import CLinux
import Core
import Domain
import Testing

@testable import Processes

/// Runs that may not write, by the built runner; skipped where only root could make their mounts.
@Suite("Runs that may not write", .enabled(if: geteuid() == 0))
struct ReadOnlyTests {
    private func bench(_ folder: TemporaryDirectory, hiding: Bool = false) async throws -> Workbench {
        let scratch = folder.path + "/data"
        _ = unsafe mkdir(scratch, 0o700)
        return try await Workbench {
            $0.readOnlyScratch = scratch
            if hiding { $0.hiddenPaths = [scratch] }
        }
    }

    private func run(_ bench: Workbench, _ number: Int, _ command: String, isReadOnly: Bool = true)
        async throws -> (text: String, outcome: RunOutcome)
    {
        let outcome = try await bench.run(number, command) { $0.isReadOnly = isReadOnly }
        return (try await bench.text(number), outcome)
    }

    @Test("fail with EROFS where they write, and read as ever", arguments: [false, true])
    func fails(hiding: Bool) async throws {
        let folder = TemporaryDirectory()
        let bench = try await bench(folder, hiding: hiding)
        #expect(bench.processes.machine.readOnlyProblem == nil)
        let target = folder.path + "/file"
        let write = try await run(bench, 1, "echo x > \(target)")
        #expect(write.text.contains("Read-only file system"), "\(write.text)")
        #expect(unsafe access(target, F_OK) != 0)
        for (number, command) in [
            "mkdir \(folder.path)/d", "touch /tmp/deckhand-ro", "rm -f /etc/hostname", "chmod 600 /etc/hosts",
            "echo 1 > /proc/sys/vm/drop_caches", "touch /dev/shm/deckhand-ro", "ln -s /a \(folder.path)/l",
            "touch /run/deckhand-ro",
        ].enumerated() {
            let outcome = try await run(bench, 10 + number, command)
            #expect(outcome.text.contains("Read-only file system"), "\(command): \(outcome.text)")
        }
        let reading = "cat /etc/passwd | head -1; echo n > /dev/null && ls /proc/self/exe"
        let read = try await run(bench, 2, reading)
        #expect(read.text.hasPrefix("root:") && read.text.contains("/proc/self/exe"), "\(read.text)")
        await bench.stop()
    }

    @Test("have a private directory for what programs spill, and leave no trace in it")
    func scratch() async throws {
        let folder = TemporaryDirectory()
        let bench = try await bench(folder)
        let first = try await run(
            bench,
            1,
            "echo spilled > $TMPDIR/x && cat $TMPDIR/x; seq 300000 | sort -S 1M | tail -1"
        )
        #expect(first.text == "spilled\n99999\n", "\(first.text)")
        #expect(try await run(bench, 2, "ls -A $TMPDIR").text == "")
        #expect(unsafe access(folder.path + "/data/x", F_OK) != 0)
        await bench.stop()
    }

    @Test("are others than those beside them, which write as ever")
    func others() async throws {
        let folder = TemporaryDirectory()
        let bench = try await bench(folder)
        let target = folder.path + "/mine"
        _ = try await run(bench, 1, "true")
        let writing = "echo x > \(target); cat \(target); echo ${TMPDIR-none}"
        let other = try await run(bench, 2, writing, isReadOnly: false)
        #expect(other.text == "x\nnone\n", "\(other.text)")
        await bench.stop()
    }

    @Test("run like others where that is switched off")
    func off() async throws {
        let folder = TemporaryDirectory()
        let bench = try await Workbench()
        let target = folder.path + "/mine"
        #expect(try await run(bench, 1, "echo x > \(target); cat \(target)").text == "x\n")
        await bench.stop()
    }
}
