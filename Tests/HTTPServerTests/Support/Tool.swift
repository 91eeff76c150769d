import CLinux
import Core
import Glibc

/// Runs a program of the machine, such as openssl, for a test.
enum Tool {
    struct Failure: Error {
        let status: Int32
        let output: String
    }

    /// Runs a shell command to its end and returns what it wrote; throws when it fails.
    static func shell(_ command: String) async throws -> String {
        try await DedicatedThread(name: "tool").run {
            guard let pipe = unsafe popen("{ \(command); } 2>&1", "re") else {
                throw Failure(status: -1, output: "")
            }
            var output: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = unsafe fread(&buffer, 1, buffer.count, pipe)
                if count == 0 { break }
                output += buffer.prefix(count)
            }
            let status = unsafe pclose(pipe)
            let text = String(decoding: output, as: UTF8.self)
            guard status == 0 else { throw Failure(status: status, output: text) }
            return text
        }
    }

    /// Makes a folder for the time of a closure.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = "/tmp/http-test-\(UInt64.random(in: 0 ... .max))"
        guard unsafe mkdir(path, 0o700) == 0 else { throw Failure(status: dh_errno(), output: path) }
        do { try await body(path) } catch {
            _ = try? await shell("rm -r '\(path)'")
            throw error
        }
        _ = try await shell("rm -r '\(path)'")
    }
}
