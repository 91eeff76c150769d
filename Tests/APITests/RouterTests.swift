import HTTPServer
import Testing

@testable import API

@Suite("Finding a route")
struct RouterTests {
    private let router = Router(
        [
            (HTTPMethod.get, "/"), (.get, "/a"), (.post, "/a"), (.get, "/a/{x}"), (.get, "/a/b"),
            (.get, "/a/{x}/c/{y}"),
            (.delete, "/a/{x}"),
        ].map { method, template -> Route in
            Route(method, template, access: .open) { _ in HTTPResponse(status: 200) }
        }
    )

    private func found(_ method: HTTPMethod, _ path: [String]) -> (String, [String: String])? {
        guard case .found(let route, let parameters) = router.match(method, path) else { return nil }
        return ("\(route.method) \(route.template)", parameters)
    }

    @Test("paths with and without parameters")
    func paths() {
        #expect(found(.get, [""])?.0 == "GET /")
        #expect(found(.get, [])?.0 == "GET /")
        #expect(found(.get, ["a"])?.0 == "GET /a")
        #expect(found(.get, ["a", ""])?.0 == "GET /a")
        #expect(found(.post, ["a"])?.0 == "POST /a")
        #expect(found(.head, ["a"])?.0 == "GET /a")
        #expect(found(.get, ["a", "z"])! == ("GET /a/{x}", ["x": "z"]))
        #expect(found(.get, ["a", "b/../c"])! == ("GET /a/{x}", ["x": "b/../c"]))
        #expect(found(.get, ["a", "1", "c", "2"])! == ("GET /a/{x}/c/{y}", ["x": "1", "y": "2"]))
    }

    @Test(
        "paths that are not there",
        arguments: [
            ["b"], ["A"], ["a", "1", "d", "2"], ["a", "", "c", "2"], ["", "a"], ["a", "1", "c"],
            ["a", "1", "c", "2", "3"],
        ]
    )
    func missing(path: [String]) {
        guard case .none = router.match(.get, path) else {
            Issue.record("\(path) was found")
            return
        }
    }

    @Test("a parameter that takes the rest of the path, where no other route fits")
    func rest() {
        let access = RouteAccess.open
        let router = Router([
            Route(.get, "/m", access: access) { _ in HTTPResponse(status: 200) },
            Route(.get, "/m/{id}", access: access, takesRest: true) { _ in HTTPResponse(status: 200) },
            Route(.get, "/m/{id}/x", access: access) { _ in HTTPResponse(status: 200) },
        ])
        func found(_ path: String...) -> (String, String?)? {
            guard case .found(let route, let parameters) = router.match(.get, ["m"] + path) else {
                return nil
            }
            return (route.template.description, parameters["id"])
        }
        #expect(found()! == ("/m", nil))
        #expect(found("a")! == ("/m/{id}", "a"))
        #expect(found("a", "x")! == ("/m/{id}/x", "a"))
        #expect(found("a", "b", "c/d")! == ("/m/{id}", "a/b/c/d"))
        guard case .wrongMethod = router.match(.post, ["m", "a", "b"]) else {
            Issue.record("POST was found")
            return
        }
        guard case .none = router.match(.get, ["n", "a", "b"]) else {
            Issue.record("another path was found")
            return
        }
    }

    @Test("another method names those that are allowed")
    func methods() {
        guard case .wrongMethod(let allowed, let template) = router.match(.put, ["a"]) else {
            Issue.record("PUT was found")
            return
        }
        #expect(Set(allowed) == [.get, .post, .head, .options])
        #expect(template.description == "/a")
        guard case .wrongMethod(let head, _) = router.match(.head, ["nope"]) else { return }
        Issue.record("\(head)")
    }
}
