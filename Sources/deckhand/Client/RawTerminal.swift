import CLinux
import Domain

/// This process's terminal in raw mode: every key goes to the command, and nothing is shown but what it sends (termios(3)).
struct RawTerminal {
    private let before: termios

    /// Nil when standard input or output is no terminal.
    init?() {
        guard isatty(0) == 1, isatty(1) == 1 else { return nil }
        var settings = termios()
        guard unsafe tcgetattr(0, &settings) == 0 else { return nil }
        before = settings
        unsafe cfmakeraw(&settings)
        guard unsafe tcsetattr(0, TCSADRAIN, &settings) == 0 else { return nil }
    }

    /// Makes it what it was.
    func restore() {
        var settings = before
        _ = unsafe tcsetattr(0, TCSADRAIN, &settings)
    }

    /// The size of the terminal at standard output; nil when there is none or it does not say.
    static var size: TerminalSize? {
        var size = winsize()
        guard unsafe dh_ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        let largest = UInt16(TerminalSize.range.upperBound)
        return TerminalSize(columns: Int(min(size.ws_col, largest)), rows: Int(min(size.ws_row, largest)))
    }
}

/// A console on a terminal in raw mode, where a line of our own needs both characters of a line's end.
struct RawConsole: Console {
    let base: any Console

    var isInteractive: Bool { base.isInteractive }

    func write(_ bytes: [UInt8]) async throws { try await base.write(bytes) }

    /// A command on a terminal has one stream; so this is ours.
    func writeError(_ bytes: [UInt8]) async throws {
        try await base.writeError(bytes.flatMap { $0 == 10 ? [13, 10] : [$0] })
    }
}
