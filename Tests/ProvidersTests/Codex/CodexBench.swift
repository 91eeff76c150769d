import Core
import Domain
import FoundationEssentials
import HTTPClient
import Processes
import TestSupport

@testable import Providers

/// The real Codex CLI with accounts at stand-ins, in folders that are removed with it.
final class CodexBench: Sendable {
    static let ann = PrincipalID("user:1")
    static let bob = PrincipalID("user:2")
    static let model = "gpt-5.5"

    let services: CodexStandIn
    let provider: CodexProvider
    let meter = CallLedger()
    let sink = MemoryLogSink()
    let folder: String

    init(
        _ services: CodexStandIn = CodexStandIn(),
        folder: String? = nil,
        _ change: (inout CodexSettings) -> Void = { _ in }
    ) async throws {
        self.services = services
        let folder = folder ?? "/var/tmp/deckhand-codex-tests/\(UInt64.random(in: 0...UInt64.max))"
        self.folder = folder
        var codex = CodexSettings(
            program: try await Self.program(),
            profiles: folder + "/profiles",
            workspaces: folder + "/workspaces"
        )
        codex.endpoints = .init(
            models: services.url + "/v1",
            accounts: services.url + "/backend-api",
            login: services.url
        )
        change(&codex)
        var settings = ProviderSettings(
            id: try ProviderID("codex"),
            kind: .codex,
            baseURL: "codex://",
            key: nil,
            keySource: "accounts"
        )
        settings.defaultModel = Self.model
        settings.codex = codex
        provider = CodexProvider(
            settings,
            codex,
            ProviderServices(client: HTTPClient(), meter: meter),
            profileName: { "p-" + TextCoding.hex(Array($0.rawValue.utf8)) },
            logger: Logger(level: .debug, sink: sink)
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs a body, and ends all processes whatever it did.
    static func with(
        _ services: CodexStandIn = CodexStandIn(),
        folder: String? = nil,
        _ change: (inout CodexSettings) -> Void = { _ in },
        _ body: (CodexBench) async throws -> Void
    ) async throws {
        let bench = try await CodexBench(services, folder: folder, change)
        do { try await body(bench) } catch {
            await bench.provider.pool.close()
            throw error
        }
        await bench.provider.pool.close()
    }

    // MARK: Doing

    func connect(_ owner: PrincipalID = ann) async throws {
        let invitation = try await provider.startLogin(for: owner)
        let outcome = try await provider.loginStatus(invitation.key, for: owner)
        guard outcome == .connected else { throw ConditionFailed(description: "\(outcome)") }
    }

    func request(_ text: String, of owner: PrincipalID = ann, turn: Int64? = nil) -> ModelRequest {
        var request = ModelRequest(
            model: Self.model,
            instructions: "Be brief.",
            items: [ModelItem(.user([.text(text)]))],
            context: CallContext(principal: owner, door: .chat, turn: turn.map { TurnID($0) })
        )
        request.tools = [
            .function(
                FunctionTool(
                    name: "lookup",
                    description: "Looks something up.",
                    parameters: .object(["type": .string("object")])
                )
            )
        ]
        return request
    }

    /// Everything that the provider handed over, and the error that it ended with.
    func respond(_ request: ModelRequest) async -> (events: [ModelEvent], error: (any Error)?) {
        let events = Recorder<ModelEvent>()
        do {
            try await provider.respond(to: request) { for event in $0 { events.record(event) } }
            return (events.all, nil)
        } catch {
            return (events.all, error)
        }
    }

    func failure(_ text: String) async -> Failure? { await respond(request(text)).error as? Failure }

    // MARK: Looking

    /// Processes that work for profiles of this bench.
    var processes: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { id in
            let environment = FileManager.default.contents(atPath: "/proc/\(id)/environ") ?? Data()
            return String(decoding: environment, as: UTF8.self).contains("CODEX_HOME=\(folder)/")
        }
    }

    /// Names of the profiles that there are.
    var profiles: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder + "/profiles/codex")) ?? []
    }

    static func text(_ events: [ModelEvent]) -> String {
        events.compactMap { if case .textDelta(let text) = $0 { text } else { nil } }.joined()
    }

    static func items(_ events: [ModelEvent]) -> [ModelItem] {
        events.compactMap { if case .item(let item) = $0 { item } else { nil } }
    }

    // MARK: The program

    /// The package's folder, also where the sources are reached by a link.
    static let root: String = {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().path
        return String(file.dropLast("/Tests/ProvidersTests/Codex/CodexBench.swift".count))
    }()

    /// The real program; installed on first use.
    static func program() async throws -> String {
        let lines = Recorder<String>()
        let variables = ProcessInfo.processInfo.environment
        let install = PipedProgram(
            path: "/bin/bash",
            arguments: [root + "/scripts/codex-cli"],
            environment: ["PATH", "HOME", "TMPDIR"].compactMap { name in
                variables[name].map { "\(name)=\($0)" }
            },
            directory: root
        )
        let process = try await PipedProcess.start(
            install,
            .init(
                take: {
                    lines.record(String(decoding: $0, as: UTF8.self))
                    return true
                },
                end: {}
            )
        )
        await process.ended()
        guard let path = lines.all.last else { throw ConditionFailed(description: process.errors) }
        return path
    }
}

struct ConditionFailed: Error, CustomStringConvertible { let description: String }
