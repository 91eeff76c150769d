import CLinux
import FoundationEssentials

/// A folder of a test's own, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init(in parent: String = "/tmp") {
        var template = Array("\(parent)/deckhand-test-XXXXXX".utf8CString)
        path = unsafe String(cString: mkdtemp(&template))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String, mode: mode_t = 0o600) {
        let file = path + "/" + name
        try? Data(text.utf8).write(to: URL(filePath: file))
        _ = unsafe chmod(file, mode)
    }

    func makeFolder(_ name: String) { _ = unsafe mkdir(path + "/" + name, 0o700) }

    func read(_ name: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path + "/" + name))).map { String(decoding: $0, as: UTF8.self) }
    }

    func mode(of name: String) -> mode_t {
        var status = stat()
        _ = unsafe lstat(path + "/" + name, &status)
        return status.st_mode & 0o7777
    }
}
