internal import Core
internal import Domain
internal import SQL

/// Artifacts as rows.
enum ArtifactRow {
    /// In the order in which ``artifact(_:)`` reads them.
    static let columns: SQLStatement = """
        id, owner, client_id, brand_id, location_id, chat_id, turn_id, source, origin, type, title, media_type, size,
        digest, created, expires
        """

    static func artifact(_ row: SQLRow) throws -> Artifact {
        var reader = SQLRowReader(row)
        let id = ArtifactID(try reader.next())
        let owner = PrincipalID(try reader.next())
        let client = try reader.next(as: Int64?.self).map(ClientID.init)
        let brand = try reader.next(as: Int64?.self).map(BrandID.init)
        let location = try reader.next(as: Int64?.self).map(LocationID.init)
        let home = ArtifactHome(
            owner: owner,
            place: client.map { Place(client: $0, brand: brand, location: location) },
            chat: ChatID(try reader.next()),
            turn: TurnID(try reader.next())
        )
        let source = try word("source", ArtifactSource.self, try reader.next())
        let origin = ArtifactOrigin(source, key: try reader.next())
        let kind = try word("type", ArtifactKind.self, try reader.next())
        let title = ArtifactTitle(stored: try reader.next())
        let format = try word("media_type", ArtifactFormat.self, try reader.next())
        let size: Int = try reader.next()
        let digest = try self.digest(try reader.next())
        let created: Timestamp = try reader.next()
        let draft = ArtifactDraft(
            home: home,
            origin: origin,
            kind: kind,
            title: title,
            format: format,
            size: size,
            digest: digest,
            expires: try reader.next()
        )
        return Artifact(id: id, draft: draft, created: created)
    }

    static func digest(_ bytes: [UInt8]) throws -> ArtifactDigest {
        guard let digest = ArtifactDigest(bytes) else {
            throw SQLError(.shape, message: "column digest holds something else")
        }
        return digest
    }

    private static func word<Word: RawRepresentable<String>>(
        _ column: StaticString,
        _ type: Word.Type,
        _ text: String
    ) throws -> Word {
        guard let word = Word(rawValue: text) else {
            throw SQLError(.shape, message: "column \(column) holds an unknown word")
        }
        return word
    }
}
