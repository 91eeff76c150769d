import CLinux
import Core
import Crypto
import Domain

/// The data directory, open: keys, hash and, for the server, the lock that keeps a second one out.
final class DataDirectory: Sendable {
    /// Absolute.
    let path: String
    /// 32 bytes; every other key is derived from it.
    let masterKey: Secret<[UInt8]>
    /// The installation's hash: the configured one, else the one of the file.
    ///
    /// A server always has one. Nil for a command beside it when the hash stands where only the server looks: in its .env.
    let hash: Secret<String>?
    /// Says whether the keys were made just now, so that the hash is to be shown once.
    let isFirstStart: Bool
    private let lock: Int32?

    fileprivate init(
        path: String,
        masterKey: Secret<[UInt8]>,
        hash: Secret<String>?,
        isFirstStart: Bool,
        lock: Int32?
    ) {
        self.path = path
        self.masterKey = masterKey
        self.hash = hash
        self.isFirstStart = isFirstStart
        self.lock = lock
    }

    /// Lets the lock go (flock(2): with the descriptor).
    deinit { if let lock { _ = close(lock) } }

    /// The hash as a server needs it.
    ///
    /// Throws `Failure` with code `data_directory_unusable` beside a server.
    func serverHash() throws(Failure) -> Secret<String> {
        guard let hash else {
            throw Failure(
                .unavailable,
                code: "data_directory_unusable",
                message: "There is no hash in \(path).",
                hint: "Only a server makes one; start it with: deckhand serve"
            )
        }
        return hash
    }

    /// Where the database lies.
    var databasePath: String { path + "/deckhand.sqlite" }
    /// Where deltas of chats are kept: beside the database, and not part of a backup.
    var deltasPath: String { path + "/deltas.sqlite" }
    /// Where the bytes of artifacts lie.
    var artifactsPath: String { path + "/artifacts" }
}

/// Opens the data directory for a server: makes what is missing and takes the lock until the result is let go.
///
/// Throws `Failure` with codes `data_directory_unsafe`, `data_directory_unusable`, `data_directory_in_use` or
/// `invalid_hash`; its message and hint are for the operator.
func openDataDirectory(_ configuration: Configuration) throws(Failure) -> DataDirectory {
    try DataDirectoryOpening(configuration).open(locks: true, creates: true)
}

/// Opens an existing data directory beside a running server, for commands of its owner.
///
/// Throws `Failure` as ``openDataDirectory(_:)`` does, and `data_directory_missing`.
func openExistingDataDirectory(_ configuration: Configuration) throws(Failure) -> DataDirectory {
    try DataDirectoryOpening(configuration).open(locks: false, creates: false)
}

/// The steps of opening a data directory.
private struct DataDirectoryOpening {
    private let path: String
    private let sessions: String
    private let configuredHash: Secret<String>?

    init(_ configuration: Configuration) {
        sessions = configuration.sessionsDirectory
        path = configuration.dataDirectory
        configuredHash = configuration.hash
    }

    func open(locks: Bool, creates: Bool) throws(Failure) -> DataDirectory {
        if creates { try makeDirectory() }
        try checkDirectory()
        var lock: Int32?
        if locks { lock = try DataDirectoryLock.take(in: path) }
        do throws(Failure) {
            if locks { _ = try PendingRestore(path: path, sessions: sessions).apply() }
            let hasKey = unsafe access(path + "/keys/master", F_OK) == 0
            if creates, !hasKey { try makeKeys() }
            let key = try readKey()
            let hash = try readHash(creates: creates)
            return DataDirectory(path: path, masterKey: key, hash: hash, isFirstStart: !hasKey, lock: lock)
        } catch {
            if let lock { _ = close(lock) }
            throw error
        }
    }

    /// Makes the directory and those above it, each 0700.
    private func makeDirectory() throws(Failure) {
        var current = ""
        for segment in path.split(separator: "/") {
            current += "/" + segment
            guard unsafe mkdir(current, 0o700) == 0 || dh_errno() == EEXIST else {
                throw unusable(SystemError.text(dh_errno()))
            }
        }
    }

    private func checkDirectory() throws(Failure) {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0 else {
            if dh_errno() == ENOENT {
                throw Failure(
                    .notFound,
                    code: "data_directory_missing",
                    message: "There is no data directory at \(path).",
                    hint:
                        "Start the server once with: deckhand serve — or name another one with DECKHAND_DATA."
                )
            }
            throw unusable(SystemError.text(dh_errno()))
        }
        defer { _ = close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw unusable(SystemError.text(dh_errno())) }
        guard status.st_uid == geteuid() else {
            throw unsafeDirectory(
                "belongs to the user with the number \(status.st_uid)",
                "Run this as that user, or chown it."
            )
        }
        guard status.st_mode & 0o022 == 0 else {
            throw unsafeDirectory("can be written by others", "Take that right away: chmod 0700 \(path)")
        }
    }

    private func makeKeys() throws(Failure) {
        let keys = path + "/keys"
        guard unsafe mkdir(keys, 0o700) == 0 || dh_errno() == EEXIST else {
            throw unusable(SystemError.text(dh_errno()))
        }
        do throws(PrivateFile.Trouble) {
            try PrivateFile.create(keys + "/master", systemRandomBytes(32))
        } catch {
            throw unusable(error.reason)
        }
    }

    private func readKey() throws(Failure) -> Secret<[UInt8]> {
        let bytes = try secretFile("keys/master")
        guard bytes.count == 32 else {
            throw unusable(
                "keys/master has \(bytes.count) bytes in place of 32; put the file of a backup there"
            )
        }
        return Secret(bytes)
    }

    private func readHash(creates: Bool) throws(Failure) -> Secret<String>? {
        if let configuredHash { return configuredHash }
        if unsafe access(path + "/hash", F_OK) != 0, dh_errno() == ENOENT {
            guard creates else { return nil }
            do throws(PrivateFile.Trouble) {
                try PrivateFile.create(
                    path + "/hash",
                    Array((TextCoding.base64URL(systemRandomBytes(32)) + "\n").utf8)
                )
            } catch {
                throw unusable(error.reason)
            }
        }
        let text = String(decoding: try secretFile("hash"), as: UTF8.self).trimmed
        do throws(UnacceptableValue) {
            try ConfigurationOption.checkHash(text)
        } catch {
            throw Failure(
                .invalid,
                code: "invalid_hash",
                message: "In \(path)/hash \(error.reason).",
                hint: error.hint
            )
        }
        return Secret(text)
    }

    private func secretFile(_ name: String) throws(Failure) -> [UInt8] {
        do throws(PrivateFile.Trouble) {
            return try PrivateFile.read(path + "/" + name, owner: geteuid(), isSecret: true, limit: 4_096)
        } catch {
            let text = "\(path)/\(name) cannot be used: \(error.reason)."
            throw Failure(
                .invalid,
                code: "data_directory_unsafe",
                message: text,
                hint: "Give it to its owner alone: chmod 0600"
            )
        }
    }

    private func unsafeDirectory(_ reason: String, _ hint: String) -> Failure {
        Failure(
            .invalid,
            code: "data_directory_unsafe",
            message: "The data directory \(path) \(reason).",
            hint: hint
        )
    }

    private func unusable(_ reason: String) -> Failure {
        Failure(
            .unavailable,
            code: "data_directory_unusable",
            message: "The data directory \(path) cannot be used: \(reason).",
            hint: "Name one that you may write with DECKHAND_DATA."
        )
    }
}
