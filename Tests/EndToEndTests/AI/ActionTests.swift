import CLinux
import Core
import Testing

/// The assistant of the sample application: what it is shown, what it proposes, and what becomes of it.
@Suite("Actions and context of a business application")
struct ActionTests {
    private static let booking = """
        { shell_tool: false, answers: [
            { calls: [{ name: "context_jobs" }] },
            { calls: [{ name: "action_create_job", arguments: { customer: "Smith", work: "oil", day: "2026-04-01" } }] },
            { text: ["Booked."] } ] }
        """

    private static func one(_ name: String, _ arguments: String) -> String {
        "{ answers: [{ calls: [{ name: \"\(name)\", arguments: \(arguments) }] }, { text: [\"Well.\"] }] }"
    }

    @Test("two users of two clients read, propose, confirm and get what is theirs, side by side")
    func sideBySide() async throws {
        try await SampleHost.with(script: Self.booking) { server, sample in
            let (ann, bob) = (try await sample.user("ann"), try await sample.user("bob"))
            let (annAsked, bobAsked) = (try await ann.ask("Book Smith."), try await bob.ask("Book Smith."))
            let annAction = try await ann.action("awaiting_confirmation")
            let bobAction = try await bob.action("awaiting_confirmation")
            let id = try #require(annAction["id"]?.integer)
            #expect(annAction["arguments"]?["customer"]?.string == "Smith")
            for path in ["/v1/ai/actions/\(id)", "/v1/ai/turns/\(annAsked.turn)/context"] {
                #expect(try await bob.call("GET", path).status == 404, "\(path)")
            }
            #expect(try await bob.call("POST", "/v1/ai/actions/\(id)/confirm").status == 404)
            #expect(try await bob.call("POST", "/v1/ai/actions/\(id)/decline").status == 404)
            #expect(try await ann.call("POST", "/v1/ai/actions/\(id)/confirm").status == 200)
            #expect(try await ann.call("POST", "/v1/ai/actions/\(id)/confirm").status == 200)
            #expect(try await ann.end(of: annAsked.turn) == "completed")
            #expect(
                try await ann.action("succeeded")["result"]?["link"]?.string?.hasSuffix("/jobs/3") == true
            )
            let other = try #require(bobAction["id"]?.integer)
            #expect(try await bob.call("POST", "/v1/ai/actions/\(other)/decline").status == 200)
            #expect(try await bob.end(of: bobAsked.turn) == "completed")
            #expect(
                try await bob.call("POST", "/v1/ai/actions/\(other)/confirm")["code"]?.string
                    == "action_decided"
            )
            #expect(
                try await sample.query("select id, client, brand, customer from jobs where id > 2")
                    == "3|acme|north|Smith"
            )

            let seen = try await ann.call("GET", "/v1/ai/turns/\(annAsked.turn)/context")
            #expect(seen["sources"]?.array?.compactMap { $0["source"]?.string } == ["company", "jobs"])
            #expect(seen.text.contains("Jones") && !seen.text.contains("Miller"), "\(seen.text)")
            let his = try await bob.call("GET", "/v1/ai/turns/\(bobAsked.turn)/context")
            #expect(his.text.contains("Miller") && !his.text.contains("Jones"), "\(his.text)")
        }
    }

    @Test("killed while the application is asked, the server asks again with the same key: one job")
    func crash() async throws {
        try await SampleHost.with(script: Self.booking) { server, sample in
            let ann = try await sample.user("ann")
            let asked = try await ann.ask("Book Smith.")
            let id = try #require(try await ann.action("awaiting_confirmation")["id"]?.integer)
            sample.process.send(SIGSTOP)
            #expect(try await ann.call("POST", "/v1/ai/actions/\(id)/confirm").status == 200)
            _ = try await ann.action("executing")
            // The call is on its way; what the application answers to it is lost.
            try await Task.sleep(for: .milliseconds(300))
            try await server.kill()
            sample.process.send(SIGCONT)
            try await eventually("the application has done it") {
                try await sample.query("select count(*) from jobs") == "3"
            }
            try await server.start()
            #expect(try await ann.end(of: asked.turn) == "completed")
            #expect(try await ann.action("succeeded")["result"]?["job"]?.integer == 3)
            #expect(try await sample.query("select count(*) from jobs") == "3")
        }
    }

    @Test(
        "a proposal waits over a kill, and is carried out once it is confirmed; a dry run shows what would be done"
    )
    func waiting() async throws {
        let script = Self.one("action_send_quote", "{ job: 1, amount: 4900 }")
        try await SampleHost.with(script: script) { server, sample in
            let ann = try await sample.user("ann")
            let asked = try await ann.ask("Send the quote.")
            let action = try await ann.action("awaiting_confirmation")
            #expect(action["preview"]?["would"]?.string == "send Jones a quote of 4900 cents")
            let id = try #require(action["id"]?.integer)
            try await server.restart()
            #expect(try await sample.query("select count(*) from quotes") == "0")
            #expect(try await ann.call("POST", "/v1/ai/actions/\(id)/confirm").status == 200)
            #expect(try await ann.end(of: asked.turn) == "completed")
            #expect(try await sample.query("select job, amount from quotes") == "1|4900")
        }
    }

    @Test("a job of another client, arguments that do not fit, and a person without the grant reach nothing")
    func refusals() async throws {
        let foreign = Self.one("action_reschedule_job", "{ job: 2, day: \"2027-01-01\" }")
        try await SampleHost.with(script: foreign) { _, sample in
            let ann = try await sample.user("ann")
            let asked = try await ann.ask("Move it.")
            let id = try #require(try await ann.action("awaiting_confirmation")["id"]?.integer)
            #expect(try await ann.call("POST", "/v1/ai/actions/\(id)/confirm").status == 200)
            #expect(try await ann.end(of: asked.turn) == "completed")
            #expect(try await ann.action("failed")["reason"]?.string?.contains("404") == true)
            #expect(try await sample.query("select day from jobs where id = 2") == "2026-03-03")
            // Cleo's role has the permission, and none of the grants.
            let cleo = try await sample.user("cleo")
            let hers = try await cleo.ask("Move it.")
            #expect(try await cleo.end(of: hers.turn) == "completed")
            let list = try await cleo.call("GET", "/v1/ai/actions")
            #expect(list["catalogue"]?.array == [] && list["actions"]?.array == [], "\(list.text)")
        }
        let wrong = Self.one("action_create_job", "{ customer: \"Smith\", work: \"x\", day: \"tomorrow\" }")
        try await SampleHost.with(script: wrong) { _, sample in
            let ann = try await sample.user("ann")
            let asked = try await ann.ask("Book it.")
            #expect(try await ann.end(of: asked.turn) == "completed")
            #expect(try await ann.call("GET", "/v1/ai/actions")["actions"]?.array == [])
            let events = try await ann.call("GET", "/v1/ai/chats/\(asked.chat)/events?format=json")
            #expect(events.text.contains("does not have the form"), "\(events.text)")
        }
    }

    @Test("an action with a price needs credits, and a cancelled turn declines what waits")
    func priceAndCancel() async throws {
        try await SampleHost.with(script: Self.booking, price: 500) { _, sample in
            let ann = try await sample.user("ann")
            let asked = try await ann.ask("Book Smith.")
            let id = try #require(try await ann.action("awaiting_confirmation")["id"]?.integer)
            #expect(try await ann.call("POST", "/v1/ai/actions/\(id)/confirm").status == 200)
            #expect(try await ann.end(of: asked.turn) == "completed")
            #expect(try await ann.action("failed")["executed"] == .null)
            #expect(try await sample.query("select count(*) from jobs") == "2")
            let again = try await ann.ask("Book Smith.")
            _ = try await ann.action("awaiting_confirmation")
            #expect(try await ann.call("POST", "/v1/ai/turns/\(again.turn)/cancel").status == 200)
            _ = try await ann.action("declined")
        }
    }
}
