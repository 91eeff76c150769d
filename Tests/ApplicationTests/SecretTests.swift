import Core
import Domain
import TestSupport
import Testing

@testable import Application

@Suite("Secrets and the commands that use them")
struct SecretTests {
    private static let value = "hunter2-and-more"
    private static let admin = PrincipalID("operator:1")

    private func register(_ harness: Harness, _ name: String = "DB_PASSWORD", _ value: String = value)
        async throws
    {
        _ = try await harness.secrets.set(try SecretName(name), Secret(Array(value.utf8)), by: Self.admin)
    }

    private func refusal(_ body: () async throws -> Void) async throws -> String {
        do { try await body() } catch let failure as Failure {
            #expect(!"\(failure) \(failure.hint ?? "")".contains(Self.value))
            return failure.code
        }
        return "accepted"
    }

    @Test("values that cannot be masked are refused")
    func values() async throws {
        let harness = Harness()
        let texts = [
            "short", "aaaaaaaaaaaa", "nul\u{0}in the middle", String(repeating: "abcd", count: 2_049),
        ]
        for text in texts {
            #expect(try await refusal { try await register(harness, "A", text) } == "invalid_secret")
        }
        #expect(try await harness.secrets.list().isEmpty)
        try await register(harness, "A", "äöüß")
    }

    @Test("all forms together have a bound")
    func room() async throws {
        let harness = Harness()
        var random = SeededGenerator(seed: 4)
        var code = "accepted"
        var count = 0
        while code == "accepted", count < 40 {
            let value = (0..<2_000).map { _ in UInt8.random(in: 1...255, using: &random) }
            code = try await refusal {
                _ = try await harness.secrets.set(try SecretName("S\(count)"), Secret(value), by: Self.admin)
            }
            count += 1
        }
        #expect(code == "secrets_full" && count > 2)
    }

    @Test("each change is audited without the value, and takes effect at once")
    func audit() async throws {
        let harness = Harness()
        #expect(harness.vault.mask == nil)
        try await register(harness)
        #expect(harness.vault.mask?.forms.isEmpty == false)
        try await harness.secrets.remove(try SecretName("DB_PASSWORD"), by: Self.admin)
        #expect(harness.vault.mask == nil)
        let gone = try await refusal {
            try await harness.secrets.remove(try SecretName("DB_PASSWORD"), by: Self.admin)
        }
        #expect(gone == "secret_unknown")
        let entries = try await harness.audit.entries(limit: 9)
        #expect(Set(entries.map(\.action)) == ["secret.set", "secret.remove"])
        #expect(entries.allSatisfy { !"\($0)".contains(Self.value) && $0.subject == "secret/DB_PASSWORD" })
    }

    @Test("a command gets those that it names, and every command's output is masked")
    func use() async throws {
        let harness = Harness()
        try await register(harness)
        try await harness.running {
            let name = try SecretName("DB_PASSWORD")
            let ticket = try await harness.submit("env") { $0.secrets = [name] }.ticket
            #expect(ticket.options.secrets.map(\.rawValue) == ["DB_PASSWORD"])
            try await harness.submit("env")
            try await harness.started(2)
            let runs = harness.runner.started.sorted { $0.ticket.number < $1.ticket.number }
            #expect(runs[0].secrets.values.map { $0.reveal() } == [Array(Self.value.utf8)])
            #expect(runs[1].secrets.isEmpty)
            #expect(runs.allSatisfy { $0.mask === harness.vault.mask && $0.mask != nil })
        }
    }

    @Test("without secrets nothing is masked")
    func none() async throws {
        let harness = Harness()
        try await harness.running {
            try await harness.submit("echo the-installation-hash")
            try await harness.started(1)
            #expect(harness.runner.started[0].mask == nil)
        }
    }

    @Test("a secret that another process registers is found when it is named")
    func elsewhere() async throws {
        let harness = Harness()
        let name = try SecretName("LATE")
        let unknown = try await refusal { try await harness.submit("x") { $0.secrets = [name] } }
        #expect(unknown == "secret_not_found")
        let sealed = FakeSealer().seal(Secret(Array(Self.value.utf8)), for: "LATE")
        _ = try await harness.secretStore.set(name, sealed: sealed, by: Self.admin, at: harness.clock.now())
        try await harness.submit("x") { $0.secrets = [name] }
    }

    @Test("a secret that is gone before the start makes the ticket fail")
    func gone() async throws {
        let harness = Harness()
        try await register(harness)
        let name = try SecretName("DB_PASSWORD")
        let ticket = try await harness.submit("x") { $0.secrets = [name] }.ticket
        try await harness.secrets.remove(name, by: Self.admin)
        try await harness.running {
            try await eventually("it failed") { try await harness.state(ticket.id).isTerminal }
            let state = try await harness.state(ticket.id)
            #expect(state.word == "failed" && state.reason?.contains("DB_PASSWORD") == true)
        }
    }

