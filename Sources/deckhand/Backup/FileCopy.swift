internal import CLinux
internal import Domain

/// Copies files and folders for backups: regular files and folders only, links are never followed or copied.
///
/// Everything here blocks; call it on a thread of its own.
enum FileCopy {
    /// Copies one regular file with its holes (lseek(2), SEEK_DATA), mode 0600, synced; false when there is none.
    @discardableResult
    static func file(from source: String, to target: String) throws(Failure) -> Bool {
        let input = unsafe dh_open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard input >= 0 else {
            guard dh_errno() == ENOENT else { throw failure("read", source) }
            return false
        }
        defer { close(input) }
        let output = unsafe dh_open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw failure("write", target) }
        defer { close(output) }
        var status = stat()
        guard unsafe fstat(input, &status) == 0 else { throw failure("read", source) }
        var position: off_t = 0
        while position < status.st_size {
            let start = lseek(input, position, SEEK_DATA)
            if start < 0 { break }
            let end = max(lseek(input, start, SEEK_HOLE), start + 1)
            try copy(input, output, from: start, to: min(end, status.st_size), source, target)
            position = end
        }
        guard ftruncate(output, status.st_size) == 0, fsync(output) == 0 else {
            throw failure("write", target)
        }
        return true
    }

    private static func copy(
        _ input: Int32,
        _ output: Int32,
        from start: off_t,
        to end: off_t,
        _ source: String,
        _ target: String
    ) throws(Failure) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var position = start
        while position < end {
            let wanted = min(buffer.count, Int(end - position))
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe pread(input, $0.baseAddress, wanted, position)
            }
            if count < 0, dh_errno() == EINTR { continue }
            guard count >= 0 else { throw failure("read", source) }
            if count == 0 { return }
            var written = 0
            while written < count {
                let result = unsafe buffer.withUnsafeBytes { bytes -> Int in
                    guard let base = bytes.baseAddress else { return -1 }
                    return unsafe pwrite(output, base + written, count - written, position + off_t(written))
                }
                if result < 0, dh_errno() == EINTR { continue }
                guard result > 0 else { throw failure("write", target) }
                written += result
            }
            position += off_t(count)
        }
    }

    /// Copies a folder with all regular files and folders in it; returns how many files there were.
    static func folder(from source: String, to target: String) throws(Failure) -> Int {
        try copy(try entries(of: source), from: source, to: target)
    }

    private static func copy(
        _ entries: [(name: String, kind: Kind)],
        from source: String,
        to target: String
    ) throws(Failure) -> Int {
        try makeFolder(target)
        var count = 0
        for (name, kind) in entries {
            switch kind {
            case .folder:
                // A folder may go as well: sessions are deleted while their server is copied.
                guard let entries = try entriesIfThere(of: "\(source)/\(name)") else { continue }
                count += try copy(entries, from: "\(source)/\(name)", to: "\(target)/\(name)")
            case .file:
                // A file may go between the listing and the copy; then it is not part of the backup.
                if try file(from: "\(source)/\(name)", to: "\(target)/\(name)") { count += 1 }
            case .other: continue
            }
        }
        return count
    }

    /// Makes a folder that must not exist, mode 0700.
    static func makeFolder(_ path: String) throws(Failure) {
        guard unsafe mkdir(path, 0o700) == 0 else { throw failure("make", path) }
    }

    enum Kind { case file, folder, other }

    /// What is in a folder, in the order of names.
    static func entries(of path: String) throws(Failure) -> [(name: String, kind: Kind)] {
        guard let entries = try entriesIfThere(of: path) else { throw failure("read", path) }
        return entries
    }

    /// The same; nil when there is no such folder.
    private static func entriesIfThere(of path: String) throws(Failure) -> [(name: String, kind: Kind)]? {
        guard let directory = unsafe opendir(path) else {
            if dh_errno() == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { unsafe closedir(directory) }
        var entries: [(String, Kind)] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            guard unsafe lstat("\(path)/\(name)", &status) == 0 else { continue }
            let format = Int32(status.st_mode) & S_IFMT
            entries.append((name, format == S_IFREG ? .file : format == S_IFDIR ? .folder : .other))
        }
        return entries.sorted { $0.0 < $1.0 }
    }

    /// Removes a folder with what is in it, if it is there; links are removed, not followed.
    static func removeFolder(_ path: String) throws(Failure) {
        guard let entries = try entriesIfThere(of: path) else { return }
        for (name, kind) in entries {
            if kind == .folder {
                try removeFolder("\(path)/\(name)")
            } else {
                _ = unsafe unlink("\(path)/\(name)")
            }
        }
        guard unsafe rmdir(path) == 0 else { throw failure("remove", path) }
    }

    static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(
            .unavailable,
            code: "backup_failed",
            message: "Cannot \(verb) \(path): \(unsafe String(cString: strerror(dh_errno()))).",
            hint: "Check permissions and free space, remove what is incomplete, and try again."
        )
    }
}
