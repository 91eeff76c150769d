import CLinux
import Core
import Domain

/// Reads a passphrase from standard input: a terminal's without showing it and twice, else one line.
struct PassphraseReader: Sendable {
    private static let longest = 4_096
    private let input = DescriptorStream(0, name: "stdin")
    private let console: any Console

    private let subject: String

    /// `asks` is what a terminal is asked for.
    init(_ console: any Console, asks subject: String = "Passphrase") {
        self.console = console
        self.subject = subject
    }

    /// Throws `Failure` with codes `passphrase_missing` or `passphrases_differ`, and `CancellationError` on Ctrl-C.
    func read() async throws -> Secret<String> {
        guard isatty(0) == 1 else { return try await line() }
        let terminal = QuietTerminal()
        defer { terminal.restore() }
        try await console.writeError(Array("\(subject): ".utf8))
        let first = try await line()
        try await console.writeError(Array("\nOnce more: ".utf8))
        let second = try await line()
        await console.say("")
        guard first.reveal() == second.reveal() else {
            throw Failure(
                .unprocessable,
                code: "passphrases_differ",
                message: "What was typed the second time differs.",
                hint: "Start the command again."
            )
        }
        return first
    }

    /// Asks a terminal for one line, which is shown while it is typed unless `hides` says otherwise.
    func ask(_ question: String, hides: Bool) async throws -> Secret<String> {
        let terminal = QuietTerminal(hides: hides)
        defer { terminal.restore() }
        try await console.writeError(Array(question.utf8))
        let line = try await line()
        if hides { await console.say("") }
        return line
    }

    private func line() async throws -> Secret<String> {
        var bytes: [UInt8] = []
        while bytes.count <= Self.longest {
            // One at a time: what follows the line is not ours.
            let next = try await input.read(upTo: 1)
            guard let byte = next.first, byte != 10 else { break }
            if byte == QuietTerminal.interrupt { throw CancellationError() }
            bytes.append(byte)
        }
        if bytes.last == 13 { bytes.removeLast() }
        guard let text = String(strictUTF8: bytes), !text.isEmpty else {
            throw Failure(
                .unprocessable,
                code: "passphrase_missing",
                message: "There is no line in UTF-8 on standard input.",
                hint: "Type one, send a line to standard input, or let --generate make one."
            )
        }
        return Secret(text)
    }
}

/// A terminal that shows nothing of what is typed (termios(3)).
///
/// Ctrl-C arrives as a byte meanwhile, so that no signal leaves the terminal as it is.
private struct QuietTerminal {
    static let interrupt: UInt8 = 3
    private let earlier: termios

    init(hides: Bool = true) {
        var settings = termios()
        _ = unsafe tcgetattr(0, &settings)
        earlier = settings
        settings.c_lflag &= ~tcflag_t(hides ? ECHO | ISIG : ISIG)
        // Ends a line, as if it were one: otherwise it would wait for the line's end. The place is VEOL.
        settings.c_cc.11 = Self.interrupt
        _ = unsafe tcsetattr(0, TCSAFLUSH, &settings)
    }

    func restore() {
        var settings = earlier
        _ = unsafe tcsetattr(0, TCSAFLUSH, &settings)
    }
}
