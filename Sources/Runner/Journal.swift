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
            let isLinked = link(spec, folder) {
                unsafe withCString(name) { unsafe dh_link_unnamed(unnamed, folder, $0) }
            }
            return isLinked ? claimed(spec, folder, Journal(descriptor: unnamed, line: line)) : nil
        }
        // A file system without O_TMPFILE: a name of our own first, then the same link.
        let temporary = text(".") + name + text(".") + decimal(getpid())
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe withCString(temporary) { unsafe dh_openat(folder, $0, flags, 0o600) }
        guard file >= 0 else { return nil }
        defer { _ = unsafe withCString(temporary) { unsafe unlinkat(folder, $0, 0) } }
        guard writeAll(file, line) == 0 else { return nil }
        let isLinked = link(spec, folder) {
            unsafe withCString(temporary) { from in
                unsafe withCString(name) { to in unsafe linkat(folder, from, folder, to, 0) }
            }
        }
        return isLinked ? claimed(spec, folder, Journal(descriptor: file, line: line)) : nil
    }

    /// What has a name of this ticket's files now is not ours: nothing of a run is there before its claim.
    private static func claimed(_ spec: RunSpec, _ folder: Int32, _ journal: Journal) -> Journal {
        _ = moveAside([text(".ticket"), text(".in"), text(".size")], spec, folder)
        return journal
    }

    /// Gives the journal its name, once more if what had it was another ticket's.
    private static func link(_ spec: RunSpec, _ folder: Int32, _ body: () -> Int32) -> Bool {
        if body() == 0 { return true }
        guard dh_errno() == EEXIST, setAside(spec, folder) else { return false }
        return body() == 0
    }

    /// Moves the files of another ticket that had this number aside; false when they are this ticket's, or cannot be
    /// told or moved.
    ///
    /// One runner at a time does it, so that none moves what another one has just linked.
    private static func setAside(_ spec: RunSpec, _ folder: Int32) -> Bool {
        let lock = unsafe withCString(text(".")) {
            unsafe dh_openat(folder, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard lock >= 0 else { return false }
        defer { _ = CLinux.close(lock) }
        guard flock(lock, LOCK_EX) == 0 else { return false }
        let name = decimal(spec.number) + text(".run")
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = unsafe withCString(name) { unsafe dh_openat(folder, $0, flags, 0) }
        // Another runner may have moved it meanwhile.
        guard file >= 0 else { return dh_errno() == ENOENT }
        defer { _ = CLinux.close(file) }
        guard let line = readAll(file, limit: 4_096).split(separator: 10).first,
            case .runner(_, let token, _, _, _) = JournalRecord(line: line), token != spec.token
        else { return false }
        // The journal last: as long as it is there, whoever comes next goes on with this.
        return moveAside([text(".ticket"), text(".in"), text(".size"), text(".run")], spec, folder)
    }

    private static func moveAside(_ endings: [[UInt8]], _ spec: RunSpec, _ folder: Int32) -> Bool {
        let mark = text(".aside-") + decimal(microseconds(CLOCK_REALTIME))
        for ending in endings {
            let old = decimal(spec.number) + ending
            let isMoved = unsafe withCString(old) { from in
                unsafe withCString(old + mark) { to in unsafe renameat(folder, from, folder, to) }
            }
            guard isMoved == 0 || dh_errno() == ENOENT else { return false }
        }
        return true
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
