import API
import Core
import Domain
import TestSupport
import Testing

@testable import deckhand

@Suite("How a running server is")
struct RunningReportTests {
    private static func resolved(_ environment: [String: String]) throws -> ResolvedConfiguration {
        let folder = TemporaryFolder()
        var all = environment
        all["DECKHAND_DATA"] = folder.path
        let surroundings = Surroundings(
            environment: all,
            workingDirectory: folder.path,
            homeDirectory: nil,
            userID: 0,
            executablePath: "/usr/bin/deckhand"
        )
        return try ConfigurationResolver(surroundings, readsEnvironmentFile: false).resolve()
    }

    @Test("every option is shown with its source, and a secret by its length only")
    func settings() throws {
        let hash = "0123456789abcdef0123456789abcdef"
        let settings = RunningReport(try Self.resolved(["HASH": hash, "PORT": "8099"])).settings
        #expect(settings.options.count == ConfigurationOption.all.count)
        let port = try #require(settings.options.first { $0.key == "PORT" })
        #expect(port.value == "8099" && port.source == "environment" && !port.isDefault)
        #expect(settings.options.contains { $0.isDefault && $0.source == "default" })
        #expect(!settings.options.contains { $0.value.contains(hash) })
    }

    private struct FixedNotifier: Notifier {
        let outcome: NoticeOutcome
        func send(_ notice: ApprovalNotice) async -> NoticeOutcome { outcome }
    }

    @Test("who may sign in and how the latest notice fared are told, and providers are asked")
    func live() async throws {
        let stores = MemorySignInStores()
        let resolved = try Self.resolved([:])
        let base = RunningReport(resolved)
        let record = NoticeRecord(
            FixedNotifier(outcome: .failed("it hangs")),
            origin: "https://example.com",
            clock: SystemWallClock()
        )
        let report = LiveReport(base, resolved.configuration, operators: stores, notices: record)
        var findings = await report.findings()
        #expect(findings.contains { $0.name == "operators" && $0.text.contains("nobody can sign in") })
        #expect(findings.contains { $0.name == "data.speed" })
        #expect(findings.contains { $0.name == "approvals.webhook" && $0.verdict == "ok" })
        _ = await record.send(
            ApprovalNotice(
                event: "approval.created",
                id: ApprovalID(1),
                kind: "run",
                state: "awaiting",
                reason: "",
                link: "",
                created: Timestamp(microseconds: 0),
                expires: Timestamp(microseconds: 0),
                change: 0,
                detail: nil
            )
        )
        findings = await report.findings()
        #expect(findings.contains { $0.name == "approvals.webhook" && $0.text.contains("it hangs") })
        #expect(await report.outside().isEmpty)
    }

    @Test("load and memory are read as proc(5) says, and not at all from anything else")
    func load() throws {
        #expect(MachineLoad.averages("0.52 0.58 0.59 1/467 31337\n") == [0.52, 0.58, 0.59])
        #expect(MachineLoad.averages("nothing of the kind") == [])
        let memory = MachineLoad.memory("MemTotal:       2000 kB\nMemAvailable:    500 kB\nHugePages: x\n")
        #expect(memory == ["MemTotal": 2_048_000, "MemAvailable": 512_000])
        let now = MachineLoad.now(dataDirectory: "/")
        #expect(now.averages.count == 3 && now.processors > 0)
        #expect((now.memoryAvailable ?? 0) > 0 && (now.memory ?? 0) >= (now.memoryAvailable ?? 0))
        #expect((now.disk ?? 0) > 0)
    }
}
