internal import Glibc
internal import SQL

/// Files that only their owner may read.
enum PrivateFile {
    /// Makes an empty file of mode 0600, unless there is one.
    static func create(_ path: String) throws(SQLError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SQLError(.inaccessible, code: Int(errno), message: "the file cannot be made or opened")
        }
        _ = Glibc.close(descriptor)
        syncFolder(of: path)
    }

    /// Makes the name of a file durable (fsync(2), on directories).
    static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        let descriptor = unsafe open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = Glibc.close(descriptor)
    }
}
