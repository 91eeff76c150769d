import CLinux
import Core
import Domain
import Testing

@testable import deckhand

@Suite struct DataDirectoryTests {
    private let folder = TemporaryFolder()

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.dataDirectory = folder.path + "/a/data"
        return configuration
    }

    private func code(_ configuration: Configuration) -> Failure? {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            do throws(Failure) {
                _ = try openDataDirectory(configuration)
                return nil
            } catch {
                // A program that another test starts holds the lock of the try before until it is executed.
                guard error.code == "data_directory_in_use", ContinuousClock.now < end else { return error }
                sched_yield()
            }
        }
    }

    @Test("the first start makes a private directory with keys and hash, the second one finds them")
    func firstStart() throws {
        let first = try openDataDirectory(configuration)
        #expect(first.isFirstStart)
        #expect(first.masterKey.reveal().count == 32)
        #expect(try first.serverHash().reveal().utf8.count == 43)
        #expect(folder.mode(of: "a/data") == 0o700)
        #expect(folder.mode(of: "a/data/keys") == 0o700)
        #expect(folder.mode(of: "a/data/keys/master") == 0o600)
        #expect(folder.mode(of: "a/data/hash") == 0o600)
        let beside = try openExistingDataDirectory(configuration)
        #expect(!beside.isFirstStart)
        #expect(try beside.serverHash().reveal() == first.serverHash().reveal())
        #expect(beside.masterKey.reveal() == first.masterKey.reveal())
    }

    @Test("one server at a time; the message names the other's process")
    func lock() throws {
        do {
            let first = try openDataDirectory(configuration)
            let refusal = try #require(code(configuration))
            #expect(refusal.code == "data_directory_in_use")
            #expect(refusal.message.contains("process \(getpid())"))
            #expect(first.isFirstStart)
        }
        #expect(code(configuration) == nil)
    }

    @Test("a lock that a dead server's child still holds is waited for")
    func lockOfADeadServer() async throws {
        _ = try openDataDirectory(configuration)
        // Beyond what process ids can be (proc(5), pid_max).
        folder.write("4194399\n", to: "a/data/deckhand.lock")
        let child = unsafe dh_open(configuration.dataDirectory + "/deckhand.lock", O_RDWR | O_CLOEXEC, 0)
        // A program that another test starts at this moment may hold the descriptor until it is executed.
        while flock(child, LOCK_EX | LOCK_NB) != 0 { await Task.yield() }
        async let second: Bool = DedicatedThread(name: "second").run { [configuration] in
            try openDataDirectory(configuration).isFirstStart
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while !Self.isWaiting(configuration.dataDirectory + "/deckhand.lock"), .now < deadline {
            await Task.yield()
        }
        close(child)
        #expect(try await second == false)
    }

    /// Says whether a second descriptor of this process has the file open.
    private static func isWaiting(_ path: String) -> Bool {
        (3..<16_384).filter { number in
            var target = [CChar](repeating: 0, count: 4_096)
            let count = unsafe readlink("/proc/self/fd/\(number)", &target, target.count)
            return count > 0
                && String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
        }.count >= 2
    }

    @Test("a configured hash is used and no file is made")
    func configuredHash() throws {
        var configuration = configuration
        configuration.hash = Secret(String(repeating: "x", count: 40))
        let server = try openDataDirectory(configuration)
        #expect(try server.serverHash().reveal() == String(repeating: "x", count: 40))
        #expect(folder.read("a/data/hash") == nil)
        // A command beside the server may not know where that was configured.
        configuration.hash = nil
        #expect(try openExistingDataDirectory(configuration).hash == nil)
        #expect(folder.read("a/data/hash") == nil)
    }

    @Test("directories and secrets that others can reach are refused")
    func permissions() throws {
        _ = try openDataDirectory(configuration)
        let data = configuration.dataDirectory
        _ = unsafe chmod(data, 0o770)
        #expect(code(configuration)?.code == "data_directory_unsafe")
        _ = unsafe chmod(data, 0o755)
        #expect(code(configuration) == nil)
        _ = unsafe chmod(data + "/keys/master", 0o640)
        #expect(code(configuration)?.code == "data_directory_unsafe")
        _ = unsafe chmod(data + "/keys/master", 0o600)
        _ = unsafe chmod(data + "/hash", 0o644)
        #expect(code(configuration)?.code == "data_directory_unsafe")
        _ = unsafe chmod(data + "/hash", 0o600)
        folder.write("too short\n", to: "a/data/hash")
        #expect(code(configuration)?.code == "invalid_hash")
        #expect(code(configuration)?.message.contains("too short") == false)
        folder.write("cut", to: "a/data/keys/master")
        #expect(code(configuration)?.code == "data_directory_unusable")
    }

    @Test("a directory of somebody else is refused", .enabled(if: geteuid() == 0, "needs root"))
    func foreignOwner() throws {
        _ = try openDataDirectory(configuration)
        _ = unsafe chown(configuration.dataDirectory, 12_345, 12_345)
        #expect(code(configuration)?.code == "data_directory_unsafe")
    }

    @Test("commands beside the server do not make a directory")
    func missing() {
        #expect(throws: Failure.self) { try openExistingDataDirectory(configuration) }
        #expect(folder.read("a/data/hash") == nil)
        var other = configuration
        other.dataDirectory = "/proc/deckhand"
        #expect(code(other)?.code == "data_directory_unusable")
    }
}
