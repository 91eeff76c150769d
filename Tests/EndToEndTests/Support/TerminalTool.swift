import CLinux
import Core
import Synchronization

/// The command line at a pseudo-terminal (pty(7)), with what it showed so far.
final class TerminalTool: Sendable {
    let process: ChildProcess
    private let master: Int32
    private let shown = Mutex<[UInt8]>([])

    /// Starts `deckhand` with these words beside a server.
    init(
        _ words: [String],
        of server: TestServer,
        _ more: [String: String] = [:],
        size: (columns: UInt16, rows: UInt16) = (80, 24)
    ) throws {
        master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var name = [CChar](repeating: 0, count: 64)
        guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0,
            unsafe ptsname_r(master, &name, name.count) == 0
        else { throw TestTrouble("no pseudo-terminal can be made") }
        Self.resize(master, size.columns, size.rows)
        let slave = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        process = try ChildProcess(
            [Programs.deckhand] + words,
            environment: server.environment(more),
            directory: server.folder.file("work"),
            standardInput: slave,
            standardOutput: slave,
            standardError: slave
        )
    }

    deinit { _ = close(master) }

    /// Gives the terminal a size; a program whose controlling terminal it is not is told with SIGWINCH by the test.
    func resize(columns: UInt16, rows: UInt16) { Self.resize(master, columns, rows) }

    private static func resize(_ terminal: Int32, _ columns: UInt16, _ rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = unsafe dh_ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }

    /// The flags of the terminal, input, output, control and local (termios(3)).
    var settings: [tcflag_t] {
        var settings = termios()
        guard unsafe tcgetattr(master, &settings) == 0 else { return [] }
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }

    var isRaw: Bool { settings.last.map { $0 & tcflag_t(ICANON | ECHO | ISIG) == 0 } ?? false }

    /// What stands on the screen, line ends as in files.
    var text: String {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            shown.withLock { $0 += buffer[..<count] }
        }
        return String(decoding: shown.withLock(\.self).filter { $0 != 13 }, as: UTF8.self)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe write(master, bytes, bytes.count)
    }

    /// Waits until a text is shown, so often in all.
    func see(_ part: String, times: Int = 1, within limit: Duration = .seconds(60)) async throws {
        do {
            try await eventually(within: limit, "“\(part)” on the screen") {
                text.split(separator: part, omittingEmptySubsequences: false).count > times
            }
        } catch { throw TestTrouble("\(error); it shows: \(text)") }
    }

    /// Presses a key until what it leads to is shown: questions take no keys in their first moment.
    func press(_ key: String, until part: String) async throws {
        let clock = ContinuousClock()
        var next = clock.now
        do {
            try await eventually(within: .seconds(60), "“\(part)” after \(key)") {
                if text.contains(part) { return true }
                if clock.now >= next {
                    type(key)
                    next = clock.now + .milliseconds(600)
                }
                return false
            }
        } catch { throw TestTrouble("\(error); it shows: \(text)") }
    }
}
