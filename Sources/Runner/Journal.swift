import CLinux

/// The journal of one run, as its runner writes it.
final class Journal {
    private static let block = 4_096
    /// Enough for the last line.
    private static let reserve = 1_024

    private static let longestText = 2_048

    private let descriptor: Int32
    private var size: Int
    /// All lines so far, if they are few and in the file.
    private(set) var lines: [UInt8]?
    private(set) var isSynced = false
    /// All lines so far are in the file.
    private(set) var isWhole = true
    private var room = Journal.block
    private var held: [UInt8] = []

    private init(descriptor: Int32, line: [UInt8]) {
        self.descriptor = descriptor
        size = line.count
        lines = line
    }

    /// Claims a ticket by giving its journal, first line included, its name in one step; nil when it is somebody else's.
    ///
    /// Whoever links first runs the command. The first block is there with the
    /// first line, so that the last line can be written on a full disk.
    static func claim(_ spec: RunSpec, folder: Int32, boot: [UInt8], start: Int64) -> Journal? {
        let line = JournalRecord.runner(
            version: JournalRecord.version,
            token: spec.token,
            pid: Int64(getpid()),
            start: start,
            boot: boot
        ).line
        let name = decimal(spec.number) + text(".run")
        let unnamed = dh_open_unnamed(folder, O_WRONLY | O_APPEND, 0o600)
        if unnamed >= 0 {
            guard writeAll(unnamed, line) == 0 else { return nil }
            guard unsafe withCString(name, { unsafe dh_link_unnamed(unnamed, folder, $0) }) == 0 else {
                return nil
            }
            return Journal(descriptor: unnamed, line: line)
        }
        // A file system without O_TMPFILE: a name of our own first, then the same link.
        let temporary = text(".") + name + text(".") + decimal(getpid())
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe withCString(temporary) { unsafe dh_openat(folder, $0, flags, 0o600) }
        guard file >= 0 else { return nil }
        defer { _ = unsafe withCString(temporary) { unsafe unlinkat(folder, $0, 0) } }
        guard writeAll(file, line) == 0 else { return nil }
        let linked = unsafe withCString(temporary) { from in
            unsafe withCString(name) { to in unsafe linkat(folder, from, folder, to, 0) }
        }
        return linked == 0 ? Journal(descriptor: file, line: line) : nil
    }

    /// Appends a line together with the next one, or when the held ones are released.
    ///
    /// For what a reader can do without for some milliseconds: each write costs as much as a few lines.
    func hold(_ record: JournalRecord) { held += record.line }

    /// Writes what is held.
    func release() { if !held.isEmpty { append([]) } }

    /// Appends a line.
    func write(_ record: JournalRecord) { append(record.line) }

    private func append(_ added: [UInt8]) {
        let line = held + added
        held = []
        size += line.count
        if size + Self.reserve > room {
            room = (size + Self.reserve) / Self.block * Self.block + Self.block
            _ = dh_reserve(descriptor, room)
        }
        isSynced = false
        if writeAll(descriptor, line) != 0 { isWhole = false }
        if isWhole, size <= Self.longestText { lines?.append(contentsOf: line) } else { lines = nil }
    }

    /// Appends a note.
    func note(_ sentence: [UInt8]) { write(.note(sentence)) }

    /// Brings it to the disk, once.
    func sync() {
        guard !isSynced else { return }
        isSynced = true
        if fdatasync(descriptor) != 0 { lines = nil }
    }

    /// Nothing more is written.
    func close() { _ = CLinux.close(descriptor) }
}
