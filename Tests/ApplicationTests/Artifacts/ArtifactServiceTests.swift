import Core
import Domain
import Synchronization
import TestSupport
import Testing

@testable import Application

@Suite("Artifacts")
struct ArtifactServiceTests {
    private let ann = ArtifactBench.person(1)
    private let bob = ArtifactBench.person(2)

    @Test("equal bytes of two people are kept once, until both are gone")
    func shared() async throws {
        let bench = try await ArtifactBench()
        let hers = try await bench.keep("same", 1, for: ann)
        let his = try await bench.keep("same", 1, for: bob)
        #expect(hers.draft.digest == his.draft.digest && bench.files.digests.count == 1)
        await #expect(throws: Failure.self) { try await bench.service.remove(hers.id, as: bob) }
        try await bench.service.remove(hers.id, as: ann)
        #expect(try await bench.text(his.id, as: bob) == "same")
        await #expect(throws: Failure.self) { _ = try await bench.text(hers.id, as: ann) }
        try await bench.service.remove(his.id, as: bob)
        #expect(bench.files.digests.isEmpty)
        #expect(bench.metrics.prometheusText().contains("deckhand_artifacts_made_total{source=\"tool\"} 2"))
        await bench.close()
    }

    @Test("bytes that a backup holds back are removed after it")
    func heldBack() async throws {
        let bench = try await ArtifactBench()
        let made = try await bench.keep("mine", 1, for: ann)
        bench.files.isHeld.store(true, ordering: .relaxed)
        try await bench.service.remove(made.id, as: ann)
        await #expect(throws: Failure.self) { _ = try await bench.text(made.id, as: ann) }
        #expect(bench.files.digests.count == 1)
        #expect(try await bench.service.removeOrphans() == 0)
        #expect(bench.service.hadLeftovers() && !bench.service.hadLeftovers())
        bench.files.isHeld.store(false, ordering: .relaxed)
        #expect(try await bench.service.removeOrphans() == 1)
        #expect(bench.files.digests.isEmpty && !bench.service.hadLeftovers())
        await bench.close()
    }

    @Test("keeping and removing the same bytes at once never loses those of an artifact that is there")
    func race() async throws {
        let bench = try await ArtifactBench()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let made = try await bench.keep("contested", number, for: ann)
                    if number % 3 != 0 { try await bench.service.remove(made.id, as: ann) }
                }
            }
            try await group.waitForAll()
        }
        let page = try await bench.service.artifacts(in: nil, before: nil, limit: 99, as: ann)
        #expect(page.elements.count == 20)
        for artifact in page.elements { #expect(try await bench.text(artifact.id, as: ann) == "contested") }
        for artifact in page.elements { try await bench.service.remove(artifact.id, as: ann) }
        #expect(bench.files.digests.isEmpty)
        await bench.close()
    }

    @Test("what is too large, empty, of another type or beyond the quota is refused and leaves nothing")
    func refusals() async throws {
        var settings = ArtifactSettings()
        settings.maximumBytes = 10
        settings.quota = ArtifactQuota(bytesOfOwner: 15, countOfOwner: 9, bytesOfClient: 99)
        let bench = try await ArtifactBench(settings)
        let kept = try await bench.keep("1234567890", 1, for: ann)
        for (text, code) in [
            ("12345678901", "artifact_too_large"), ("", "artifact_too_large"),
            ("a\u{0}b", "artifact_type_mismatch"),
            ("123456", "artifact_quota_reached"),
        ] {
            let failure = await #expect(throws: Failure.self) { _ = try await bench.keep(text, 2, for: ann) }
            #expect(failure?.code == code && failure?.hint != nil)
        }
        #expect(bench.files.digests == [kept.draft.digest])
        _ = try await bench.keep("12345", 2, for: ann)
        _ = try await bench.keep("123456", 1, for: bob)
        await bench.close()
    }

    @Test("an artifact expires with its bytes, and is not shown in the meantime")
    func expiry() async throws {
        var settings = ArtifactSettings()
        settings.lifetime = .seconds(60)
        let bench = try await ArtifactBench(settings)
        let first = try await bench.keep("one", 1, for: ann)
        bench.clock.advance(by: .seconds(30))
        let second = try await bench.keep("two", 2, for: ann)
        bench.clock.advance(by: .seconds(30))
        let failure = await #expect(throws: Failure.self) { _ = try await bench.text(first.id, as: ann) }
        #expect(failure?.code == "artifact_not_found")
        #expect(try await bench.service.expire() == 1)
        #expect(bench.files.digests == [second.draft.digest])
        await bench.close()
    }

    @Test("bytes that an earlier server left without an artifact are removed, all others stay")
    func orphans() async throws {
        let bench = try await ArtifactBench()
        let kept = try await bench.keep("kept", 1, for: ann)
        for byte in [0, 17, 255] as [UInt8] {
            let digest = try #require(ArtifactDigest(Array(repeating: byte, count: 32)))
            try await bench.files.keep([byte], as: digest)
        }
        #expect(try await bench.service.removeOrphans() == 3)
        #expect(try await bench.service.removeOrphans() == 0)
        #expect(bench.files.digests == [kept.draft.digest])
        await bench.close()
    }

    @Test("without the permission nothing of it is there")
    func permission() async throws {
        let bench = try await ArtifactBench()
        let made = try await bench.keep("x", 1, for: ann)
        let without = Principal(id: ann.id, permissions: [.chat])
        for attempt in [
            { _ = try await bench.service.artifacts(in: nil, before: nil, limit: 9, as: without) },
            { _ = try await bench.service.artifact(made.id, as: without) },
            { _ = try await bench.service.content(made.id, as: without) },
            { try await bench.service.remove(made.id, as: without) },
            { _ = try await bench.service.usage(as: without) },
        ] as [() async throws -> Void] {
            let failure = await #expect(throws: Failure.self) { try await attempt() }
            #expect(failure?.code == "permission_missing")
        }
        #expect(!bench.service.isOpen(to: without, at: nil))
        #expect(bench.service.isOpen(to: ann, at: nil))
        #expect(!bench.service.isOpen(to: ann, at: Place(client: ClientID(1))))
        #expect(bench.service.isOpen(to: ArtifactBench.user, at: Place(client: ClientID(1))))
        #expect(!bench.service.isOpen(to: ArtifactBench.user, at: Place(client: ClientID(2))))
        #expect(!bench.service.isOpen(to: ArtifactBench.user, at: nil))
        await bench.close()
    }
}
