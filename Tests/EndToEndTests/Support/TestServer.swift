import CLinux
import Core
import HTTPClient
import Synchronization

/// A server of the built program on a private data directory, which can be killed and started again.
///
/// Everything it leaves behind, its commands included, is ended at the end of ``TestServer/with(_:environment:_:)``.
final class TestServer: Sendable {
    /// Requests of all tests.
    static let client: HTTPClient = {
        var configuration = HTTPClientConfiguration()
        configuration.firstByteTimeout = .seconds(90)
        configuration.silenceTimeout = .seconds(90)
        configuration.maximumConcurrentRequests = 1_000
        return HTTPClient(configuration)
    }()

    let folder: WorkFolder
    let hash: String
    let port: UInt16
    /// The data directory.
    let data: String
    private let settings: Mutex<[String: String]>
    private let process = Mutex<ChildProcess?>(nil)

    var baseURL: String { "http://127.0.0.1:\(port)" }
    var log: String { folder.file("server.log") }
    var sessionsDirectory: String { settings.withLock { $0["SESSIONS_DIR"] } ?? data + "/sessions" }
    /// The process now; a test that asks has started it.
    var pid: pid_t { process.withLock { $0?.pid ?? -1 } }
    var child: ChildProcess? { process.withLock { $0 } }

    init(port: UInt16, environment: [String: String] = [:], dataDirectory: String? = nil) throws {
        folder = try WorkFolder()
        self.port = port
        data = dataDirectory ?? folder.file("data")
        hash = TextCoding.hex((0..<24).map { _ in UInt8.random(in: 0...255) })
        settings = Mutex(environment)
        _ = try folder.makeDirectory("work")
    }

    /// Lets a body use a running server; waits for a berth, and cleans up whatever happens.
    static func with<Value: Sendable>(
        _ environment: [String: String] = [:],
        dataDirectory: String? = nil,
        starts: Bool = true,
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        await Berths.shared.take()
        do {
            let server = try TestServer(
                port: try await Ports.shared.take(),
                environment: environment,
                dataDirectory: dataDirectory
            )
            do {
                if starts { try await server.start() }
                let value = try await body(server)
                await server.sweep()
                await Berths.shared.give()
                return value
            } catch {
                await server.sweep()
                throw TestTrouble("\(error)\n--- the end of the server's log:\n\(server.logTail)")
            }
        } catch {
            await Berths.shared.give()
            throw error
        }
    }

    // MARK: Life

    /// The environment of the server and of the command line beside it.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder.path,
            "DECKHAND_DATA": data,
            "PORT": String(port), "HASH": hash, "E2E_SERVER": folder.path, "DECKHAND_ENV_ALLOW": "E2E_SERVER",
            // The first start hashes a passphrase.
            "DECKHAND_PASSPHRASE_COST": "4",
        ]
        .merging(settings.withLock { $0 }) { $1 }.merging(more) { $1 }.filter { !$0.value.isEmpty }
    }

    /// Starts the program and waits until it is ready.
    func start(
        _ more: [String: String] = [:],
        through wrapper: [String] = [],
        handingOver descriptor: Int32 = -1
    ) async throws {
        try launch(more, through: wrapper, handingOver: descriptor)
        try await waitUntilReady()
    }

    /// Starts the program, or a wrapper that becomes it.
    func launch(
        _ more: [String: String] = [:],
        through wrapper: [String] = [],
        handingOver descriptor: Int32 = -1
    ) throws {
        let child = try ChildProcess(
            wrapper + [Programs.deckhand, "serve"],
            environment: environment(more),
            directory: folder.file("work"),
            standardOutput: folder.file("server.out"),
            standardError: log,
            handedOver: descriptor
        )
        process.withLock { $0 = child }
    }

    func waitUntilReady(within limit: Duration = .seconds(120)) async throws {
        try await eventually(within: limit, "a server that is ready") {
            if let ended = child?.ended { throw TestTrouble("the server ended: \(ended)") }
            return (try? await get("/readyz", hash: nil))?.status == 200
        }
    }

    /// Kills the server and takes leave of it.
    func kill() async throws {
        child?.send(SIGKILL)
        _ = try await child?.wait()
    }

    func restart(_ more: [String: String] = [:]) async throws {
        try await kill()
        try await start(more)
    }

    /// Changes the environment of later starts; empty takes a name away.
    func set(_ name: String, _ value: String) { settings.withLock { $0[name] = value } }

    /// Ends the server and everything that it started.
    func sweep() async {
        await child?.destroy()
        for _ in 0..<200 {
            let left =
                ProcessList.withEnvironment(containing: "E2E_SERVER=\(folder.path)")
                + ProcessList.withCommandLine(containing: folder.path)
            if left.isEmpty { return }
            for pid in left { _ = CLinux.kill(pid, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    var logTail: String { String(Files.text(log).suffix(3_000)) }

    // MARK: Requests

    /// A GET with the hash (unless told otherwise) and these parameters.
    func get(
        _ path: String,
        _ items: [(String, String)] = [],
        hash: String?? = .none,
        headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        var items = items
        switch hash {
        case .none: items.insert(("hash", self.hash), at: 0)
        case .some(let hash?): items.insert(("hash", hash), at: 0)
        case .some(nil): break
        }
        let query = items.isEmpty ? "" : "?" + Escaping.query(items)
        return try await send("GET", baseURL + path + query, headers: headers)
    }

    /// A request to the JSON face with the hash as bearer credential, or another one.
    func call(
        _ method: String,
        _ path: String,
        _ body: JSONValue? = nil,
        bearer: String? = nil,
        headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        try await call(method, path, bytes: body?.bytes, bearer: bearer, headers: headers)
    }

    func call(
        _ method: String,
        _ path: String,
        bytes: [UInt8]?,
        bearer: String? = nil,
        headers: [(name: String, value: String)] = [],
        type: String = "application/json"
    ) async throws -> Answer {
        var headers = headers + [("Authorization", "Bearer " + (bearer ?? hash))]
        if bytes != nil { headers.append(("Content-Type", type)) }
        return try await send(method, baseURL + path, headers: headers, body: bytes)
    }

    /// A request to an absolute URL.
    func send(
        _ method: String = "GET",
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        let response = try await Self.client.send(
            HTTPClientRequest(method, url, headers: headers, body: body)
        )
        return Answer(
            status: response.status,
            headers: response.headers,
            body: try await response.body.collect(limit: 256 << 20)
        )
    }
}
