public import Core

/// Identifies an artifact; never used again.
public struct ArtifactID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the row.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }
    /// The order of their making.
    public static func < (left: ArtifactID, right: ArtifactID) -> Bool { left.rawValue < right.rawValue }
}

/// What made an artifact.
public enum ArtifactSource: String, Sendable, CaseIterable {
    /// The tool `artifact_create`.
    case tool
    /// A model that draws.
    case image
    /// The answer of an action.
    case action
}

/// What made an artifact, and which of those of its turn: it makes it once.
public struct ArtifactOrigin: Hashable, Sendable {
    /// What made it.
    public var source: ArtifactSource
    /// Its key among those of the source in the turn.
    public var key: String

    /// Makes a value.
    public init(_ source: ArtifactSource, key: String) {
        self.source = source
        self.key = key
    }
}

/// Whose an artifact is, and where it was made.
public struct ArtifactHome: Sendable, Equatable {
    /// Whose.
    public var owner: PrincipalID
    /// Where, for users of a host application; nil for operators.
    public var place: Place?
    /// The chat.
    public var chat: ChatID
    /// The turn.
    public var turn: TurnID

    /// Makes a value.
    public init(owner: PrincipalID, place: Place?, chat: ChatID, turn: TurnID) {
        self.owner = owner
        self.place = place
        self.chat = chat
        self.turn = turn
    }
}

/// What is known of an artifact before it is kept.
public struct ArtifactDraft: Sendable, Equatable {
    /// Whose and where.
    public var home: ArtifactHome
    /// What made it.
    public var origin: ArtifactOrigin
    /// What it is.
    public var kind: ArtifactKind
    /// What people call it.
    public var title: ArtifactTitle
    /// Its media type.
    public var format: ArtifactFormat
    /// Bytes.
    public var size: Int
    /// Of its bytes.
    public var digest: ArtifactDigest
    /// From when on it is not kept.
    public var expires: Timestamp

    /// Makes a draft.
    public init(
        home: ArtifactHome,
        origin: ArtifactOrigin,
        kind: ArtifactKind,
        title: ArtifactTitle,
        format: ArtifactFormat,
        size: Int,
        digest: ArtifactDigest,
        expires: Timestamp
    ) {
        self.home = home
        self.origin = origin
        self.kind = kind
        self.title = title
        self.format = format
        self.size = size
        self.digest = digest
        self.expires = expires
    }
}

/// A file that was made, and is kept for its owner.
public struct Artifact: Sendable, Equatable {
    /// Which.
    public let id: ArtifactID
    /// What is known of it.
    public let draft: ArtifactDraft
    /// When it was made.
    public let created: Timestamp

    /// Makes a value.
    public init(id: ArtifactID, draft: ArtifactDraft, created: Timestamp) {
        self.id = id
        self.draft = draft
        self.created = created
    }

    /// What events say of it.
    public var note: ArtifactNote {
        ArtifactNote(id: id, kind: draft.kind, title: draft.title, format: draft.format, size: draft.size)
    }
}

/// What an event says of an artifact; the artifact itself may be gone by now.
public struct ArtifactNote: Sendable, Equatable {
    /// Which.
    public var id: ArtifactID
    /// What it is.
    public var kind: ArtifactKind
    /// What people call it.
    public var title: ArtifactTitle
    /// Its media type.
    public var format: ArtifactFormat
    /// Bytes.
    public var size: Int

    /// Makes a value.
    public init(id: ArtifactID, kind: ArtifactKind, title: ArtifactTitle, format: ArtifactFormat, size: Int) {
        self.id = id
        self.kind = kind
        self.title = title
        self.format = format
        self.size = size
    }
}
