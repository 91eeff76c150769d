import CLinux
import Core
import Domain
import FoundationEssentials
import TestSupport
import Testing

@testable import Providers

@Suite("What goes wrong behind the Codex CLI", .timeLimit(.minutes(5)))
struct CodexTroubleTests {
    @Test(
        "the service's refusals become ours, without its words",
        arguments: [
            ("status 401", "account_login_expired"), ("status 403", "provider_forbidden"),
            ("status 400", "provider_refused_request"), ("limit", "account_limit_reached"),
        ]
    )
    func refusals(_ message: String, _ code: String) async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            let failure = try #require(await bench.failure(message))
            #expect(failure.code == code)
            #expect(
                failure.hint != nil && !"\(failure)\(failure.hint ?? "")".contains(CodexStandIn.secretMark)
            )
            if message == "limit" {
                #expect(failure.kind == .rateLimited && (failure.retryAfter ?? .zero) > .seconds(86_400))
                #expect(failure.hint?.contains("2100-01-01T00:00:00") == true)
            }
            #expect(bench.meter.ends.all.map(\.outcome) == [.failed])
            #expect(!bench.sink.text.contains(CodexStandIn.secretMark))
        }
    }

    @Test("a service that fails is asked again by the program, and then given up")
    func failing() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            let failure = try #require(await bench.failure("status 500"))
            #expect(failure.code == "provider_failed" && failure.kind == .unavailable)
            #expect(bench.services.requests.count > 1)
        }
    }

    @Test("a refusal of the model is told as one")
    func refused() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            let answer = await bench.respond(bench.request("refuse"))
            #expect(answer.error == nil && answer.events.last == .finished(.refusal))
        }
    }

    @Test("a service that refuses connections is told as unreachable")
    func unreachable() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            #expect(await bench.failure("hello") == nil)
            bench.services.stop()
            let failure = try #require(await bench.failure("hello"))
            #expect(failure.kind == .unavailable, "\(failure)")
        }
    }

    @Test("an answer that takes too long is given up, and leaves no process")
    func hanging() async throws {
        let timeout = Duration.milliseconds(1_500)
        try await CodexBench.with {
            $0.timeout = timeout
        } _: { bench in
            try await bench.connect()
            let answer = await bench.respond(bench.request("hold"))
            #expect((answer.error as? Failure)?.code == "provider_timed_out")
            #expect(CodexBench.text(answer.events) == "Well")
            #expect(bench.processes == [])
            try await eventually("the service's client leaves") { bench.services.left > 0 }
        }
    }

    @Test("a cancelled answer ends at once, and leaves no process")
    func cancelled() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            let began = Recorder<String>()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await bench.provider.respond(to: bench.request("hold")) { events in
                            if !CodexBench.text(events).isEmpty { began.record("text") }
                        }
                    } catch { began.record("\(type(of: error))") }
                }
                try? await eventually("an answer begins") { !began.all.isEmpty }
                group.cancelAll()
            }
            #expect(began.all == ["text", "CancellationError"])
            #expect(bench.processes == [])
            #expect(bench.meter.ends.all.map(\.outcome) == [.cancelled])
            try await eventually("the service's client leaves") { bench.services.left > 0 }
        }
    }

    @Test("another turn of the same person goes on when one is cancelled")
    func shared() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            _ = await bench.respond(bench.request("call lookup {}", turn: 1))
            _ = await bench.respond(bench.request("call lookup {}", turn: 2))
            #expect(bench.processes.count == 1)
            await bench.provider.turnEnded(TurnID(1))
            #expect(bench.processes.count == 1)
            await bench.provider.turnEnded(TurnID(2))
            #expect(bench.processes == [])
        }
    }

    @Test("a program that is killed in the middle is told as an interruption, and starts again")
    func killed() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            let answer = Recorder<String>()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let found = await bench.respond(bench.request("hold"))
                    answer.record((found.error as? Failure)?.code ?? "none")
                }
                try? await eventually("an answer begins") { bench.services.requests.count == 1 }
                for process in bench.processes { _ = kill(process, SIGKILL) }
            }
            #expect(answer.all == ["provider_interrupted"])
            #expect(await bench.failure("hello") == nil)
        }
    }

    @Test(
        "programs that are missing, or are something else, are told with what to do",
        arguments: [
            ("/nowhere/codex", "codex_missing"), ("/bin/false", "codex_incompatible"),
            ("/bin/cat", "codex_incompatible"),
        ]
    )
    func program(_ path: String, _ code: String) async throws {
        try await CodexBench.with {
            $0.program = path
        } _: { bench in
            do {
                _ = try await bench.provider.startLogin(for: CodexBench.ann)
                Issue.record("it began")
            } catch let failure as Failure { #expect(failure.code == code && failure.hint != nil) }
            #expect(bench.processes == [] && bench.profiles == [])
        }
    }

    @Test(
        "a program that is too old is told with its version and the one that is needed",
        arguments: [
            // One that ends because it does not know a flag, and one that says its version when it is greeted.
            #"[ "$1" = --version ] && exec echo codex-cli 0.99.0; echo "unexpected argument $1" >&2; exit 2"#,
            #"read -r line; echo '{"id":1,"result":{"userAgent":"deckhand/0.99.0 (Debian)"}}'; exec cat > /dev/null"#,
        ]
    )
    func old(_ script: String) async throws {
        let folder = try ScratchFolder()
        let path = folder.file("codex")
        let descriptor = unsafe dh_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o700)
        let bytes = Array("#!/bin/sh\n\(script)\n".utf8)
        #expect(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try await CodexBench.with {
            $0.program = path
        } _: { bench in
            let failure = await #expect(throws: Failure.self) {
                _ = try await bench.provider.startLogin(for: CodexBench.ann)
            }
            #expect(failure?.code == "codex_too_old" && failure?.kind == .unavailable)
            #expect(failure?.message.contains("0.99.0") == true)
            #expect(failure?.hint?.contains("0.163.0") == true)
            #expect(bench.processes == [] && bench.profiles == [])
        }
    }

    @Test("there is a bound of processes, and unused ones make room")
    func bound() async throws {
        try await CodexBench.with {
            $0.maximumProcesses = 1
        } _: { bench in
            try await bench.connect()
            #expect(bench.processes.count == 1)
            try await bench.connect(CodexBench.bob)
            #expect(bench.processes.count == 1)
            _ = await bench.respond(bench.request("call lookup {}", turn: 1))
            let refused = await bench.respond(bench.request("hello", of: CodexBench.bob))
            #expect((refused.error as? Failure)?.code == "codex_busy")
        }
    }

    @Test("a process that nobody uses ends after a while, and with the server at the latest")
    func idle() async throws {
        try await CodexBench.with {
            $0.idle = .milliseconds(100)
        } _: { bench in
            try await bench.connect()
            #expect(bench.processes.count == 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await CodexUpkeep(provider: bench.provider).run() }
                try await eventually("the process ends") { bench.processes.isEmpty }
                #expect(await bench.failure("hello") == nil)
                group.cancelAll()
            }
            #expect(bench.processes == [])
            #expect(await bench.failure("hello")?.code == "stopping")
        }
    }

    @Test("a profile is used by one server at a time")
    func locked() async throws {
        let services = CodexStandIn()
        try await CodexBench.with(services) { bench in
            try await bench.connect()
            let other = try await CodexBench(services, folder: bench.folder)
            let refused = await other.respond(other.request("hello"))
            #expect((refused.error as? Failure)?.code == "account_busy")
            await bench.provider.pool.close()
            #expect(await other.failure("hello") == nil)
            await other.provider.pool.close()
        }
    }
}
