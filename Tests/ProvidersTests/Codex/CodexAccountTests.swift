import Core
import Domain
import FoundationEssentials
import TestSupport
import Testing

@testable import Providers

@Suite("Accounts behind the Codex CLI", .timeLimit(.minutes(5)))
struct CodexAccountTests {
    @Test("a login gives an address and a code, and connects; logging out leaves nothing behind")
    func login() async throws {
        try await CodexBench.with { bench in
            let provider = bench.provider
            #expect(try await provider.status(of: CodexBench.ann).state == .disconnected)
            let invitation = try await provider.startLogin(for: CodexBench.ann)
            #expect(invitation.address == bench.services.url + "/codex/device")
            #expect(invitation.code.reveal() == "CODE-1")
            #expect(try await provider.loginStatus(invitation.key, for: CodexBench.ann) == .connected)
            let status = try await provider.status(of: CodexBench.ann)
            #expect(status.state == .connected && status.plan == "plus" && status.model == CodexBench.model)
            let limits = try await provider.rateLimits(of: CodexBench.ann)
            #expect(limits.primary?.usedPercent == 12 && limits.primary?.length == .seconds(18_000))
            #expect(try await provider.models(for: CodexBench.ann).contains { $0.name == "gpt-5.5" })
            try await provider.updateModel("gpt-5.5", for: CodexBench.ann)
            await #expect(throws: Failure.self) {
                try await provider.updateModel("gpt-0", for: CodexBench.ann)
            }
            try Self.expectPrivate(bench)
            try await provider.logout(CodexBench.ann)
            #expect(bench.profiles == [] && bench.processes == [])
            #expect(bench.services.paths.contains("POST /oauth/revoke"))
            #expect(try await provider.status(of: CodexBench.ann).state == .disconnected)
            #expect(!bench.sink.text.contains(CodexStandIn.secretMark) && !bench.sink.text.contains("CODE-1"))
        }
    }

    @Test(
        "a login that the service refuses, or does not complete, leaves nothing behind",
        arguments: [
            CodexStandIn.LoginAnswer.denied, .withheld,
        ]
    )
    func denied(_ answer: CodexStandIn.LoginAnswer) async throws {
        try await CodexBench.with { bench in
            bench.services.login = answer
            let invitation = try await bench.provider.startLogin(for: CodexBench.ann)
            let outcome = try await bench.provider.loginStatus(invitation.key, for: CodexBench.ann)
            guard case .failed(let failure) = outcome else {
                throw ConditionFailed(description: "it connected")
            }
            #expect(failure.code == "login_denied")
            try await bench.provider.cancelLogin(invitation.key, for: CodexBench.ann)
            #expect(bench.profiles == [] && bench.processes == [])
        }
    }

    @Test("a workspace that allows no codes is told with what its administrator does")
    func disabled() async throws {
        try await CodexBench.with { bench in
            bench.services.login = .disabled
            do {
                _ = try await bench.provider.startLogin(for: CodexBench.ann)
                Issue.record("it began")
            } catch let failure as Failure { #expect(failure.code == "device_code_disabled") }
            #expect(bench.profiles == [] && bench.processes == [])
        }
    }

    @Test("a login that nobody confirms is ended by whoever waits for it, and leaves nothing behind")
    func cancelled() async throws {
        try await CodexBench.with { bench in
            bench.services.login = .waiting
            let invitation = try await bench.provider.startLogin(for: CodexBench.ann)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        _ = try await bench.provider.loginStatus(invitation.key, for: CodexBench.ann)
                        Issue.record("it ended by itself")
                    } catch { #expect(error is CancellationError) }
                }
                try? await eventually("the service is asked") {
                    bench.services.paths.contains { $0.hasSuffix("/deviceauth/token") }
                }
                group.cancelAll()
            }
            try await bench.provider.cancelLogin(invitation.key, for: CodexBench.ann)
            #expect(bench.profiles == [] && bench.processes == [])
        }
    }

    @Test("what a killed server left of a login is removed")
    func leftovers() async throws {
        let services = CodexStandIn()
        services.login = .waiting
        try await CodexBench.with(services) { bench in
            _ = try await bench.provider.startLogin(for: CodexBench.ann)
            await bench.provider.pool.close()
            #expect(bench.profiles.count == 1)
            let later = try await CodexBench(services, folder: bench.folder)
            try await later.provider.cancelLogin(nil, for: CodexBench.ann)
            #expect(bench.profiles == [])
        }
    }

    @Test("two people at once have profiles, accounts and answers of their own")
    func two() async throws {
        try await CodexBench.with { bench in
            try await bench.connect(CodexBench.ann)
            try await bench.connect(CodexBench.bob)
            #expect(bench.profiles.count == 2 && bench.processes.count == 2)
            async let first = bench.respond(bench.request("of ann", of: CodexBench.ann))
            async let second = bench.respond(bench.request("of bob", of: CodexBench.bob))
            let texts = (CodexBench.text(await first.events), CodexBench.text(await second.events))
            #expect(texts == ("You said: of ann", "You said: of bob"))
            let accounts = Dictionary(
                uniqueKeysWithValues: bench.services.requests.map { ($0.lastText, $0.account) }
            )
            #expect(accounts == ["of ann": "acct-1", "of bob": "acct-2"])
            try await bench.provider.logout(CodexBench.ann)
            #expect(bench.profiles.count == 1)
            #expect(await bench.failure("hello")?.code == "account_not_connected")
            let other = await bench.respond(bench.request("still there", of: CodexBench.bob))
            #expect(other.error == nil)
        }
    }

    @Test("what was said is in no file of a profile")
    func files() async throws {
        try await CodexBench.with { bench in
            try await bench.connect()
            #expect(await bench.failure("marmalade-in-a-prompt") == nil)
            await bench.provider.pool.close()
            for path in Self.files(bench) {
                let bytes = FileManager.default.contents(atPath: path) ?? Data()
                #expect(bytes.firstRange(of: Data("marmalade-in-a-prompt".utf8)) == nil, "\(path)")
                if !path.hasSuffix("/auth.json") {
                    #expect(bytes.firstRange(of: Data(CodexStandIn.secretMark.utf8)) == nil, "\(path)")
                }
            }
        }
    }

    private static func files(_ bench: CodexBench) -> [String] {
        files(below: bench.folder + "/profiles")
    }

    private static func files(below folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.map { "\(folder)/\($0)" }.flatMap { [$0] + files(below: $0) }
    }

    /// Nothing of a profile can be read by others.
    private static func expectPrivate(_ bench: CodexBench) throws {
        let all = files(bench)
        #expect(all.contains { $0.hasSuffix("/auth.json") })
        for path in all {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType != .typeSymbolicLink,
                let mode = attributes[.posixPermissions] as? Int
            else { continue }
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            // Files may be readable by their mode where the folder above lets nobody through.
            if isFolder && path.split(separator: "/").dropLast().last == "codex" { #expect(mode == 0o700) }
            if path.hasSuffix("/auth.json") { #expect(mode == 0o600) }
        }
    }
}
