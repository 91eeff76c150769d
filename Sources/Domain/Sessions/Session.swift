public import Core

/// The immutable identity of a session; links bind to it, so that a name used again is not mistaken for the old one.
public struct SessionID: Hashable, Comparable, Sendable {
    /// The number of the row; never used twice.
    public let rawValue: Int64
    /// Wraps a number.
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// The natural order.
    public static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
}

/// A session's name: 1 to 64 letters, digits, dots, dashes and underscores, not starting with a dot.
public struct SessionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name, which is safe as the name of a folder.
    public let rawValue: String

    /// Checks a name; throws `Failure` with code `invalid_session_name`.
    public init(_ text: String) throws(Failure) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard allowed, (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: ".") else {
            throw Failure(
                .unprocessable,
                code: "invalid_session_name",
                message: "This session name is not allowed.",
                hint: "Use 1 to 64 letters, digits, dots, dashes or underscores; the first must not be a dot."
            )
        }
        rawValue = text
    }

    /// The text itself, which is safe to show.
    public var description: String { rawValue }
    /// The natural order.
    public static func < (left: SessionName, right: SessionName) -> Bool { left.rawValue < right.rawValue }
}

/// How the tickets of a session follow each other.
public enum SessionMode: String, Sendable, CaseIterable {
    /// Side by side.
    case parallel
    /// One after the other.
    case sequential
    /// One after the other, and the working directory and exported environment carry over.
    case stateful
}

/// A named sequence of tickets.
public struct Session: Sendable, Equatable {
    /// The identity.
    public let id: SessionID
    /// The name, unique in the installation.
    public let name: SessionName
    /// How its tickets follow each other.
    public let mode: SessionMode
    /// Where its commands start; nil for the configured default.
    public let workingDirectory: String?
    /// Variables added to the environment of each command.
    public let environment: [String: String]
    /// Limits that differ from the configured defaults.
    public let limits: LimitOverrides
    /// Who made it.
    public let createdBy: PrincipalID
    /// When it was made.
    public let created: Timestamp
    /// The highest ticket number given so far; 0 for none.
    public var lastNumber: Int

    /// Makes a session value.
    public init(
        id: SessionID,
        name: SessionName,
        mode: SessionMode,
        workingDirectory: String?,
        environment: [String: String],
        limits: LimitOverrides,
        createdBy: PrincipalID,
        created: Timestamp,
        lastNumber: Int
    ) {
        self.id = id
        self.name = name
        self.mode = mode
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.limits = limits
        self.createdBy = createdBy
        self.created = created
        self.lastNumber = lastNumber
    }

    /// Says whether somebody's tickets may go into it: its directory and variables are its maker's, so that customers of a panel
    /// and everybody else do not mix.
    public func takesTickets(of principal: PrincipalID) -> Bool {
        createdBy == principal || !(createdBy.isCustomer || principal.isCustomer)
    }

    /// It is as one that a submission makes: parallel, without a directory or variables of its own.
    public var isPlain: Bool { mode != .stateful && workingDirectory == nil && environment.isEmpty }
}

extension Failure {
    /// A session is a customer's, or not this customer's; which of the two is not told.
    public static func sessionNotAvailable(_ name: SessionName) -> Failure {
        Failure(
            .notFound,
            code: "session_not_found",
            message: "There is no session named \(name) for you.",
            hint: "Submit to - for a new session with a name of its own."
        )
    }

    /// A session was made while a command was judged for none.
    public static func sessionChanged(_ name: SessionName) -> Failure {
        Failure(
            .conflict,
            code: "session_changed",
            message: "The session \(name) was made while this command was looked at.",
            hint: "Submit it again."
        )
    }
}

/// What is asked for when a session is made.
public struct SessionDraft: Sendable {
    /// The name.
    public var name: SessionName
    /// How its tickets follow each other.
    public var mode: SessionMode = .parallel
    /// Where its commands start.
    public var workingDirectory: String?
    /// Variables added to the environment of each command.
    public var environment: [String: String] = [:]
    /// Limits that differ from the configured defaults.
    public var limits = LimitOverrides()

    /// Makes a draft of a parallel session.
    public init(name: SessionName) { self.name = name }
}
