internal import Core
internal import Domain
internal import SQL

/// The search over chats: every word that is asked for must begin a word of one title or one message, whatever its case.
///
/// All that knows of the engine's full-text index is here. (PostgreSQL: a `tsvector` column of the same rows, and
/// `to_tsquery('simple', 'word:* & …')` in place of `match`.)
enum ChatSearch {
    /// Of longer messages the beginning counts.
    static let maximumBytes = 16_384
    /// So many messages are looked at, newest chats first: a search for common words stays cheap.
    private static let maximumMatches = 5_000
    private static let maximumWords = 8

    /// A condition on `chats`; nil when nothing can match.
    static func condition(_ search: String?, owner: PrincipalID) -> SQLStatement? {
        guard let search, !search.trimmed.isEmpty else { return "1 = 1" }
        let words = ChatWords.words(of: search)
        guard !words.isEmpty else { return nil }
        // Nothing but letters and digits is in a word. Short words stand for themselves: too many begin with them.
        let terms = words.prefix(maximumWords).map {
            $0.unicodeScalars.count < 3 ? "\"\($0)\"" : "\"\($0)\"*"
        }
        let query = "owner : \(word(for: owner)) AND text : (\(terms.joined(separator: " AND ")))"
        return """
            id in (select rowid >> 32 from chat_search where chat_search match \(query)
                order by rowid desc limit \(maximumMatches))
            """
    }

    /// The owner as one word.
    static func word(for owner: PrincipalID) -> String { "o" + TextCoding.hex(owner.rawValue.utf8) }

    /// What was said in an event; nil for nothing.
    static func text(of event: ChatEvent) throws -> String? {
        switch event.kind {
        case .turnStarted, .modelFinished, .modelInterrupted: break
        default: return nil
        }
        let said = try event.body().said
        return said.isEmpty ? nil : said
    }
}

extension Connection {
    /// Has a title (number 0) or a message found from now on, in place of an earlier one with the number.
    func index(_ text: String, as number: Int64, in chat: ChatID, of owner: PrincipalID) throws {
        let key = try chat.rowKey(number)
        let bytes = text.utf8.prefix(ChatSearch.maximumBytes)
        try execute("delete from chat_search where rowid = \(key)")
        try execute(
            """
            insert into chat_search (rowid, owner, text)
            values (\(key), \(ChatSearch.word(for: owner)), \(String(decoding: bytes, as: UTF8.self)))
            """
        )
    }

    /// Has what was said in events found from now on.
    func index(_ events: [ChatEvent], in chat: ChatID, of owner: PrincipalID) throws {
        for event in events {
            guard let text = try ChatSearch.text(of: event) else { continue }
            try index(text, as: event.number, in: chat, of: owner)
        }
    }
}
