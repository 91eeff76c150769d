import CLinux

/// The input of an interactive run: frames from a named pipe, passed on as fast as the command reads.
///
/// A terminal has the pipe to its end, because its size may change also after its input: `n.in` while it takes input,
/// `n.size` else.
final class InputChannel {
    private let folder: Int32
    private let inputName: [UInt8]
    private let sizeName: [UInt8]
    private var name: [UInt8]
    private let terminal: Int32
    private(set) var source: Int32 = -1
    /// The command's end: a pipe, or the terminal.
    private(set) var target: Int32
    private let isTerminal: Bool
    private var frames: [UInt8] = []
    private var pending: [UInt8] = []
    private var closes = false

    /// Makes the named pipe, open for both directions so that it never ends by itself.
    init(spec: RunSpec, folder: Int32, target: Int32, isTerminal: Bool, bytes: [UInt8]?) {
        self.folder = folder
        self.target = target
        self.isTerminal = isTerminal
        terminal = isTerminal ? target : -1
        inputName = decimal(spec.number) + text(".in")
        sizeName = decimal(spec.number) + text(".size")
        name = bytes == nil ? inputName : sizeName
        if let bytes {
            pending = bytes
            closes = true
            if !isTerminal { return }
        }
        guard unsafe withCString(name, { unsafe mkfifoat(folder, $0, 0o600) }) == 0 else { return }
        source = unsafe withCString(name) {
            unsafe dh_openat(folder, $0, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0)
        }
        _ = dh_fcntl(source, F_SETPIPE_SZ, 1 << 18)
    }

    /// More frames are wanted: nothing waits to be passed on.
    var wantsFrames: Bool { source >= 0 && pending.isEmpty && !closes }
    /// Something waits to be passed on.
    var wantsToWrite: Bool { target >= 0 && (!pending.isEmpty || closes) }

    /// Takes what the server wrote.
    func takeFrames() {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe read(source, &buffer, buffer.count)
        guard count > 0 else { return }
        frames += buffer[..<count]
        while frames.count >= InputFrame.headSize {
            let length = Int(frames[1]) | Int(frames[2]) << 8
            guard frames.count >= InputFrame.headSize + length else { break }
            let payload = frames[InputFrame.headSize..<(InputFrame.headSize + length)]
            switch frames[0] {
            case InputFrame.data where target >= 0: pending += payload
            case InputFrame.close where target >= 0: closes = true
            case InputFrame.resize: resize(Array(payload))
            default: break
            }
            frames.removeFirst(InputFrame.headSize + length)
        }
        passOn()
    }

    /// Writes what the command takes now.
    func passOn() {
        while !pending.isEmpty, target >= 0 {
            let count = unsafe pending.withUnsafeBytes { unsafe write(target, $0.baseAddress, $0.count) }
            if count < 0, dh_errno() == EINTR { continue }
            if count < 0, dh_errno() == EAGAIN { return }
            guard count > 0 else { return endInput() }
            pending.removeFirst(count)
        }
        guard closes else { return }
        if isTerminal, target >= 0 {
            // A terminal has no end of file; the EOF character at the start of a line is read as one (termios(3)).
            var endOfFile: UInt8 = 4
            if unsafe write(target, &endOfFile, 1) < 0, dh_errno() == EAGAIN { return }
        }
        endInput()
    }

    /// Takes no more input; a terminal's size can still be changed.
    private func endInput() {
        guard isTerminal, source >= 0 else { return shut() }
        if name == inputName {
            let isRenamed =
                unsafe withCString(inputName) { from in
                    unsafe withCString(sizeName) { unsafe renameat(folder, from, folder, $0) }
                } == 0
            guard isRenamed else { return shut() }
            name = sizeName
        }
        target = -1
        pending = []
        closes = false
    }

    /// Takes no more frames and removes the named pipe; a write by the server fails from now on.
    func shut() {
        if source >= 0 {
            _ = unsafe withCString(name) { unsafe unlinkat(folder, $0, 0) }
            _ = close(source)
            source = -1
        }
        if target >= 0, !isTerminal { _ = close(target) }
        target = -1
        pending = []
        closes = false
    }

    private func resize(_ payload: [UInt8]) {
        guard isTerminal, payload.count == 4 else { return }
        var size = winsize()
        size.ws_col = UInt16(payload[0]) | UInt16(payload[1]) << 8
        size.ws_row = UInt16(payload[2]) | UInt16(payload[3]) << 8
        _ = unsafe dh_ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }
}
