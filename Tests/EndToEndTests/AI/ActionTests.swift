import CLinux
import Core
import FoundationEssentials
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
            let events = try await ann.call("GET", "/v1/ai/chats/\(annAsked.chat)/events?format=json")
            let proposing = events["events"]?.array?.first {
                $0["event"]?.string == "tool.started" && $0["data"]?["name"]?.string == "action_create_job"
            }
            #expect(annAction["call_id"]?.string == proposing?["data"]?["call_id"]?.string, "\(events.text)")
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

            // What costs nothing leaves a row all the same.
            let usage = try await server.folder.shell(
                "sqlite3 -readonly \(server.data)/deckhand.sqlite \"select model, cost from usage where door = 'action'\""
            )
            #expect(usage.text.trimmed == "action/create_job|0", "\(usage.text) \(usage.errors)")
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
            // The call arrived; what the application answers to it is lost.
            try await eventually("the call is there") { sample.hasUnreadBytes }
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

    @Test("a required source that cannot be read is told as missing, and the turn goes on")
    func missing() async throws {
        try await SampleHost.with(script: Self.one("context_jobs", "{}")) { server, sample in
            let ann = try await sample.user("ann")
            sample.process.send(SIGKILL)
            _ = try await sample.process.wait()
            let asked = try await ann.ask("What is there to do?")
            #expect(try await ann.end(of: asked.turn) == "completed")
            let seen = try await ann.call("GET", "/v1/ai/turns/\(asked.turn)/context")
            let missing = seen["sources"]?.array?.compactMap { $0["missing"]?.string } ?? []
            #expect(
                missing.count == 2 && missing.allSatisfy { $0.contains("did not answer") },
                "\(seen.text)"
            )
            let events = try await ann.call("GET", "/v1/ai/chats/\(asked.chat)/events?format=json")
            #expect(events.text.contains("ask them for what you need"), "\(events.text)")
        }
    }

    @Test("the application takes what was signed just now, once: no other key, no old call, no replay")
    func signatures() async throws {
        try await SampleHost.with(script: Self.booking) { _, sample in
            let ann: [String: JSONValue] = [
                "user": "ann", "role": "brand_admin", "client": "acme", "brands": ["north"],
                "locations": .null,
                "teams": [], "modules": [],
            ]
            func call(_ more: [String: JSONValue]) -> JSONValue { .object(ann.merging(more) { $1 }) }
            let read = call(["kind": "context", "name": "jobs", "key": "k-1"])
            let path = "/ai/context/jobs"
            #expect(try await sample.call(path, read, nonce: "n-1").status == 200)
            let replayed = try await sample.call(path, read, nonce: "n-1")
            #expect(replayed.status == 401 && replayed.text.contains("made before"), "\(replayed.text)")
            let forged = try await sample.call(
                path,
                read,
                nonce: "n-2",
                signedBy: "another key of 32 characters...."
            )
            #expect(forged.status == 401 && forged.text.contains("signature"), "\(forged.text)")
            let now = Int64(Date().timeIntervalSince1970)
            for time in [now - 301, now + 330] {
                let late = try await sample.call(path, read, nonce: "n-\(time)", at: time)
                #expect(late.status == 401 && late.text.contains("too old"), "\(late.text)")
            }
            #expect(try await sample.call(path, read, nonce: "n-3", idempotencyKey: "k-2").status == 400)
            let unsigned = try await sample.server.send(
                "POST",
                "http://127.0.0.1:\(sample.port)\(path)",
                body: read.bytes
            )
            #expect(unsigned.status == 401)
            // Another call with a known key has the answer of the first, and no effect.
            let job = call([
                "kind": "action", "name": "create_job", "key": "action-9", "dry_run": false,
                "arguments": ["customer": "Smith", "work": "oil", "day": "2026-04-01"],
            ])
            let first = try await sample.call("/ai/actions/create_job", job, nonce: "n-4")
            let second = try await sample.call("/ai/actions/create_job", job, nonce: "n-5")
            #expect(first.status == 200 && second.text == first.text, "\(first.text) \(second.text)")
            #expect(try await sample.query("select count(*) from jobs") == "3")
        }
    }
}
