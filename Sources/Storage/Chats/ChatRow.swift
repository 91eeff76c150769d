internal import Core
internal import Domain
internal import SQL

/// A chat as a row.
enum ChatRow {
    /// In the order in which ``chat(_:)`` reads them.
    static let columns: SQLStatement = """
        id, owner, key, title, model, created, updated, last_event,
        (select w.id from turns w where w.chat_id = chats.id and w.state = 'working'),
        client_id, brand_id, location_id, title_state
        """

    static func chat(_ row: SQLRow) throws -> Chat {
        var reader = SQLRowReader(row)
        var chat = Chat(
            id: ChatID(try reader.next()),
            owner: PrincipalID(try reader.next()),
            key: try reader.next(),
            title: try reader.next(),
            model: try reader.next(as: String?.self).map(model),
            created: try reader.next(),
            updated: try reader.next(),
            lastEvent: try reader.next(),
            workingTurn: try reader.next(as: Int64?.self).map(TurnID.init),
            place: try place(&reader)
        )
        chat.titleState = try reader.next(as: String?.self).map(titleState)
        return chat
    }

    private static func titleState(_ word: String) throws -> TitleState {
        guard let state = TitleState(rawValue: word) else {
            throw SQLError(.shape, message: "column title_state holds an unknown word")
        }
        return state
    }

    private static func place(_ reader: inout SQLRowReader) throws -> Place? {
        let client: Int64? = try reader.next()
        let brand: Int64? = try reader.next()
        let location: Int64? = try reader.next()
        return client.map {
            Place(
                client: ClientID($0),
                brand: brand.map(BrandID.init),
                location: location.map(LocationID.init)
            )
        }
    }

    static func model(_ text: String) throws -> ModelReference {
        guard let model = ModelReference(text: text) else {
            throw SQLError(.shape, message: "column model does not name a provider and a model")
        }
        return model
    }
}

/// A turn as a row.
enum TurnRow {
    /// In the order in which ``turn(_:)`` reads them.
    static let columns: SQLStatement = """
        id, chat_id, owner, key, model, created, first_event, state, reason, finished,
        input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, superseded, session_id
        """

    static func turn(_ row: SQLRow) throws -> Turn {
        var reader = SQLRowReader(row)
        return Turn(
            id: TurnID(try reader.next()),
            chat: ChatID(try reader.next()),
            owner: PrincipalID(try reader.next()),
            key: try reader.next(as: String?.self).map { try IdempotencyKey($0) },
            model: try ChatRow.model(try reader.next()),
            created: try reader.next(),
            firstEvent: try reader.next(),
            state: try state(try reader.next()),
            reason: try reader.next(),
            finished: try reader.next(),
            usage: TokenUsage(
                input: try reader.next(),
                cachedInput: try reader.next(),
                output: try reader.next(),
                reasoning: try reader.next()
            ),
            isSuperseded: try reader.next(),
            session: try reader.next(as: Int64?.self).map { UserSessionID($0) }
        )
    }

    private static func state(_ word: String) throws -> TurnState {
        guard let state = TurnState(rawValue: word) else {
            throw SQLError(.shape, message: "column state holds an unknown word")
        }
        return state
    }
}

/// An event as a row of either store.
enum EventRow {
    /// In the order in which ``event(_:)`` reads them; deltas hide nothing.
    static let columns: SQLStatement = "id, turn_id, time, kind, json, hidden"
    static let deltaColumns: SQLStatement = "id, turn_id, time, kind, json, null"

    static func event(_ row: SQLRow) throws -> ChatEvent {
        var reader = SQLRowReader(row)
        let key: Int64 = try reader.next()
        let turn = TurnID(try reader.next())
        let time: Timestamp = try reader.next()
        let word: String = try reader.next()
        guard let kind = ChatEventKind(rawValue: word) else {
            // Left out, it would be missing from what a turn is rebuilt from.
            throw ChatEventError(
                description:
                    "event \(key & 0xFFFF_FFFF) is of the kind \"\(word.prefix(64))\", which this program "
                    + "does not know: the data directory was used by a newer one"
            )
        }
        return ChatEvent(
            number: key & 0xFFFF_FFFF,
            turn: turn,
            time: time,
            kind: kind,
            json: try reader.next(),
            hidden: try reader.next()
        )
    }
}
