import CLinux
import Core
import Domain

/// Reads the value of a secret: from a terminal without showing it and twice, else all of standard input.
struct SecretValueReader: Sendable {
    private let console: any Console

    init(_ console: any Console) { self.console = console }

    /// Throws `Failure` as ``PassphraseReader`` does for a terminal, and `invalid_secret` for too much input.
    func read() async throws -> Secret<[UInt8]> {
        guard isatty(0) != 1 else {
            return Secret(Array(try await PassphraseReader(console, asks: "Value").read().reveal().utf8))
        }
        let input = DescriptorStream(0, name: "stdin")
        var bytes: [UInt8] = []
        while true {
            let next = try await input.read(upTo: 4_096)
            if next.isEmpty { break }
            bytes += next
            guard bytes.count <= NamedSecret.longest + 1 else {
                throw Failure(
                    .unprocessable,
                    code: "invalid_secret",
                    message: "A secret has at most \(NamedSecret.longest) bytes.",
                    hint: "Put it into a file that only its user reads, and let the command read that file."
                )
            }
        }
        if bytes.last == 10 { bytes.removeLast() }
        return Secret(bytes)
    }
}
