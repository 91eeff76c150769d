import CLinux
import Core
import Domain
import TestSupport
import Testing

@testable import Processes

@Suite("Bytes of artifacts")
struct ArtifactFolderTests {
    private let folder: ScratchFolder
    private let cryptography = FakeCryptography()

    init() throws { folder = try ScratchFolder() }

    private func open() async throws -> any ArtifactFiles {
        try await makeArtifactFiles(at: folder.file("artifacts"), cryptography: cryptography)
    }

    private func digest(_ bytes: [UInt8]) throws -> ArtifactDigest {
        try #require(ArtifactDigest(cryptography.digest(bytes)))
    }

    private func path(_ digest: ArtifactDigest) -> String {
        folder.file("artifacts/\(digest.hex.prefix(2))/\(digest.hex)")
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func write(_ text: String, to path: String) {
        let descriptor = unsafe dh_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe CLinux.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    @Test("are kept under their digest for the server's user alone, and read in parts")
    func kept() async throws {
        let files = try await open()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        let digest = try digest(bytes)
        try await files.keep(bytes, as: digest)
        try await files.keep(bytes, as: digest)
        #expect(mode(path(digest)) == 0o600 && mode(folder.file("artifacts")) == 0o700)
        #expect(mode(folder.file("artifacts/\(digest.hex.prefix(2))")) == 0o700)
        let open = try await files.open(digest, size: bytes.count)
        #expect(try await open.read(from: 199_990, count: 100) == Array(bytes[199_990...]))
        #expect(try await files.digests(beginningWith: digest.bytes[0]) == [digest])
        #expect(try await files.remove(digest))
        #expect(try await files.remove(digest))
        #expect(try await open.read(from: 0, count: 3) == [0, 1, 2], "who reads it reads on")
        #expect(try await files.digests(beginningWith: digest.bytes[0]) == [])
        await #expect(throws: Failure.self) { _ = try await files.open(digest, size: bytes.count) }
    }

    @Test("are not removed while another process holds the folder for a backup")
    func held() async throws {
        let files = try await open()
        let bytes = Array("kept".utf8)
        let digest = try digest(bytes)
        try await files.keep(bytes, as: digest)
        let backup = unsafe dh_open(folder.file("artifacts"), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        #expect(flock(backup, LOCK_EX | LOCK_NB) == 0)
        #expect(try await !files.remove(digest))
        #expect(try await files.open(digest, size: bytes.count).read(from: 0, count: 9) == bytes)
        // Let go by word: a program that another test starts has a copy of the descriptor until it is executed.
        #expect(flock(backup, LOCK_UN) == 0)
        close(backup)
        try await eventually("it is removed") { try await files.remove(digest) }
        #expect(try await files.digests(beginningWith: digest.bytes[0]) == [])
        let next = unsafe dh_open(folder.file("artifacts"), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        try await eventually("a removal lets the folder go") { flock(next, LOCK_EX | LOCK_NB) == 0 }
        close(next)
    }

    @Test("that changed on the disk are not handed out, and are repaired when they are kept again")
    func damaged() async throws {
        let files = try await open()
        let bytes = Array("true bytes".utf8)
        let digest = try digest(bytes)
        try await files.keep(bytes, as: digest)
        for text in ["tRue bytes", "short", "much longer than they were"] {
            write(text, to: path(digest))
            let failure = await #expect(throws: Failure.self) {
                _ = try await files.open(digest, size: bytes.count)
            }
            #expect(failure?.code == "artifact_damaged" && failure?.kind == .gone)
        }
        try await files.keep(bytes, as: digest)
        #expect(try await files.open(digest, size: bytes.count).read(from: 0, count: 99) == bytes)
    }

    @Test("are never written or read through a link that was put in their place")
    func links() async throws {
        let files = try await open()
        let bytes = Array("secret".utf8)
        let digest = try digest(bytes)
        write("secret", to: folder.file("target"))
        try await files.keep(bytes, as: digest)
        _ = unsafe unlink(path(digest))
        #expect(unsafe symlink(folder.file("target"), path(digest)) == 0)
        await #expect(throws: Failure.self) { _ = try await files.open(digest, size: bytes.count) }
        try await files.keep(bytes, as: digest)
        #expect(mode(path(digest)) == 0o600)
        #expect(try await files.open(digest, size: bytes.count).read(from: 0, count: 9) == bytes)
    }

    @Test("that an earlier server did not finish are gone after the next start; the finished ones stay")
    func unfinished() async throws {
        let bytes = Array("kept".utf8)
        let digest = try digest(bytes)
        try await open().keep(bytes, as: digest)
        let half = folder.file("artifacts/unfinished/\(String(repeating: "ab", count: 32))")
        write("half", to: half)
        let files = try await open()
        #expect(mode(half) == 0)
        #expect(try await files.open(digest, size: 4).read(from: 0, count: 9) == bytes)
    }

    @Test("what cannot be written is a clear error that leaves nothing behind")
    func unwritable() async throws {
        let files = try await open()
        let digest = try digest([1])
        #expect(unsafe rmdir(folder.file("artifacts/unfinished")) == 0)
        let failure = await #expect(throws: Failure.self) { try await files.keep([1], as: digest) }
        #expect(failure?.code == "storage_unavailable")
        #expect(mode(path(digest)) == 0)
    }
}
