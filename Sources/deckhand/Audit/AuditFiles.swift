import Application
import CLinux
import Core
import Crypto
import Domain

/// What the audit log has in the data directory beside its rows: the key that signs, its public half, and the checkpoints.
struct AuditFiles: CheckpointLog, CheckpointArchive {
    /// Longer than any checkpoint's line.
    private static let longestLine = 1_024
    private static let largest = 1 << 30

    let signer: any CheckpointSigner
    private let folder: String
    private let thread = DedicatedThread(name: "audit")

    private var path: String { folder + "/checkpoints.jsonl" }

    /// Reads the key, or makes one; throws `Failure` `data_directory_unusable`.
    init(_ data: DataDirectory) throws(Failure) {
        folder = data.path + "/audit"
        let key = data.path + "/keys/audit"
        do throws(PrivateFile.Trouble) {
            if unsafe access(key, F_OK) != 0 { try PrivateFile.create(key, systemRandomBytes(32)) }
            let seed = try PrivateFile.read(key, owner: geteuid(), isSecret: true, limit: 32)
            guard seed.count == 32 else { throw .tooLarge }
            signer = makeCheckpointSigner(seed: Secret(seed))
            guard unsafe mkdir(folder, 0o700) == 0 || dh_errno() == EEXIST else { throw .system(dh_errno()) }
            let publicKey = folder + "/public.pem"
            if unsafe access(publicKey, F_OK) != 0 {
                try PrivateFile.create(publicKey, Array(signer.publicKey.utf8))
            }
        } catch {
            throw Failure(
                .unavailable,
                code: "data_directory_unusable",
                message: "The key or the folder of the audit log cannot be used: \(error.reason).",
                hint:
                    "keys/audit has 32 bytes and belongs to the server's user alone; put the file of a backup there."
            )
        }
    }

    /// As the port says.
    func last() async throws -> AuditCheckpoint? {
        try await thread.run { [path] in
            guard let tail = try Self.read(path, last: Self.longestLine * 2) else { return nil }
            return Self.checkpoints(tail).last
        }
    }

    /// As the port says.
    func append(_ checkpoint: AuditCheckpoint) async throws {
        let line = AuditLine.checkpoint(checkpoint).bytes
        try await thread.run { [path] in
            let descriptor = unsafe dh_open(
                path,
                O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                0o600
            )
            guard descriptor >= 0 else { throw Self.failure(dh_errno()) }
            defer { _ = close(descriptor) }
            // What a crash cut off in the middle gets its end first.
            let size = lseek(descriptor, 0, SEEK_END)
            var end: UInt8 = 10
            if size > 0 { _ = unsafe pread(descriptor, &end, 1, size - 1) }
            let bytes = end == 10 ? line : [10] + line
            let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count == bytes.count, fsync(descriptor) == 0 else { throw Self.failure(dh_errno()) }
        }
    }

    /// All checkpoints, oldest first.
    func all() async throws -> [AuditCheckpoint] {
        try await thread.run { [path] in
            guard let bytes = try Self.read(path, last: Self.largest) else { return [] }
            return Self.checkpoints(bytes)
        }
    }

    private static func checkpoints(_ bytes: [UInt8]) -> [AuditCheckpoint] {
        bytes.split(separator: 10).compactMap { line in
            guard case .checkpoint(let checkpoint) = AuditLine(Array(line)) else { return nil }
            return checkpoint
        }
    }

    /// The end of a file; nil when there is none.
    private static func read(_ path: String, last limit: Int) throws -> [UInt8]? {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard descriptor >= 0 else {
            if dh_errno() == ENOENT { return nil }
            throw failure(dh_errno())
        }
        defer { _ = close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        _ = lseek(descriptor, max(0, size - limit), SEEK_SET)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = unsafe CLinux.read(descriptor, &buffer, buffer.count)
            if count < 0, dh_errno() == EINTR { continue }
            guard count >= 0 else { throw failure(dh_errno()) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func failure(_ code: Int32) -> Failure {
        Failure(
            .unavailable,
            code: "audit_file_unusable",
            message: "The file of the audit log's checkpoints cannot be used: \(SystemError.text(code)).",
            hint: "Look at audit/checkpoints.jsonl in the data directory and at the disk."
        )
    }
}
