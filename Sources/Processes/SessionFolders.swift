internal import CLinux
internal import Domain

/// The sessions directory.
///
/// Folders and files are opened through descriptors, and planted links are never followed.
struct SessionFolders: Sendable {
    private let root: Descriptor

    /// Opens the directory, making it if it is missing.
    init(path: String) throws {
        if unsafe mkdir(path, 0o711) != 0, dh_errno() != EEXIST { throw SystemFailure.current("mkdir") }
        guard let root = unsafe Descriptor(dh_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)) else {
            throw SystemFailure.current("open")
        }
        self.root = root
        dh_spread_folders(root.raw)
    }

    /// Opens a session's folder; nil when it is not there, or is not a folder.
    func existing(_ folder: SessionName) -> Descriptor? {
        unsafe Descriptor(
            dh_openat(root.raw, folder.rawValue, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        )
    }

    /// Opens a session's folder, made with mode 0700 if it is missing.
    func make(_ folder: SessionName) throws -> Descriptor {
        if let found = existing(folder) { return found }
        if unsafe mkdirat(root.raw, folder.rawValue, 0o700) != 0, dh_errno() != EEXIST {
            throw Failure(
                .unavailable,
                code: "session_folder",
                message: "The session's folder could not be made.",
                hint: "See whether the disk is full and the sessions directory is writable."
            )
        }
        guard let made = existing(folder) else {
            throw Failure(
                .conflict,
                code: "session_folder",
                message: "The session's folder is not a directory of the server's.",
                hint: "Remove what lies under that name in the sessions directory."
            )
        }
        return made
    }

    /// Opens a file of a folder for reading.
    static func file(_ name: String, in folder: Descriptor) -> Descriptor? {
        guard
            let file = unsafe Descriptor(
                dh_openat(folder.raw, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0)
            )
        else { return nil }
        var status = stat()
        guard unsafe fstat(file.raw, &status) == 0, status.st_mode & UInt32(S_IFMT) == UInt32(S_IFREG) else {
            return nil
        }
        return file
    }

    /// Reads a small file of a folder whole; nil when it is missing.
    static func contents(_ name: String, in folder: Descriptor, limit: Int = 4 << 20) -> [UInt8]? {
        file(name, in: folder)?.read(at: 0, count: 4_096).flatMap { first in
            first.count < 4_096 ? first : file(name, in: folder)?.read(at: 0, count: limit)
        }
    }

    /// Removes files of a ticket.
    static func remove(_ names: [String], in folder: Descriptor) {
        for name in names { _ = unsafe unlinkat(folder.raw, name, 0) }
    }

    /// Removes a folder with its files.
    ///
    /// It is moved aside first, so that a session of the same name never finds half of it. Ours contain no folders; one
    /// that was put there is left, and so is its parent.
    func remove(_ folder: SessionName) {
        guard existing(folder) != nil else { return }
        // No session's name begins with a dot.
        let aside = Self.removed + "\(UInt64.random(in: 0...UInt64.max))"
        guard unsafe renameat(root.raw, folder.rawValue, root.raw, aside) == 0 else { return }
        remove(aside: aside)
    }

    /// Removes what an end in the middle of a removal left.
    func sweep() {
        for name in Self.names(in: root) where name.hasPrefix(Self.removed) { remove(aside: name) }
    }

    private static let removed = ".removed-"

    private func remove(aside name: String) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        guard let found = unsafe Descriptor(dh_openat(root.raw, name, flags, 0)) else { return }
        for name in Self.names(in: found) { _ = unsafe unlinkat(found.raw, name, 0) }
        _ = unsafe unlinkat(root.raw, name, AT_REMOVEDIR)
    }

    /// The names of what is in a folder.
    static func names(in folder: Descriptor) -> [String] {
        let copy = dh_fcntl(folder.raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else { return [] }
        defer { unsafe closedir(stream) }
        unsafe rewinddir(stream)
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
