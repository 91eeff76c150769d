import CLinux
import Core
import FoundationEssentials

/// The built programs that the tests start, and where they are.
enum Programs {
    /// The folder of the debug build that this test program belongs to.
    static let folder: String = {
        for argument in CommandLine.arguments where argument.contains(".build/") {
            var path = argument
            while let slash = path.lastIndex(of: "/") {
                path = String(path[..<slash])
                if FileManager.default.isExecutableFile(atPath: path + "/deckhand") { return path }
            }
        }
        var path = #filePath
        while let slash = path.lastIndex(of: "/"), !path.isEmpty {
            path = String(path[..<slash])
            if FileManager.default.isExecutableFile(atPath: path + "/.build/debug/deckhand") {
                return path + "/.build/debug"
            }
        }
        return ".build/debug"
    }()

    /// The server and command line.
    static var deckhand: String { folder + "/deckhand" }
    /// The supervisor of one ticket.
    static var runner: String { folder + "/deckhand-runner" }

    /// Whether the tests may mount file systems and change users.
    static let areRoot = geteuid() == 0
}

/// What is wrong with a test's surroundings, in words.
struct TestTrouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks until there is an answer or the time is up; the one place where tests wait.
func eventually<Value>(
    within limit: Duration = .seconds(60),
    _ what: String,
    every pause: Duration = .milliseconds(5),
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await look() { return value }
        guard ContinuousClock.now < deadline else { throw TestTrouble("\(limit) went by without: \(what)") }
        try await Task.sleep(for: pause)
    }
}

/// Waits until a condition holds.
func eventually(within limit: Duration = .seconds(60), _ what: String, holds: () async throws -> Bool)
    async throws
{
    _ = try await eventually(within: limit, what) { try await holds() ? true : nil }
}

/// Lets a bounded number of servers run at a time, so that a test machine with two cores is not swamped.
actor Berths {
    static let shared = Berths(5)
    /// A browser takes more of the machine than a server does.
    static let browsers = Berths(3)
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
