import CLinux
import FoundationEssentials

/// A small file system in memory (tmpfs(5)) at a folder, unmounted at the end; only root can mount one.
final class MountedDisk: Sendable {
    let path: String

    init(_ path: String, size: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let code = unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(size),mode=700")
        guard code == 0 else { throw TestTrouble("mount: \(dh_errno())") }
    }

    /// Takes all of its room but some bytes, with a file that ``makeRoom(size:)`` removes.
    func fill(sparing bytes: Int64 = 0) throws {
        let descriptor = unsafe dh_open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestTrouble("open: \(dh_errno())") }
        defer { close(descriptor) }
        let chunk = [UInt8](repeating: 0, count: 4_096)
        while unsafe write(descriptor, chunk, chunk.count) > 0 {}
        let size = lseek(descriptor, 0, SEEK_END)
        guard ftruncate(descriptor, max(size - off_t(bytes), 0)) == 0 else {
            throw TestTrouble("ftruncate: \(dh_errno())")
        }
    }

    /// Removes what filled it, and gives it another size.
    func makeRoom(size: String) throws {
        _ = unsafe unlink(filler)
        guard unsafe mount("none", path, "tmpfs", UInt(MS_REMOUNT), "size=\(size)") == 0 else {
            throw TestTrouble("mount: \(dh_errno())")
        }
    }

    private var filler: String { path + "/filler" }

    func unmount() { _ = unsafe umount2(path, Int32(MNT_DETACH)) }
    deinit { _ = unsafe umount2(path, Int32(MNT_DETACH)) }
}
