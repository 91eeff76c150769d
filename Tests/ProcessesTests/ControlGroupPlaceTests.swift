import Testing

@testable import Processes

@Suite("Where the groups of tickets are made")
struct ControlGroupPlaceTests {
    @Test(
        "beside the unit in its slice, below a group of our own, and never below another unit",
        arguments: [
            ("/", "/", false),
            ("/deckhand.slice/deckhand.service", "/deckhand.slice", false),
            ("/user.slice/deckhand.slice/x.service", "/user.slice/deckhand.slice", false),
            ("/deckhand-server", "/", false),
            ("/some/group/deckhand-server", "/some/group", false),
            ("/some/group", "/some/group", true),
            ("/user.slice/user-0.slice/session-1.scope", "/user.slice/user-0.slice/session-1.scope", true),
            ("/system.slice/deckhand.service", nil, false),
            ("/system.slice/other.service", nil, false),
        ] as [(String, String?, Bool)]
    )
    func places(path: String, base: String?, mustBeEmptied: Bool) {
        let place = ControlGroupPlace(ofServer: path)
        #expect(place?.base == base)
        #expect((place?.mustBeEmptied ?? false) == mustBeEmptied)
    }
}
