import CLinux
import Core
import Crypto
import Domain
import FoundationEssentials
import Testing

/// The sample application of examples/host-app beside a server that embeds it.
struct SampleHost: Sendable {
    let server: TestServer
    let port: UInt16
    let process: ChildProcess
    /// Its SQLite file.
    let database: String

    private static let key = "sample-0123456789abcdef0123456789abcdef"
    private static let callKey = "calls-fedcba9876543210fedcba9876543210ab"

    /// A server with the sample's actions and sources, and a provider that plays a script.
    static func with(
        script: String,
        price: Int = 0,
        settings: String = "",
        _ body: (TestServer, SampleHost) async throws -> Void
    ) async throws {
        try await with(
            { _ in "demo: { kind: \"scripted\", script: \(script) }" },
            price: price,
            settings: settings,
            body
        )
    }

    /// The same with another provider, as the configuration names it.
    static func with(
        _ provider: (TestServer) async throws -> String,
        price: Int = 0,
        settings: String = "",
        _ body: (TestServer, SampleHost) async throws -> Void
    ) async throws {
        try await TestServer.with(starts: false) { server in
            let port = try await Ports.shared.take()
            server.set("DECKHAND_CORS_ORIGINS", "http://127.0.0.1:\(port)")
            server.set("SAMPLE_KEY", key)
            server.set("SAMPLE_CALL_KEY", callKey)
            try server.folder.write(
                configuration(try await provider(server), port, price, settings),
                to: "deckhand.json5"
            )
            server.set("DECKHAND_CONFIG", server.folder.file("deckhand.json5"))
            try await server.start()
            let database = server.folder.file("host.sqlite")
            let process = try ChildProcess(
                ["/usr/bin/python3", "-B", Self.repository + "/examples/host-app/app.py"],
                environment: [
                    "HOST_APP_PORT": "\(port)", "HOST_APP_DATABASE": database, "HOST_APP_KEY": key,
                    "HOST_APP_CALL_KEY": callKey, "DECKHAND_URL": server.baseURL, "PATH": "/usr/bin:/bin",
                ],
                directory: server.folder.path,
                standardOutput: server.folder.file("host.out"),
                standardError: server.folder.file("host.err")
            )
            let sample = SampleHost(server: server, port: port, process: process, database: database)
            do {
                try await eventually("the sample listens") {
                    !(Files.text(server.folder.file("host.out"))).isEmpty
                }
                try await body(server, sample)
            } catch {
                await sample.end()
                throw error
            }
            await sample.end()
        }
    }

    private func end() async {
        process.send(SIGCONT)
        await process.destroy()
    }

    private static let repository = String(
        #filePath.dropLast("/Tests/EndToEndTests/AI/SampleHost.swift".count)
    )

    private static func configuration(_ provider: String, _ port: UInt16, _ price: Int, _ more: String)
        -> String
    {
        let here = "http://127.0.0.1:\(port)/ai"
        return """
            { providers: { \(provider) }, \(more)
              hosts: { shop: { issuer: "https://workshop.example", audience: "deckhand",
                keys: [{ id: "1", algorithm: "HS256", key: { env: "SAMPLE_KEY" } }], callKey: { env: "SAMPLE_CALL_KEY" } } },
              roles: {
                brand_admin: { permissions: ["chat", "ai.account", "ai.action", "ai.artifact", "ai.wallet"], grants: ["jobs.create", "jobs.change", "quotes.send"] },
                workshop: { permissions: ["chat", "ai.account", "ai.action"] } },
              actions: {
                create_job: { host: "shop", title: "Create a service job", description: "Makes a job.", permission: "jobs.create",
                  confirmation: "untrusted", price: \(price), endpoint: "\(here)/actions/create_job",
                  parameters: { type: "object", additionalProperties: false, required: ["customer", "work", "day"], properties: {
                    customer: { type: "string", minLength: 1, maxLength: 100 }, work: { type: "string", maxLength: 200 },
                    day: { type: "string", pattern: "^\\\\d{4}-\\\\d{2}-\\\\d{2}$" } } } },
                reschedule_job: { host: "shop", description: "Moves a job.", permission: "jobs.change", confirmation: "untrusted",
                  endpoint: "\(here)/actions/reschedule_job",
                  parameters: { type: "object", required: ["job", "day"], properties: {
                    job: { type: "integer", minimum: 1 }, day: { type: "string", maxLength: 10 } } } },
                send_quote: { host: "shop", description: "Sends a quote.", permission: "quotes.send", dryRun: true,
                  endpoint: "\(here)/actions/send_quote",
                  parameters: { type: "object", required: ["job", "amount"], properties: {
                    job: { type: "integer", minimum: 1 }, amount: { type: "integer", minimum: 1 } } } } },
              context: {
                company: { host: "shop", description: "The company.", required: true, endpoint: "\(here)/context/company" },
                jobs: { host: "shop", description: "The jobs.", endpoint: "\(here)/context/jobs" } } }
            """
    }

