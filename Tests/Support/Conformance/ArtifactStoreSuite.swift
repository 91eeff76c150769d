internal import Core
public import Domain
internal import Testing

/// What every `ArtifactStore` must do, tried on an empty one.
public enum ArtifactStoreSuite: Sendable {
    /// A store, and two clients that are there, each with a brand.
    public struct Subject: Sendable {
        let store: any ArtifactStore
        let audit: any AuditStore
        let places: [Place]

        /// Puts them together.
        public init(store: any ArtifactStore, audit: any AuditStore, places: [Place]) {
            self.store = store
            self.audit = audit
            self.places = places
        }
    }

    /// A case of this suite.
    public typealias Case = ConformanceCase<Subject>

    private static let start = Timestamp(seconds: 1_700_000_000)
    private static let ann = PrincipalID("user:1")
    private static let bob = PrincipalID("user:2")
    private static let wide = ArtifactQuota(bytesOfOwner: 1_000, countOfOwner: 100, bytesOfClient: 5_000)

    /// All cases.
    public static var cases: [Case] { keepCases + scopeCases + endCases }

    /// A draft whose digest is that byte, 32 times.
    public static func draft(
        _ number: Int,
        of owner: PrincipalID,
        at place: Place?,
        chat: Int64 = 3,
        size: Int = 10,
        digest: UInt8 = 1,
        lifetime: Duration = .seconds(600)
    ) throws -> ArtifactDraft {
        ArtifactDraft(
            home: ArtifactHome(owner: owner, place: place, chat: ChatID(chat), turn: TurnID(9)),
            origin: ArtifactOrigin(.tool, key: "call/\(number)"),
            kind: .table,
            title: try ArtifactTitle("Jobs 'of' March"),
            format: .csv,
            size: size,
            digest: try #require(ArtifactDigest(Array(repeating: digest, count: 32))),
            expires: start + lifetime
        )
    }

