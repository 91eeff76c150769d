import Core
import Domain
import HTTPClient

/// The routes of chats, as the terminal client uses them.
struct ChatServer: Sendable {
    let client: ServerClient

    struct Chat: Sendable, Equatable {
        let id: Int64
        let title: String?
        let workingTurn: Int64?

        init?(_ json: JSONValue) {
            guard let id = json["id"]?.integer else { return nil }
            self.id = id
            title = json["title"]?.string
            workingTurn = json["working_turn"]?.integer
        }
    }

    struct Turn: Sendable, Equatable {
        let id: Int64
        let chat: Int64
        let firstEvent: Int64

        init?(_ json: JSONValue) {
            guard let id = json["id"]?.integer, let chat = json["chat"]?.integer,
                let firstEvent = json["first_event"]?.integer
            else { return nil }
            self.id = id
            self.chat = chat
            self.firstEvent = firstEvent
        }
    }

    /// Makes a chat; the key makes asking again harmless.
    func create(model: String?, key: String) async throws -> Chat {
        var members: [String: JSONValue] = ["key": .string(key)]
        if let model { members["model"] = .string(model) }
        let body = JSONValue.object(members)
        return try Self.read(Chat.init, try await again { try await client.json("POST", "/v1/chats", body) })
    }

    func chat(_ id: Int64) async throws -> Chat {
        try Self.read(Chat.init, try await again { try await client.json("GET", "/v1/chats/\(id)") })
    }

    /// The chat that was used last; nil when there is none.
    func last() async throws -> Chat? {
        let page = try await again { try await client.json("GET", "/v1/chats?limit=1") }
        return try page["chats"]?.array?.first.map { try Self.read(Chat.init, $0) }
    }

    /// Begins a turn; the body holds a key.
    func begin(_ body: JSONValue, in chat: Int64) async throws -> Turn {
        try Self.read(
            Turn.init,
            try await again { try await client.json("POST", "/v1/chats/\(chat)/turns", body) }
        )
    }

    func turn(_ id: Int64) async throws -> Turn {
        try Self.read(Turn.init, try await again { try await client.json("GET", "/v1/turns/\(id)") })
    }

    /// The latest turns of a chat, oldest first, and whether there are more before them.
    func turns(of chat: Int64, limit: Int) async throws -> (turns: [Turn], hasMore: Bool) {
        let page = try await again { try await client.json("GET", "/v1/chats/\(chat)/turns?limit=\(limit)") }
        let turns = try (page["turns"]?.array ?? []).map { try Self.read(Turn.init, $0) }
        return (turns.sorted { $0.firstEvent < $1.firstEvent }, page["next"].map { $0 != .null } ?? false)
    }

    /// A page of the stored events of a chat after the one with this number.
    func events(of chat: Int64, after number: Int64) async throws -> (events: [ChatEventView], hasMore: Bool)
    {
        let path = "/v1/chats/\(chat)/events?format=json&limit=200&after=\(number)"
        let page = try await again { try await client.json("GET", path) }
        let events = (page["events"]?.array ?? []).compactMap { event -> ChatEventView? in
            guard let number = event["number"]?.integer, let kind = event["event"]?.string,
                let data = event["data"]
            else { return nil }
            return ChatEventView(number: number, kind: kind, data)
        }
        return (events, page["next"].map { $0 != .null } ?? false)
    }

    /// Asks for the end of a turn without waiting for it.
    func cancel(_ turn: Int64) async throws {
        _ = try await again { try await client.json("POST", "/v1/turns/\(turn)/cancel?wait=0") }
    }

    func approval(_ id: Int64) async throws -> ApprovalView {
        try Self.read(
            ApprovalView.init,
            try await again { try await client.json("GET", "/v1/approvals/\(id)") }
        )
    }

    /// Decides on exactly what was shown.
    func decide(_ approval: ApprovalView, _ answer: ApprovalPrompt.Answer) async throws {
        var members: [String: JSONValue] = ["digest": .string(approval.digest)]
        switch answer {
        case .deny(let note):
            members["decision"] = .string("deny")
            members["note"] = note.map(JSONValue.string)
        case .approve(let always):
            members["decision"] = .string("approve")
            if always { members["always"] = .bool(true) }
        }
        let body = JSONValue.object(members)
        // Not again: whether a lost decision counted is seen in the approval.
        _ = try await client.json("POST", "/v1/approvals/\(approval.id)/decide", body)
    }

    /// Asks again while the server is restarted; one that is not there to begin with is an error at once.
    private func again(_ ask: @Sendable () async throws -> JSONValue) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(30)
        var delay = Duration.milliseconds(50)
        var wasThere = false
        while true {
            do {
                return try await ask()
            } catch  where ServerClient.isTransient(error) && ContinuousClock.now < deadline {
                if let failure = error as? Failure, failure.code == "provider_not_configured" {
                    throw failure
                }
                let neverArrived = (error as? HTTPClientError)?.sentNothing == true
                guard wasThere || !neverArrived else { throw error }
                wasThere = true
                try await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(2))
            }
        }
    }

    private static func read<Value>(_ make: (JSONValue) -> Value?, _ json: JSONValue) throws -> Value {
        guard let value = make(json) else {
            throw Failure(
                .internal,
                code: "not_json",
                message: "The server answers in a way that this program does not understand.",
                hint: "Use a program of the server's version."
            )
        }
        return value
    }
}
