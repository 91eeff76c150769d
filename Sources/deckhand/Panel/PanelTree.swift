import CLinux
import Core
import Crypto
import Domain

/// Looks at a panel's tree and carries steps out on it.
///
/// Everything here blocks.
struct PanelTree: Sendable {
    /// What a file may have; the pages of panels are far smaller.
    private static let largest = 16 << 20
    private static let immutable = 0x10
    private static let runTime = 120

    /// The root of the panel's file system, without a slash at its end.
    let root: String
    /// Where the record and the backups lie, for root only.
    let home: String
    /// Called before each change of a file; tests stop there.
    var edge: @Sendable () throws -> Void = {}

    var recordPath: String { home + "/record.json" }

    static func digest(_ bytes: [UInt8]) -> String {
        // The key plays no part in digests.
        TextCoding.hex(makeCryptography(masterKey: Secret([0])).digest(bytes))
    }

    // MARK: Looking

    func look(at paths: Set<String>) throws(Failure) -> PanelSight {
        var result: PanelSight = [:]
        for path in paths { result[path] = try look(at: path) }
        return result
    }

    private func look(at path: String) throws(Failure) -> FileSight? {
        var status = stat()
        guard unsafe lstat(root + path, &status) == 0 else {
            guard dh_errno() == ENOENT || dh_errno() == ENOTDIR else { throw Self.failure("look at", path) }
            return nil
        }
        let mode = UInt32(status.st_mode & 0o7777)
        switch status.st_mode & mode_t(S_IFMT) {
        case mode_t(S_IFDIR):
            return FileSight(kind: .folder, mode: mode, isFrozen: flags(root + path) & Self.immutable != 0)
        case mode_t(S_IFREG):
            let bytes = try read(root + path)
            return FileSight(
                kind: .file,
                digest: Self.digest(bytes),
                mode: mode,
                isMarked: bytes.prefix(200).contains(PanelDesign.mark),
                isFrozen: flags(root + path) & Self.immutable != 0
            )
        default: return FileSight(kind: .other, mode: mode)
        }
    }

    /// The bytes of a file by its path on this machine.
    func read(_ path: String) throws(Failure) -> [UInt8] {
        let file = unsafe dh_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { throw Self.failure("read", path) }
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.largest {
            let count = unsafe CLinux.read(file, &buffer, buffer.count)
            if count < 0, dh_errno() == EINTR { continue }
            guard count >= 0 else { throw Self.failure("read", path) }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
        }
        throw Failure(.tooLarge, code: "panel_file_too_large", message: "\(path) is too large for a page.")
    }

    /// The record of earlier runs; nil when there is none.
    func record() throws(Failure) -> PanelRecord? {
        guard unsafe access(recordPath, F_OK) == 0 else { return nil }
        guard let record = PanelRecord(try read(recordPath)) else {
            throw Failure(
                .conflict,
                code: "panel_record_unknown",
                message: "\(recordPath) is not a record that this version can read.",
                hint: "Use the version that wrote it, or a newer one."
            )
        }
        return record
    }

    // MARK: Changing

    func perform(_ step: PanelStep) throws {
        switch step {
        case .note(let record):
            try makeHome()
            try put(record.bytes, at: recordPath, mode: 0o600, like: nil)
        case .thaw(let path): try setFrozen(false, path)
        case .freeze(let path): try setFrozen(true, path)
        case .makeFolder(let path):
            try edge()
            guard unsafe mkdir(root + path, 0o755) == 0 || dh_errno() == EEXIST else {
                throw Self.failure("make", path)
            }
            // The umask may be narrower.
            _ = unsafe chmod(root + path, 0o755)
        case .write(let path, let bytes, let mode, let like):
            try put(bytes, at: root + path, mode: mode, like: like.map { root + $0 })
        case .keep(let path):
            let bytes = try read(root + path)
            try put(bytes, at: backup(Self.digest(bytes)), mode: 0o600, like: nil)
        case .alias(let path, let second): try alias(path, second)
        case .move(let path, let place):
            try edge()
            guard unsafe rename(root + path, root + place) == 0 else { throw Self.failure("move", path) }
            try sync(folder(of: root + place))
        case .restore(let digest, let path):
            try put(try read(backup(digest)), at: root + path, mode: 0o644, like: nil)
        case .tidy(let path): try discardTemporary(root + path)
        case .remove(let path): try remove(root + path)
        case .removeFolder(let path):
            try edge()
            guard unsafe rmdir(root + path) == 0 || [ENOENT, ENOTEMPTY, EEXIST].contains(dh_errno()) else {
                throw Self.failure("remove", path)
            }
        case .run(let words, let mustSucceed): try run(words, mustSucceed)
        case .forget: try remove(recordPath)
        }
    }

    private func backup(_ digest: String) -> String { home + "/backups/" + digest }

    // MARK: The server's settings

