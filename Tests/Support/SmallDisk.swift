internal import CLinux

/// A file system of a given size in memory (tmpfs(5)), unmounted when the last reference goes: for full disks.
public final class SmallDisk: Sendable {
    private let folder: ScratchFolder

    /// Says whether this process may mount.
    public static let isPossible = (try? SmallDisk(bytes: 65_536)) != nil

    /// Where it is mounted.
    public var path: String { folder.path }

    /// Mounts a disk; only root can.
    public init(bytes: Int) throws {
        folder = try ScratchFolder()
        guard unsafe mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw ScratchError()
        }
    }

    deinit { _ = unsafe umount2(folder.path, Int32(MNT_DETACH)) }

    /// Gives it another size.
    public func resize(bytes: Int) throws {
        guard unsafe mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT), "size=\(bytes)") == 0 else {
            throw ScratchError()
        }
    }
}
