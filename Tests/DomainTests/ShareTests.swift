import Core
import Domain
import Testing

@Suite("Shares")
struct ShareTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    private static func share(revoked: Timestamp? = nil) -> Share {
        Share(
            id: ShareID(1),
            chat: ChatID(2),
            owner: PrincipalID("operator:3"),
            extent: .snapshot(through: 9),
            includesOutput: false,
            created: start,
            expires: start + .seconds(60),
            revoked: revoked
        )
    }

    @Test("a share lives until it expires or is revoked")
    func life() {
        #expect(Self.share().isLive(at: Self.start))
        #expect(Self.share().isLive(at: Self.start + .seconds(59)))
        #expect(!Self.share().isLive(at: Self.start + .seconds(60)))
        #expect(!Self.share(revoked: Self.start).isLive(at: Self.start))
    }

    @Test("a snapshot ends at its event, a following share never")
    func extent() {
        #expect(Self.share().extent.lastEvent == 9)
        #expect(ShareExtent.following.lastEvent == .max)
    }
}