    /// Puts a file of settings into its folder, which is made; the server may be another user than root.
    func putSettings(_ bytes: [UInt8], at path: String) throws {
        let parent = folder(of: path)
        try edge()
        guard unsafe mkdir(parent, 0o755) == 0 || dh_errno() == EEXIST else {
            throw Self.failure("make", parent)
        }
        // The umask may be narrower.
        guard unsafe chmod(parent, 0o755) == 0 else { throw Self.failure("make", parent) }
        try put(bytes, at: path, mode: 0o644, like: nil)
    }

    /// Takes such a file out, and its folder with the last one; what it said stays as a backup.
    func removeSettings(at path: String) throws {
        let bytes = try read(path)
        try makeHome()
        try put(bytes, at: backup(Self.digest(bytes)), mode: 0o600, like: nil)
        try remove(path)
        try edge()
        _ = unsafe rmdir(folder(of: path))
    }

    private func makeHome() throws {
        for path in [folder(of: home), home, home + "/backups"] {
            guard unsafe mkdir(path, 0o700) == 0 || dh_errno() == EEXIST else {
                throw Self.failure("make", path)
            }
        }
    }

    private func temporary(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return folder(of: path) + "/.deckhand-new-" + name
    }

    /// What a run that was cut off may have left beside a path.
    private func discardTemporary(_ path: String) throws {
        try edge()
        _ = unsafe unlink(temporary(path))
    }

    private func put(_ bytes: [UInt8], at path: String, mode: UInt32, like model: String?) throws {
        try discardTemporary(path)
        let new = temporary(path)
        try edge()
        let file = unsafe dh_open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure("write", path) }
        defer { _ = close(file) }
        var status = stat()
        if let model, unsafe lstat(model, &status) == 0 {
            guard fchown(file, status.st_uid, status.st_gid) == 0 else {
                throw Self.failure("give away", path)
            }
        }
        guard fchmod(file, mode_t(mode)) == 0 else { throw Self.failure("write", path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
            if count < 0, dh_errno() == EINTR { continue }
            guard count > 0 else { throw Self.failure("write", path) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else { throw Self.failure("write", path) }
        try edge()
        guard unsafe rename(new, path) == 0 else { throw Self.failure("write", path) }
        try sync(folder(of: path))
    }

    /// The file keeps its times, its owner and all else, because it stays the same file.
    private func alias(_ path: String, _ second: String) throws {
        try discardTemporary(root + second)
        let new = temporary(root + second)
        try edge()
        guard unsafe link(root + path, new) == 0 else { throw Self.failure("keep", path) }
        try edge()
        guard unsafe rename(new, root + second) == 0 else { throw Self.failure("keep", path) }
        // When both are the same file already, rename(2) does nothing and leaves both names.
        try discardTemporary(root + second)
        try sync(folder(of: root + second))
    }

    private func remove(_ path: String) throws {
        try discardTemporary(path)
        try edge()
        guard unsafe unlink(path) == 0 || dh_errno() == ENOENT || dh_errno() == ENOTDIR else {
            throw Self.failure("remove", path)
        }
    }

    private func sync(_ folder: String) throws {
        let directory = unsafe dh_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard directory >= 0 else { throw Self.failure("write", folder) }
        defer { _ = close(directory) }
        guard fsync(directory) == 0 else { throw Self.failure("write", folder) }
    }

    private func run(_ words: [String], _ mustSucceed: Bool) throws {
        try edge()
        let outcome = ProbeProcess.run(words, within: Self.runTime)
        guard mustSucceed, outcome?.exitCode != 0 else { return }
        throw Failure(
            .unavailable,
            code: "panel_program_failed",
            message: "The panel's program \(words[0]) did not succeed.",
            hint: outcome.map { "It said: \($0.output.suffix(500))" } ?? "It is not there, or does not end."
        )
    }

    // MARK: Attributes

    /// FS_IOC_GETFLAGS (ioctl_iflags(2)); 0 where the file system has none.
    private func flags(_ path: String) -> Int {
        let file = unsafe dh_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { return 0 }
        defer { _ = close(file) }
        var flags: Int = 0
        return unsafe dh_ioctl(file, 0x8008_6601, &flags) == 0 ? flags : 0
    }

    private func setFrozen(_ isFrozen: Bool, _ path: String) throws {
        try edge()
        let file = unsafe dh_open(root + path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        // What is not there any more needs no protection.
        guard file >= 0 else { return }
        defer { _ = close(file) }
        var flags: Int = 0
        guard unsafe dh_ioctl(file, 0x8008_6601, &flags) == 0 else { return }
        flags = isFrozen ? flags | Self.immutable : flags & ~Self.immutable
        guard unsafe dh_ioctl(file, 0x4008_6602, &flags) == 0 else { throw Self.failure("protect", path) }
    }

    private static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(
            .unavailable,
            code: "panel_tree_unusable",
            message: "Cannot \(verb) \(path): \(SystemError.text(dh_errno())).",
            hint: "Be root; run the same command again when it can be done, which completes what was begun."
        )
    }
}
