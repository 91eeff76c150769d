public import Domain
public import Synchronization

/// Bytes of artifacts in memory, which a test can take away or change.
public final class MemoryArtifactFiles: ArtifactFiles {
    private let kept = Mutex<[ArtifactDigest: [UInt8]]>([:])

    /// Whether a backup holds removals back.
    public let isHeld = Atomic<Bool>(false)

    /// Makes it empty.
    public init() {}

    /// What is kept now.
    public var digests: Set<ArtifactDigest> { kept.withLock { Set($0.keys) } }

    /// Changes what is kept.
    public func damage(_ digest: ArtifactDigest) { kept.withLock { $0[digest] = [0] } }

    /// As the port says.
    public func keep(_ bytes: [UInt8], as digest: ArtifactDigest) async throws {
        kept.withLock { $0[digest] = bytes }
    }

    /// As the port says.
    public func open(_ digest: ArtifactDigest, size: Int) async throws -> any ArtifactBytes {
        guard let bytes = kept.withLock({ $0[digest] }), bytes.count == size else {
            throw Failure(.gone, code: "artifact_damaged", message: "The bytes are damaged.")
        }
        return MemoryBytes(bytes: bytes)
    }

    /// As the port says.
    public func remove(_ digest: ArtifactDigest) async throws -> Bool {
        guard !isHeld.load(ordering: .relaxed) else { return false }
        kept.withLock { $0[digest] = nil }
        return true
    }

    /// As the port says.
    public func digests(beginningWith byte: UInt8) async throws -> [ArtifactDigest] {
        kept.withLock { $0.keys.filter { $0.bytes[0] == byte } }
    }
}

private struct MemoryBytes: ArtifactBytes {
    let bytes: [UInt8]

    func read(from offset: Int64, count: Int) async throws -> [UInt8] {
        Array(bytes.dropFirst(Int(offset)).prefix(count))
    }
}
