import Core

/// A command line to try the server with: it reads the hash from where the server has it, so that the hash itself stands
/// in no terminal and no history.
struct FirstCall: Sendable {
    /// As configured; nil for the one in the data directory.
    let hash: Secret<String>?
    let source: ConfigurationSource?
    /// The data directory.
    let data: String

    func line(_ baseURL: String) -> String {
        "curl -G \(baseURL)/shell --data-urlencode \"hash=\(value)\" --data-urlencode 'cmd=uname -a' -d wait=10"
    }

    /// What stands for the hash, within double quotes of a shell.
    private var value: String {
        guard let hash else { return "$(cat \(Self.quoted(data + "/hash")))" }
        guard case .environmentFile(let path, let line) = source, Self.isPlain(hash.reveal()) else {
            return "$HASH"
        }
        // The line may begin with `export`, and the value be in quotes with a remark behind it.
        let program = "\(line)s/^[^=]*=[^\(Self.plain)]*\\([\(Self.plain)]*\\).*/\\1/p"
        return "$(sed -n '\(program)' \(Self.quoted(path)))"
    }

    /// Bytes that need no quotes anywhere, as a class of sed(1); the slash would end its program's part.
    private static let plain = "[:alnum:]_.+=@%:,-"

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "_.+=@%:,-".utf8.contains(byte)
            }
        }
    }

    private static func quoted(_ path: String) -> String {
        "'" + path.replacing("'", with: "'\\''") + "'"
    }
}
