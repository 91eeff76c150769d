internal import Core
internal import Domain
internal import SQL

/// Proposals and readings as rows.
enum ActionRow {
    /// In the order in which ``proposal(_:)`` reads them.
    static let columns: SQLStatement = """
        id, chat_id, turn_id, call, step, owner, client_id, brand_id, location_id, issuer, action, arguments, price,
        expires, created, state, preview, result, reason, decided, executed, finished
        """
    /// In the order in which ``reading(_:)`` reads them.
    static let readingColumns: SQLStatement = "turn_id, source, chat_id, time, facts, left_out, missing"

    static func proposal(_ row: SQLRow) throws -> ActionProposal {
        var reader = SQLRowReader(row)
        let id = ActionID(try reader.next())
        let chat = ChatID(try reader.next())
        let turn = TurnID(try reader.next())
        let step = ToolStepID(call: try reader.next(), index: try reader.next())
        let owner = PrincipalID(try reader.next())
        let client = ClientID(try reader.next())
        let brand = try reader.next(as: Int64?.self).map(BrandID.init)
        let location = try reader.next(as: Int64?.self).map(LocationID.init)
        let draft = ActionDraft(
            chat: chat,
            turn: turn,
            step: step,
            owner: owner,
            place: Place(client: client, brand: brand, location: location),
            issuer: try reader.next(),
            action: try reader.next(),
            arguments: try reader.next(),
            price: Credits(minor: try reader.next()),
            expires: try reader.next()
        )
        let created: Timestamp = try reader.next()
        guard let state = ActionState(rawValue: try reader.next()) else {
            throw SQLError(.shape, message: "column state holds an unknown word")
        }
        var proposal = ActionProposal(id: id, draft: draft, created: created, state: state)
        proposal.preview = try reader.next()
        proposal.result = try reader.next()
        proposal.reason = try reader.next()
        proposal.decided = try reader.next()
        proposal.executed = try reader.next()
        proposal.finished = try reader.next()
        return proposal
    }

    static func reading(_ row: SQLRow) throws -> ContextReading {
        var reader = SQLRowReader(row)
        let turn = TurnID(try reader.next())
        let source: String = try reader.next()
        let chat = ChatID(try reader.next())
        let time: Timestamp = try reader.next()
        let text: String = try reader.next()
        return ContextReading(
            chat: chat,
            turn: turn,
            source: source,
            time: time,
            facts: try facts(text),
            leftOut: try reader.next(),
            missing: try reader.next()
        )
    }

    static func text(of facts: [ContextFact]) -> String {
        let list = facts.map { fact in
            var members: [String: JSONValue] = [
                "id": .string(fact.id), "text": .string(fact.text), "rule": .string(fact.rule),
            ]
            members["link"] = fact.link.map(JSONValue.string)
            return JSONValue.object(members)
        }
        return String(decoding: JSONValue.array(list).bytes, as: UTF8.self)
    }

    private static func facts(_ text: String) throws -> [ContextFact] {
        try (JSONValue(parsing: Array(text.utf8)).array ?? []).map { value in
            guard let id = value["id"]?.string, let text = value["text"]?.string,
                let rule = value["rule"]?.string
            else { throw SQLError(.shape, message: "column facts holds something else") }
            return ContextFact(id: id, text: text, link: value["link"]?.string, rule: rule)
        }
    }
}
