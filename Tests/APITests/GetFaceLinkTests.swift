import Application
import Core
import Domain
import HTTPServer
import TestSupport
import Testing

@testable import API

/// A link is worth what whoever it was given to may do when it is used.
@Suite("Links of the GET face")
struct GetFaceLinkTests {
    private static func echo() -> EdgeHarness {
        let clock = ManualClock()
        return EdgeHarness(answer: { .exited(stdout: $0.command, at: clock.now()) })
    }

    private static func token(
        _ harness: EdgeHarness,
        _ permissions: Set<Permission>,
        lifetime: Duration? = nil
    ) async throws -> (id: Int64, headers: HTTPHeaders) {
        let made = try await harness.tokenService.create(
            name: "t",
            permissions: permissions,
            lifetime: lifetime,
            by: .hash
        )
        return (made.token.id, ["Authorization": "Bearer \(made.text.reveal())"])
    }

    /// The link of the sentence in `next`, without `&cmd=`.
    private static func submitLink(_ result: Answer) throws -> String {
        let next = try #require(result["next"]?.string)
        return String(try #require(next.split(separator: " ").last).dropLast("&cmd=".count))
    }

    private static func operatorToken(_ harness: EdgeHarness, runAs: String?) async throws -> String {
        _ = try await harness.operators.create(
            try OperatorName("ann"),
            passphrase: Secret("three quiet words"),
            permissions: [.shellRead, .shellRun],
            runAs: runAs,
            by: .hash
        )
        let begun = try await harness.api(
            .post,
            "/v1/signin",
            json: #"{"username":"ann","passphrase":"three quiet words","kind":"client"}"#,
            bearer: nil
        )
        return try #require(begun["token"]?.string)
    }

    @Test("who may only read gets no link that runs anything, however far the links are followed")
    func readers() async throws {
        let harness = Self.echo()
        try await harness.running {
            _ = try await harness.get("/shell", [("cmd", "a"), ("session", "s"), ("wait", "30")])
            let reader = try await Self.token(harness, [.shellRead])
            let query = [("session", "s"), ("ticket", "1")]
            var answer = try await harness.get("/callback", query, hash: nil, headers: reader.headers)
            for _ in 0..<3 {
                #expect(answer["output"]?.string == "a")
                let next = try #require(answer["next"]?.string)
                #expect(next.contains("You can now issue your next command to /shell"))
                #expect(next.hasSuffix("/shell?session=s&cmd=") && !next.contains("cap="))
                answer = try await harness.follow(try #require(answer["callback"]?.string))
            }
        }
    }

    @Test("a result's own link reads; the submission's own link leads on")
    func quotedLinks() async throws {
        let harness = Self.echo()
        try await harness.running {
            let submission = try await harness.get("/shell", [("cmd", "a"), ("session", "s")])
            let leading = try #require(submission["callback"]?.string)
            let result = try await harness.follow(leading, [("wait", "30")])
            #expect(try Self.submitLink(result).contains("&cap="))
            let reading = try #require(result["callback"]?.string)
            let read = try await harness.follow(reading)
            #expect(read["output"]?.string == "a")
            #expect(try !Self.submitLink(read).contains("cap="))
            let cap = String(try #require(reading.split(separator: "cap=").last))
            let tried = try await harness.send(.get, "/shell", query: [("cmd", "b"), ("cap", cap)])
            #expect(tried.code == "capability_for_other_use")
            // The stream, which is quoted with the submission, reads too.
            #expect(try await harness.follow(try #require(submission["stream"]?.string)).status == 200)
            // A list has none at all but the one to its next page.
            let list = try await harness.get("/history", [("session", "s"), ("limit", "1")])
            #expect(!list.text.contains("cap="))
            #expect(try await harness.follow(leading, [("format", "text")]).text == "a")
        }
    }

    @Test("links that a token was given run as the token, and end with it", arguments: [true, false])
    func tokens(isRevoked: Bool) async throws {
        let harness = Self.echo()
        try await harness.running {
            let token = try await Self.token(harness, [.shellRead, .shellRun], lifetime: .seconds(3_600))
            let submission = try await harness.get(
                "/shell",
                [("cmd", "a"), ("session", "s")],
                hash: nil,
                headers: token.headers
            )
            let callback = try #require(submission["callback"]?.string)
            let submit = try Self.submitLink(try await harness.follow(callback, [("wait", "30")]))
            let second = try await harness.follow(submit, [("cmd", "b"), ("wait", "30")])
            #expect(second["output"]?.string == "b")
            let stored = try await harness.store.ticket(
                TicketID(session: SessionID(1), number: 2)
            )
            #expect(stored?.submittedBy == PrincipalID("token:\(token.id)"))

            if isRevoked {
                try await harness.tokenService.revoke(token.id, by: .hash)
            } else {
                harness.clock.advance(by: .seconds(3_601))
            }
            let code = isRevoked ? "token_revoked" : "token_expired"
            let links = [
                callback, submit, try #require(submission["stream"]?.string),
                try #require(second["callback"]?.string),
            ]
            for link in links {
                let answer = try await harness.follow(link, [("cmd", "c")])
                #expect(answer.status == 401 && answer.code == code, "\(link)")
            }
            #expect(harness.runner.started.count == 2)
        }
    }

    @Test("links of an operator run as their system user, and follow what they may do")
    func operators() async throws {
        let harness = Self.echo()
        try await harness.running {
            let bearer: HTTPHeaders = [
                "Authorization": "Bearer \(try await Self.operatorToken(harness, runAs: "ann"))"
            ]
            let query = [("cmd", "a"), ("session", "s"), ("wait", "30")]
            let result = try await harness.get("/shell", query, hash: nil, headers: bearer)
            let submit = try Self.submitLink(result)
            let second = try await harness.follow(submit, [("cmd", "b"), ("wait", "30")])
            #expect(second["output"]?.string == "b")
            #expect(harness.runner.started.map(\.runAs) == ["ann", "ann"])

            let ann = try OperatorName("ann")
            try await harness.operators.setPermissions([.shellRead], of: ann, by: .hash)
            #expect(try await harness.follow(submit, [("cmd", "c")]).code == "permission_missing")
            let read = try await harness.get(
                "/callback",
                [("session", "s"), ("ticket", "2")],
                hash: nil,
                headers: bearer
            )
            #expect(try !Self.submitLink(read).contains("cap="))

            try await harness.operators.disable(ann, by: .hash)
            let ended = try await harness.follow(try #require(second["callback"]?.string))
            #expect(ended.status == 401)
            #expect(harness.runner.started.count == 2)
        }
    }

    @Test("links of an earlier hash end with it")
    func anotherHash() async throws {
        let harness = EdgeHarness()
        let earlier = harness.services.access.capabilities.holder(hashDigest: [1, 2, 3])
        _ = try await harness.plantFinished([(.stdout, [120])])
        let cap = harness.services.access.capabilities.sign(
            .answer,
            for: earlier,
            session: SessionID(1),
            number: 1
        )
        let answer = try await harness.send(.get, "/callback", query: [("cap", cap)])
        #expect(answer.status == 401 && answer.code == "capability_withdrawn")
    }
}