    private static var keepCases: [Case] {
        [
            Case("what is kept comes back as it was, for its owner, and once for its origin") { subject in
                let draft = try draft(1, of: ann, at: subject.places[0])
                let made = try await subject.store.keep(draft, within: wide, at: start)
                #expect(made.draft == draft && made.created == start)
                let again = try await subject.store.keep(draft, within: wide, at: start + .seconds(1))
                #expect(again == made)
                #expect(try await subject.store.made(by: draft.origin, in: draft.home.turn) == made)
                #expect(try await subject.store.made(by: draft.origin, in: TurnID(10)) == nil)
                let other = ArtifactOrigin(.action, key: draft.origin.key)
                #expect(try await subject.store.made(by: other, in: draft.home.turn) == nil)
                #expect(try await subject.store.artifact(made.id, owner: ann, in: nil) == made)
                #expect(try await subject.store.artifact(made.id, owner: bob, in: nil) == nil)
                let entries = try await subject.audit.entries(limit: 9)
                #expect(entries.map(\.action) == ["artifact.create"])
                #expect(entries.first?.subject == "artifact/\(made.id)" && entries.first?.principal == ann)
            },
            Case("a list goes back from the newest, page by page, also of one chat") { subject in
                var ids: [ArtifactID] = []
                for number in 1...5 {
                    let draft = try draft(number, of: ann, at: nil, chat: number == 3 ? 4 : 3)
                    ids.append(try await subject.store.keep(draft, within: wide, at: start).id)
                }
                let first = try await subject.store.artifacts(
                    of: ann,
                    in: nil,
                    chat: nil,
                    before: nil,
                    limit: 3
                )
                #expect(first.elements.map(\.id) == [ids[4], ids[3], ids[2]] && first.hasMore)
                let rest = try await subject.store.artifacts(
                    of: ann,
                    in: nil,
                    chat: nil,
                    before: ids[2],
                    limit: 3
                )
                #expect(rest.elements.map(\.id) == [ids[1], ids[0]] && !rest.hasMore)
                let chat = try await subject.store.artifacts(
                    of: ann,
                    in: nil,
                    chat: ChatID(4),
                    before: nil,
                    limit: 3
                )
                #expect(chat.elements.map(\.id) == [ids[2]])
                #expect(
                    try await subject.store.artifacts(of: bob, in: nil, chat: nil, before: nil, limit: 3)
                        .elements
                        .isEmpty
                )
            },
            Case("under any concurrency no quota is passed, and what is refused leaves nothing") { subject in
                let quota = ArtifactQuota(bytesOfOwner: 50, countOfOwner: 100, bytesOfClient: 70)
                let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<20 {
                        let owner = number % 2 == 0 ? ann : bob
                        let draft = try draft(number, of: owner, at: subject.places[0])
                        group.addTask {
                            do {
                                _ = try await subject.store.keep(draft, within: quota, at: start)
                                return true
                            } catch let failure as Failure where failure.code == "artifact_quota_reached" {
                                return false
                            }
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(made == 7)
                let client = subject.places[0].client
                var bytes: Int64 = 0
                for owner in [ann, bob] {
                    let usage = try await subject.store.usage(of: owner, client: client)
                    #expect(usage.bytes <= 50 && usage.bytesOfClient == 70)
                    #expect(usage.bytes == Int64(usage.count * 10))
                    bytes += usage.bytes
                }
                #expect(bytes == 70)
                #expect(try await subject.audit.entries(limit: 99).count == 7)
                let elsewhere = try draft(99, of: PrincipalID("user:3"), at: subject.places[1])
                _ = try await subject.store.keep(elsewhere, within: quota, at: start)
            },
        ]
    }

    private static var scopeCases: [Case] {
        [
            Case("what lies outside of a scope is not there, also for its owner") { subject in
                let here = subject.places[0]
                let made = try await subject.store.keep(
                    try draft(1, of: ann, at: here),
                    within: wide,
                    at: start
                )
                let brand = try #require(here.brand)
                let inside = Scope(client: here.client, brands: [brand])
                for outside in [
                    Scope(client: here.client, brands: []),
                    Scope(client: subject.places[1].client, brands: [brand]),
                ] {
                    #expect(try await subject.store.artifact(made.id, owner: ann, in: outside) == nil)
                    #expect(
                        try await subject.store.artifacts(
                            of: ann,
                            in: outside,
                            chat: nil,
                            before: nil,
                            limit: 9
                        )
                        .elements.isEmpty
                    )
                    #expect(try await !subject.store.remove(made.id, owner: ann, in: outside, at: start))
                }
                #expect(try await subject.store.artifact(made.id, owner: ann, in: inside) == made)
                #expect(try await !subject.store.remove(made.id, owner: bob, in: inside, at: start))
                #expect(try await subject.store.remove(made.id, owner: ann, in: inside, at: start))
                #expect(try await !subject.store.remove(made.id, owner: ann, in: inside, at: start))
                #expect(
                    try await subject.audit.entries(limit: 9).map(\.action) == [
                        "artifact.delete", "artifact.create",
                    ]
                )
            }
        ]
    }

    private static var endCases: [Case] {
        [
            Case("those whose time is over are removed, oldest first, and nothing else") { subject in
                for (number, seconds) in [(1, 30), (2, 10), (3, 600)] {
                    let lifetime = Duration.seconds(seconds)
                    let draft = try draft(number, of: ann, at: nil, digest: UInt8(number), lifetime: lifetime)
                    _ = try await subject.store.keep(draft, within: wide, at: start)
                }
                let later = start + .seconds(30)
                #expect(try await subject.store.expire(at: later, limit: 1).map(\.bytes[0]) == [2])
                #expect(try await subject.store.expire(at: later, limit: 9).map(\.bytes[0]) == [1])
                #expect(try await subject.store.expire(at: later, limit: 9).isEmpty)
                #expect(try await subject.store.usage(of: ann, client: nil).count == 1)
                #expect(try await subject.audit.entries(limit: 1).map(\.action) == ["artifact.expire"])
            },
            Case("bytes are held for as long as one artifact has them") { subject in
                var made: [Artifact] = []
                for (number, owner) in [ann, bob].enumerated() {
                    let draft = try draft(number, of: owner, at: nil, digest: 7)
                    made.append(try await subject.store.keep(draft, within: wide, at: start))
                }
                let digests = [7, 8].compactMap { ArtifactDigest(Array(repeating: UInt8($0), count: 32)) }
                #expect(try await subject.store.unheld(among: digests) == [digests[1]])
                #expect(try await subject.store.remove(made[0].id, owner: ann, in: nil, at: start))
                #expect(try await subject.store.unheld(among: digests) == [digests[1]])
                #expect(try await subject.store.remove(made[1].id, owner: bob, in: nil, at: start))
                #expect(try await subject.store.unheld(among: digests) == digests)
            },
        ]
    }
}
