import CLinux

/// Small files that must belong to one user: opened first, then judged by the open descriptor.
enum PrivateFile {
    enum Trouble: Error, Equatable {
        case missing
        case notRegular
        case foreignOwner(UInt32)
        case writableByOthers
        case readableByOthers
        case tooLarge
        case system(Int32)

        var reason: String {
            switch self {
            case .missing: "it does not exist"
            case .notRegular: "it is not a regular file"
            case .foreignOwner(let id): "it belongs to the user with the number \(id)"
            case .writableByOthers: "others may write it"
            case .readableByOthers: "others may read it"
            case .tooLarge: "it is too large"
            case .system(let code): SystemError.text(code)
            }
        }
    }

    /// Says whether a path leads to a file that this user may run.
    static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

    /// Reads a file of at most `limit` bytes that belongs to `owner` (root's are taken too) and that nobody else
    /// may write; with `isSecret` also not read.
    static func read(
        _ path: String,
        owner: UInt32,
        isSecret: Bool = false,
        limit: Int = 1 << 20
    ) throws(Trouble) -> [UInt8] {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw dh_errno() == ENOENT ? .missing : .system(dh_errno()) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(dh_errno()) }
        guard status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG) else { throw .notRegular }
        guard status.st_uid == owner || status.st_uid == 0 else { throw .foreignOwner(status.st_uid) }
        guard status.st_mode & 0o022 == 0 else { throw .writableByOthers }
        guard !isSecret || status.st_mode & 0o077 == 0 else { throw .readableByOthers }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe CLinux.read(descriptor, &buffer, buffer.count)
            if count < 0, dh_errno() == EINTR { continue }
            guard count >= 0 else { throw .system(dh_errno()) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw .tooLarge }
        }
    }

    /// Makes a file that only its owner may read, complete and synced before it has its name; an existing one stays.
    static func create(_ path: String, _ bytes: [UInt8]) throws(Trouble) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/"
        )
        let temporary = "\(path).new-\(getpid())"
        _ = unsafe unlink(temporary)
        let descriptor = unsafe dh_open(
            temporary,
            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
            0o600
        )
        guard descriptor >= 0 else { throw .system(dh_errno()) }
        defer {
            _ = close(descriptor)
            _ = unsafe unlink(temporary)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, dh_errno() == EINTR { continue }
            guard count > 0 else { throw .system(dh_errno()) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw .system(dh_errno()) }
        guard unsafe link(temporary, path) == 0 || dh_errno() == EEXIST else { throw .system(dh_errno()) }
        let directory = unsafe dh_open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard directory >= 0 else { throw .system(dh_errno()) }
        defer { _ = close(directory) }
        guard fsync(directory) == 0 else { throw .system(dh_errno()) }
    }
}

/// The texts of error numbers.
enum SystemError {
    /// What strerror_r(3) says.
    static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard let text = unsafe strerror_r(code, &buffer, buffer.count) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
