import CLinux

/// Standard input as a terminal whose keys arrive one by one and are not shown (termios(3)), or line by line.
///
/// Ctrl-C stays a signal in both.
struct KeyTerminal {
    private let lines: termios
    private let keys: termios

    /// Nil when standard input is no terminal.
    init?() {
        guard isatty(0) == 1 else { return nil }
        var settings = termios()
        guard unsafe tcgetattr(0, &settings) == 0 else { return nil }
        lines = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        keys = settings
    }

    /// From now on keys; what was typed before is thrown away.
    func readKeys() { set(keys) }

    /// From now on lines, as it was.
    func readLines() { set(lines) }

    private func set(_ settings: termios) {
        var settings = settings
        _ = unsafe tcsetattr(0, TCSAFLUSH, &settings)
    }
}
