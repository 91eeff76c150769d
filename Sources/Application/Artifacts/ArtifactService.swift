public import Core
public import Domain
internal import Synchronization

/// A file as it was made, before it is kept.
public struct MadeFile: Sendable {
    /// What people call it.
    public var title: ArtifactTitle
    /// What it is; nil for what its format usually is.
    public var kind: ArtifactKind?
    /// Its media type.
    public var format: ArtifactFormat
    /// All of it.
    public var bytes: [UInt8]

    /// Makes a value.
    public init(title: ArtifactTitle, kind: ArtifactKind? = nil, format: ArtifactFormat, bytes: [UInt8]) {
        self.title = title
        self.kind = kind
        self.format = format
        self.bytes = bytes
    }
}

/// Files that were made: kept for their owners, listed, read, removed.
public struct ArtifactService: Sendable {
    let store: any ArtifactStore
    let files: any ArtifactFiles
    let clock: any WallClock
    let logger: Logger
    let locks = DigestLocks()
    private let leftovers = Leftovers()
    /// How much is kept, and for how long.
    public let settings: ArtifactSettings
    private let cryptography: any Cryptography
    private let metrics: ArtifactMetrics

    /// Puts the service together.
    public init(
        store: any ArtifactStore,
        files: any ArtifactFiles,
        cryptography: any Cryptography,
        settings: ArtifactSettings,
        clock: any WallClock,
        logger: Logger,
        metrics: MetricsRegistry
    ) {
        self.store = store
        self.files = files
        self.cryptography = cryptography
        self.settings = settings
        self.clock = clock
        self.logger = logger
        self.metrics = ArtifactMetrics(metrics)
    }

    // MARK: For people

    /// The caller's artifacts, newest first; of one chat if it is given.
    public func artifacts(
        in chat: ChatID?,
        before id: ArtifactID?,
        limit: Int,
        as principal: Principal
    ) async throws -> Page<Artifact> {
        try principal.require(.aiArtifact)
        return try await store.artifacts(
            of: principal.id,
            in: principal.scope,
            chat: chat,
            before: id,
            limit: limit
        )
    }

    /// How much is kept for the caller.
    public func usage(as principal: Principal) async throws -> ArtifactUsage {
        try principal.require(.aiArtifact)
        return try await store.usage(of: principal.id, client: principal.scope?.client)
    }

    /// The caller's artifact; `artifact_not_found`.
    public func artifact(_ id: ArtifactID, as principal: Principal) async throws -> Artifact {
        try principal.require(.aiArtifact)
        let found = try await store.artifact(id, owner: principal.id, in: principal.scope)
        guard let found, clock.now() < found.draft.expires else { throw Self.notFound }
        return found
    }

    /// The caller's artifact with its bytes, once all of them are what was kept; `artifact_not_found`,
    /// `artifact_damaged` (gone).
    public func content(_ id: ArtifactID, as principal: Principal) async throws -> (
        artifact: Artifact, bytes: any ArtifactBytes
    ) {
        let found = try await artifact(id, as: principal)
        do {
            return (found, try await files.open(found.draft.digest, size: found.draft.size))
        } catch let failure as Failure where failure.code == "artifact_damaged" {
            // Removed in between, unless somebody must act.
            let now = try await artifact(id, as: principal)
            logger.error("bytes of an artifact are damaged or missing", .init("artifact", now.id.rawValue))
            throw failure
        }
    }

    /// Removes the caller's artifact, and its bytes unless another one has the same; `artifact_not_found`.
    public func remove(_ id: ArtifactID, as principal: Principal) async throws {
        let found = try await artifact(id, as: principal)
        try principal.requireChange(at: found.draft.home.place)
        let digest = found.draft.digest
        try await locks.holding(digest) {
            let now = clock.now()
            guard try await store.remove(id, owner: principal.id, in: principal.scope, at: now) else {
                throw Self.notFound
            }
            metrics.removed.add()
            FaultPoint.afterArtifactRemoval.reach()
            _ = try await drop(digest)
        }
    }

    // MARK: For turns

    /// Says whether files may be made for somebody at a place now.
    func isOpen(to principal: Principal, at place: Place?) -> Bool {
        guard principal.permissions.contains(.aiArtifact) else { return false }
        guard principal.user != nil else { return place == nil }
        guard let place, principal.scope?.admits(place) == true else { return false }
        return (try? principal.requireChange(at: place)) != nil
    }