    @Test("a submission that contains a value is refused wherever it stands, and not stored")
    func refused() async throws {
        let harness = Harness(keys: ["sk-provider-key-1234"])
        try await register(harness)
        let text = "x\(Self.value)y"
        let changes: [(inout TicketOptions) -> Void] = [
            { $0.environment = ["A": text] }, { $0.input = .bytes(Array(text.utf8)) },
            { $0.workingDirectory = "/" + text },
        ]
        for change in changes {
            let code = try await refusal { try await harness.submit("true", configure: change) }
            #expect(code == "command_has_secret")
        }
        for command in ["echo \(text)", "echo sk-provider-key-1234", "curl -H the-installation-hash"] {
            #expect(try await refusal { try await harness.submit(command) } == "command_has_secret")
        }
        #expect(try await refusal { try await harness.submit("true", key: text) } == "command_has_secret")
        let session = try await refusal {
            _ = try await harness.tickets.createSession(
                name: nil,
                configure: { $0.environment = ["A": text] },
                as: Harness.operatorPrincipal
            )
        }
        #expect(session == "command_has_secret")
        #expect(try await harness.store.session(named: try SessionName("s")) == nil)
        try await harness.submit("echo hunter2-and-mor")
    }

    @Test("what is said to a model, and a title, contains no value; nothing of it is stored or sent")
    func said() async throws {
        let bench = try ChatBench([.text("Hi.")])
        try await register(bench.harness)
        let text = "My password is \(Self.value)."
        try await bench.serving { service, _ in
            let owner = ChatBench.owner
            let chat = try await service.create(ChatDraft(title: "A chat"), as: owner)
            func ask(_ change: (inout TurnRequest) throws -> Void) async throws -> String {
                var request = ChatBench.ask("Hi")
                try change(&request)
                let asked = request
                return try await refusal { _ = try await service.begin(asked, in: chat.id, as: owner) }
            }
            let shell = ShellCommandResult(stdout: "", stderr: text, outcome: .exit(code: 1))
            let results: [ToolResult.Content] = [
                .parts([.text(text)], isError: false), .shell([shell], maximumOutput: nil),
            ]
            #expect(try await ask { $0.message = [.text("Hi"), .text(text)] } == "message_has_secret")
            #expect(try await ask { $0.message = [.text("the-installation-hash")] } == "message_has_secret")
            #expect(try await ask { $0.instructions = text } == "message_has_secret")
            #expect(try await ask { $0.history = [ModelItem(.user([.text(text)]))] } == "message_has_secret")
            for content in results {
                let result = ToolResult(callID: "c", name: "shell", content: content)
                #expect(try await ask { $0.results = [result] } == "message_has_secret")
                let earlier = ModelItem(.toolResult(result))
                #expect(try await ask { $0.history = [earlier] } == "message_has_secret")
            }
            #expect(
                try await refusal { _ = try await service.create(ChatDraft(title: text), as: owner) }
                    == "message_has_secret"
            )
            let change = ChatChange(title: text)
            #expect(
                try await refusal { _ = try await service.change(chat.id, change, as: owner) }
                    == "message_has_secret"
            )
            #expect(try await service.chat(chat.id, as: owner).title == "A chat")
            #expect(try await service.events(of: chat, after: 0).isEmpty)
            #expect(bench.model.requests.isEmpty)
            #expect(try await ask { $0.message = [.text("Use DB_PASSWORD.")] } == "accepted")
            _ = try await bench.events(of: chat, service)
        }
    }

    @Test("who may not know the names of secrets is told none")
    func saidByOthers() async throws {
        let harness = Harness()
        try await register(harness)
        for isKnown in [true, false] {
            do throws(Failure) {
                try harness.vault.check(said: [Self.value], "message", namesAreKnown: isKnown)
                Issue.record("it was accepted")
            } catch {
                #expect("\(error.message) \(error.hint ?? "")".contains("DB_PASSWORD") == isKnown)
            }
        }
    }

    @Test("a name is either a variable or a secret")
    func both() async throws {
        let harness = Harness()
        try await register(harness)
        let name = try SecretName("DB_PASSWORD")
        let code = try await refusal {
            try await harness.submit("x") {
                $0.secrets = [name]
                $0.environment = ["DB_PASSWORD": "other"]
            }
        }
        #expect(code == "invalid_secrets")
        let twice = try await refusal { try await harness.submit("x") { $0.secrets = [name, name] } }
        #expect(twice == "invalid_secrets")
    }

    @Test("who signed in and has a system user submits as that user, whatever the options say")
    func runAs() async throws {
        let harness = Harness()
        let person = Operator(
            id: OperatorID(3),
            name: try OperatorName("ann"),
            permissions: [.shellRun, .shellRead],
            runAs: "www-data",
            created: harness.clock.now()
        )
        let principal = Principal(person, signIn: SignInID(1))
        var submission = Submission(target: .named(try SessionName("s")), command: "id", origin: .console)
        submission.options.runAs = "root"
        try await harness.running {
            let ticket = try await harness.tickets.submit(submission, as: principal).ticket
            #expect(ticket.options.runAs == "www-data")
            let other = try await harness.tickets.submit(submission, as: Harness.operatorPrincipal).ticket
            #expect(other.options.runAs == nil)
            try await harness.started(2)
            let runs = harness.runner.started.sorted { $0.ticket.number < $1.ticket.number }
            #expect(runs.map(\.runAs) == ["www-data", nil])
        }
    }
}