    /// Where its page is.
    var address: String { "http://127.0.0.1:\(port)" }

    /// A user of the sample who signed in there.
    func user(_ name: String) async throws -> Person {
        let answer = try await server.send("POST", "http://127.0.0.1:\(port)/sign-in/\(name)", body: [])
        return Person(server: server, token: try #require(answer["token"]?.string, "\(answer.text)"))
    }

    /// A call of the application as Deckhand makes it, or as somebody without the key tries to.
    func call(
        _ path: String,
        _ body: JSONValue,
        nonce: String,
        at time: Int64 = Int64(Date().timeIntervalSince1970),
        idempotencyKey: String? = nil,
        signedBy key: String = SampleHost.callKey
    ) async throws -> Answer {
        let signer = makeMessageSigner(key: Secret(key))
        let code = TextCoding.hex(signer.code(for: Array("\(time).\(nonce).".utf8) + body.bytes))
        return try await server.send(
            "POST",
            "http://127.0.0.1:\(port)\(path)",
            headers: [
                ("Content-Type", "application/json"),
                ("Idempotency-Key", idempotencyKey ?? body["key"]?.string ?? ""),
                ("Deckhand-Signature", "t=\(time),n=\(nonce),v2=\(code)"),
            ],
            body: body.bytes
        )
    }

    /// Whether something was sent to the sample that it did not read, as /proc/net/tcp shows it (proc_net_tcp in the
    /// kernel's documentation).
    var hasUnreadBytes: Bool {
        let mine = ":" + String(port, radix: 16, uppercase: true)
        let table = String(decoding: Files.special("/proc/net/tcp"), as: UTF8.self)
        return table.split(separator: "\n").dropFirst().contains { line in
            let fields = line.split(separator: " ")
            // Connections that are established, and what waits in their queues.
            guard fields.count > 4, fields[1].hasSuffix(mine), fields[3] == "01" else { return false }
            return !fields[4].hasSuffix(":00000000")
        }
    }

    /// What the sample's own database says.
    func query(_ statement: String) async throws -> String {
        let output = server.folder.file("query-\(UInt32.random(in: 0...UInt32.max))")
        let process = try ChildProcess(
            ["/usr/bin/sqlite3", "-readonly", database, statement],
            environment: [:],
            directory: server.folder.path,
            standardOutput: output,
            standardError: server.folder.file("query.err")
        )
        _ = try await process.wait()
        return Files.text(output).trimmed
    }
}

extension Person {
    /// Begins a turn in a new chat of a user.
    func ask(_ message: String) async throws -> (chat: Int64, turn: Int64) {
        let made = try await call("POST", "/v1/ai/chats", [:])
        let chat = try #require(made["id"]?.integer, "\(made.text)")
        let turn = try await call("POST", "/v1/ai/chats/\(chat)/turns", ["message": .string(message)])
        return (chat, try #require(turn["id"]?.integer, "\(turn.text)"))
    }

    /// The newest of the user's actions once it stands where it should.
    func action(_ state: String) async throws -> Answer {
        try await eventually("an action that is \(state)") {
            let list = try await call("GET", "/v1/ai/actions")
            guard let newest = list["actions"]?.array?.first, newest["state"]?.string == state,
                let id = newest["id"]?.integer
            else { return nil }
            return try await call("GET", "/v1/ai/actions/\(id)")
        }
    }

    /// Waits for the end of a turn, and says how it ended.
    func end(of turn: Int64) async throws -> String {
        try await eventually("the end of the turn") {
            let state = try await call("GET", "/v1/ai/turns/\(turn)")["state"]?.string
            return state == "working" ? nil : state
        }
    }
}