    /// Keeps a file; the same origin in a turn gives the earlier one.
    ///
    /// `artifact_too_large`, `artifact_quota_reached` (tooLarge), `artifact_type_mismatch` (unprocessable),
    /// `storage_full`, `storage_unavailable`.
    func keep(_ file: MadeFile, by origin: ArtifactOrigin, in home: ArtifactHome) async throws -> Artifact {
        if let earlier = try await store.made(by: origin, in: home.turn) { return earlier }
        try check(file)
        guard let digest = ArtifactDigest(cryptography.digest(file.bytes)) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        // Asked for again when it is kept; here so that nothing is written in vain.
        let used = try await store.usage(of: home.owner, client: home.place?.client)
        try settings.quota.admit(file.bytes.count, beside: used)
        let now = clock.now()
        let draft = ArtifactDraft(
            home: home,
            origin: origin,
            kind: file.kind ?? file.format.usualKind,
            title: file.title,
            format: file.format,
            size: file.bytes.count,
            digest: digest,
            expires: now + settings.lifetime
        )
        return try await locks.holding(digest) {
            try await files.keep(file.bytes, as: digest)
            FaultPoint.afterArtifactFile.reach()
            do {
                let made = try await store.keep(draft, within: settings.quota, at: now)
                metrics.made(draft.origin.source, bytes: draft.size)
                return made
            } catch {
                _ = try? await drop(digest)
                throw error
            }
        }
    }

    private func check(_ file: MadeFile) throws(Failure) {
        guard file.bytes.count <= settings.maximumBytes, !file.bytes.isEmpty else {
            throw Failure(
                .tooLarge,
                code: "artifact_too_large",
                message: "The file has \(file.bytes.count) bytes.",
                hint: "A file has 1 to \(settings.maximumBytes) bytes."
            )
        }
        guard file.format.describes(file.bytes) else {
            throw Failure(
                .unprocessable,
                code: "artifact_type_mismatch",
                message: "The file's bytes are not \(file.format.rawValue).",
                hint: "Give the media type that the bytes have; texts are UTF-8."
            )
        }
    }

    // MARK: Upkeep

    /// Removes bytes that no artifact has, and says whether they are gone; only while its lock is held.
    private func drop(_ digest: ArtifactDigest) async throws -> Bool {
        guard try await !store.unheld(among: [digest]).isEmpty else { return false }
        do {
            if try await files.remove(digest) { return true }
            leftovers.isThere.store(true, ordering: .relaxed)
        } catch let failure as Failure {
            // The next start tries again.
            logger.warning("bytes of an artifact cannot be removed", .init("error", LogValue.error(failure)))
        }
        return false
    }

    /// Whether bytes were left because a backup was being made; asking takes the answer back.
    func hadLeftovers() -> Bool { leftovers.isThere.exchange(false, ordering: .relaxed) }

    /// Removes artifacts whose time is over; returns how many.
    func expire() async throws -> Int {
        var count = 0
        while true {
            let digests = try await store.expire(at: clock.now(), limit: 100)
            for digest in digests { _ = try await locks.holding(digest) { try await drop(digest) } }
            count += digests.count
            if digests.count < 100 { return count }
        }
    }

    /// Removes bytes that an earlier server or a backup left without an artifact; returns how many files.
    func removeOrphans() async throws -> Int {
        var count = 0
        for byte in UInt8.min...UInt8.max {
            let kept = try await files.digests(beginningWith: byte)
            for digest in try await store.unheld(among: kept) {
                count += try await locks.holding(digest) { try await drop(digest) } ? 1 : 0
            }
        }
        return count
    }

    static let notFound = Failure(
        .notFound,
        code: "artifact_not_found",
        message: "There is no such file of yours.",
        hint: "It may have expired or been deleted; the list of artifacts shows those that are there."
    )
}

/// Says that bytes without an artifact are there.
private final class Leftovers: Sendable {
    let isThere = Atomic<Bool>(false)
}

/// The counts of artifacts.
private struct ArtifactMetrics: Sendable {
    let removed: Counter
    private let bytes: Counter
    private let made: [ArtifactSource: Counter]

    init(_ registry: MetricsRegistry) {
        removed = registry.counter("deckhand_artifacts_deleted_total", help: "Artifacts that people deleted.")
        bytes = registry.counter("deckhand_artifact_bytes_total", help: "Bytes of artifacts that were made.")
        made = Dictionary(
            uniqueKeysWithValues: ArtifactSource.allCases.map { source in
                (
                    source,
                    registry.counter(
                        "deckhand_artifacts_made_total",
                        labels: "source=\"\(source.rawValue)\"",
                        help: "Artifacts by what made them."
                    )
                )
            }
        )
    }

    func made(_ source: ArtifactSource, bytes count: Int) {
        made[source]?.add()
        bytes.add(count)
    }
}
