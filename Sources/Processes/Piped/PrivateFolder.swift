internal import CLinux
internal import Domain
internal import FoundationEssentials

/// A folder that only this server's user can enter.
///
/// All verbs block; call them on a thread that may.
public struct PrivateFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes the folder with all that lead to it, as far as they are missing, with mode 0700.
    ///
    /// `folder_unusable` (unavailable) when it cannot be made, is no folder, or belongs to somebody else.
    public init(making path: String) throws {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            guard unsafe mkdir(made, 0o700) == 0 || dh_errno() == EEXIST || dh_errno() == EISDIR else {
                throw Self.unusable(path, dh_errno())
            }
        }
        let descriptor = unsafe dh_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard let folder = Descriptor(descriptor) else { throw Self.unusable(path, dh_errno()) }
        var status = stat()
        guard unsafe fstat(folder.raw, &status) == 0, status.st_uid == geteuid(),
            fchmod(folder.raw, 0o700) == 0
        else { throw Self.unusable(path, EPERM) }
        self.path = path
    }

    /// Says whether a folder holds an entry of this name.
    public static func holds(_ name: String, in path: String) -> Bool {
        unsafe access("\(path)/\(name)", F_OK) == 0
    }

    /// Removes a folder with all that is in it; nothing when it is not there.
    public static func remove(_ path: String) throws {
        guard unsafe access(path, F_OK) == 0 else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// Takes the folder for this process alone; nil when another one holds it for longer than that (flock(2)).
    public func lock(within patience: Duration) throws -> FolderLock? {
        let deadline = ContinuousClock.now + patience
        let name = "\(path)/deckhand.lock"
        while true {
            let descriptor = unsafe dh_open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard let file = Descriptor(descriptor) else { throw SystemFailure.current("open") }
            if flock(file.raw, LOCK_EX | LOCK_NB) == 0 {
                // The folder may have been removed, and made again, in between.
                var (ours, theirs) = (stat(), stat())
                if unsafe fstat(file.raw, &ours) == 0, unsafe stat(name, &theirs) == 0,
                    ours.st_ino == theirs.st_ino
                {
                    return FolderLock(file)
                }
            } else if ContinuousClock.now >= deadline {
                return nil
            }
            _ = usleep(20_000)
        }
    }

    private static func unusable(_ path: String, _ code: Int32) -> Failure {
        Failure(
            .unavailable,
            code: "folder_unusable",
            message: unsafe "A folder of this server cannot be used: \(String(cString: strerror(code))).",
            hint: "The operator checks AI_PROFILE_STORAGE_PATH and AI_WORKSPACE_STORAGE_PATH."
        )
    }
}

/// A folder that is held until the last reference is gone.
public final class FolderLock: Sendable {
    private let file: Descriptor
    fileprivate init(_ file: Descriptor) { self.file = file }
}
