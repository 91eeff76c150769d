internal import CLinux
internal import Core
public import Domain

/// Opens the folder for the bytes of artifacts, made with mode 0700 if it is missing; what an earlier server left
/// unfinished is removed.
///
/// `storage_unavailable` when it cannot be used.
public func makeArtifactFiles(at path: String, cryptography: any Cryptography) async throws
    -> any ArtifactFiles
{
    let writing = DedicatedThread(name: "artifacts")
    let folder = try await writing.run { try ArtifactFolder(path: path) }
    return FileArtifacts(folder: folder, cryptography: cryptography, writing: writing)
}

/// The bytes of artifacts as files: two threads do the blocking calls.
private final class FileArtifacts: ArtifactFiles {
    private let folder: ArtifactFolder
    private let cryptography: any Cryptography
    private let writing: DedicatedThread
    private let reading = DedicatedThread(name: "artifact-reads")

    init(folder: ArtifactFolder, cryptography: any Cryptography, writing: DedicatedThread) {
        self.folder = folder
        self.cryptography = cryptography
        self.writing = writing
    }

    func keep(_ bytes: [UInt8], as digest: ArtifactDigest) async throws {
        try await writing.run { [folder, cryptography] in
            if let file = folder.open(digest), file.size == Int64(bytes.count),
                let known = file.read(at: 0, count: bytes.count), cryptography.digest(known) == digest.bytes
            {
                // Whoever wrote it may have died before its name was on the disk.
                return try folder.sync(digest)
            }
            try folder.write(bytes, as: digest)
        }
    }

    func open(_ digest: ArtifactDigest, size: Int) async throws -> any ArtifactBytes {
        let file = try await reading.run { [folder, cryptography] in
            // One at a time: this is all the memory that reading takes.
            guard let file = folder.open(digest), file.size == Int64(size),
                let bytes = file.read(at: 0, count: size), cryptography.digest(bytes) == digest.bytes
            else { throw ArtifactFolder.damaged }
            return file
        }
        return OpenArtifact(file: file, thread: reading)
    }

    func remove(_ digest: ArtifactDigest) async throws -> Bool {
        try await writing.run { [folder] in try folder.remove(digest) }
    }

    func digests(beginningWith byte: UInt8) async throws -> [ArtifactDigest] {
        try await writing.run { [folder] in folder.digests(beginningWith: byte) }
    }
}

private struct OpenArtifact: ArtifactBytes {
    let file: Descriptor
    let thread: DedicatedThread

    func read(from offset: Int64, count: Int) async throws -> [UInt8] {
        try await thread.run { [file] in
            guard let bytes = file.read(at: offset, count: count) else { throw ArtifactFolder.damaged }
            return bytes
        }
    }
}

/// `<path>/ab/abcdef…`: files of mode 0600 that have their name once they are complete and synced, and never change.
///
/// All verbs block. Files are reached through descriptors, and planted links are never followed.
struct ArtifactFolder: Sendable {
    private static let unfinished = "unfinished"

    private let root: Descriptor
    private let draftFolder: Descriptor

    init(path: String) throws {
        do { _ = try PrivateFolder(making: path) } catch let failure as Failure {
            throw Self.unavailable(failure.message)
        }
        guard let root = unsafe Descriptor(dh_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)) else {
            throw Self.failure()
        }
        self.root = root
        draftFolder = try Self.folder(Self.unfinished, in: root)
        SessionFolders.remove(SessionFolders.names(in: draftFolder), in: draftFolder)
    }

    /// The file of a digest, open; nil when there is none.
    func open(_ digest: ArtifactDigest) -> Descriptor? {
        guard let folder = Self.existing(Self.folderName(digest.bytes[0]), in: root) else { return nil }
        return SessionFolders.file(digest.hex, in: folder)
    }

    /// Writes a file beside its place, and moves it there once it is on the disk.
    func write(_ bytes: [UInt8], as digest: ArtifactDigest) throws {
        let name = digest.hex
        _ = unsafe unlinkat(draftFolder.raw, name, 0)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        guard let draft = unsafe Descriptor(dh_openat(draftFolder.raw, name, flags, 0o600)) else {
            throw Self.failure()
        }
        do {
            try draft.writeAll(bytes)
            guard fsync(draft.raw) == 0 else { throw Self.failure() }
            let folder = try Self.folder(Self.folderName(digest.bytes[0]), in: root)
            guard unsafe renameat(draftFolder.raw, name, folder.raw, name) == 0, fsync(folder.raw) == 0 else {
                throw Self.failure()
            }
        } catch {
            _ = unsafe unlinkat(draftFolder.raw, name, 0)
            throw error
        }
    }

    /// Has the name of a file on the disk.
    func sync(_ digest: ArtifactDigest) throws {
        let folder = try Self.folder(Self.folderName(digest.bytes[0]), in: root)
        guard fsync(folder.raw) == 0 else { throw Self.failure() }
    }

    /// Removes a file, if there is one; false while a backup, which is another process, has the lock on the folder (flock(2)).
    func remove(_ digest: ArtifactDigest) throws -> Bool {
        guard let folder = Self.existing(Self.folderName(digest.bytes[0]), in: root) else { return true }
        guard flock(root.raw, LOCK_SH | LOCK_NB) == 0 || dh_errno() != EWOULDBLOCK else { return false }
        defer { flock(root.raw, LOCK_UN) }
        guard unsafe unlinkat(folder.raw, digest.hex, 0) == 0 || dh_errno() == ENOENT else {
            throw Self.failure()
        }
        _ = fsync(folder.raw)
        return true
    }

    func digests(beginningWith byte: UInt8) -> [ArtifactDigest] {
        guard let folder = Self.existing(Self.folderName(byte), in: root) else { return [] }
        return SessionFolders.names(in: folder).compactMap(ArtifactDigest.init(hex:))
    }

    static let damaged = Failure(
        .gone,
        code: "artifact_damaged",
        message: "The bytes of this file are not there any more, or are not what was kept.",
        hint: "Have it made again; the operator finds the bytes in a backup."
    )

    // MARK: Parts

    private static func folderName(_ byte: UInt8) -> String { TextCoding.hex([byte]) }

    private static func existing(_ name: String, in root: Descriptor) -> Descriptor? {
        unsafe Descriptor(dh_openat(root.raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0))
    }

    private static func folder(_ name: String, in root: Descriptor) throws -> Descriptor {
        if let found = existing(name, in: root) { return found }
        guard unsafe mkdirat(root.raw, name, 0o700) == 0 || dh_errno() == EEXIST, fsync(root.raw) == 0,
            let made = existing(name, in: root)
        else { throw failure() }
        return made
    }

    /// What the last system call failed with, for people.
    fileprivate static func failure() -> Failure {
        let code = dh_errno()
        if code == ENOSPC || code == EDQUOT {
            return Failure(
                .unavailable,
                code: "storage_full",
                message: "The server's disk is full; nothing was stored.",
                hint: "Free some space on the server, then submit again.",
                retryAfter: .seconds(30)
            )
        }
        return unavailable(unsafe "A file cannot be kept or read: \(String(cString: strerror(code))).")
    }

    private static func unavailable(_ message: String) -> Failure {
        Failure(
            .unavailable,
            code: "storage_unavailable",
            message: message,
            hint: "Look at the folder artifacts of the data directory: it must belong to the server's user."
        )
    }
}

extension Descriptor {
    /// Writes all bytes at the present position.
    fileprivate func writeAll(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe CLinux.write(raw, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
            }
            if count < 0, dh_errno() == EINTR { continue }
            guard count > 0 else { throw ArtifactFolder.failure() }
            done += count
        }
    }
}
