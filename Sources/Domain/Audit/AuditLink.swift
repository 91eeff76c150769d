public import Core

/// A place in the chain of the audit log: a row's number and hash.
///
/// The hash of a row is SHA-256 over the hash of the row before it and the row's canonical bytes, see
/// ``canonicalBytes(_:_:)``; docs/audit.md has the form for other programs.
public struct AuditLink: Sendable, Hashable {
    /// The row's number, from 1 without gaps; 0 for the place before the first row.
    public let id: Int64
    /// 32 bytes.
    public let hash: [UInt8]

    /// Makes a place.
    public init(id: Int64, hash: [UInt8]) {
        self.id = id
        self.hash = hash
    }

    /// The place before the first row.
    public static let origin = AuditLink(id: 0, hash: [UInt8](repeating: 0, count: 32))

    /// The row that this entry makes behind this place.
    public func row(_ entry: AuditEntry) -> AuditRow {
        let id = id + 1
        return AuditRow(id: id, entry: entry, hash: SHA256.digest(hash + Self.canonicalBytes(id, entry)))
    }

    /// What is hashed of a row: a title, and its six values as netstrings (length in decimal, colon, bytes, comma).
    ///
    /// Numbers are in decimal, the time in microseconds since 1970.
    static func canonicalBytes(_ id: Int64, _ entry: AuditEntry) -> [UInt8] {
        var bytes = Array("deckhand audit row 1\n".utf8)
        let values = [
            "\(id)", "\(entry.time.microseconds)", entry.principal.rawValue, entry.action, entry.subject,
            entry.detail,
        ]
        for value in values {
            bytes += Array("\(value.utf8.count):".utf8)
            bytes += Array(value.utf8)
            bytes.append(0x2c)
        }
        return bytes
    }
}

/// An entry of the audit log at its place in the chain.
public struct AuditRow: Sendable, Equatable {
    /// Its number.
    public let id: Int64
    /// What it says.
    public let entry: AuditEntry
    /// What the chain says that it hashes to.
    public let hash: [UInt8]

    /// Makes a row as it was read.
    public init(id: Int64, entry: AuditEntry, hash: [UInt8]) {
        self.id = id
        self.entry = entry
        self.hash = hash
    }

    /// Its place.
    public var link: AuditLink { AuditLink(id: id, hash: hash) }
}

/// Which rows are asked for.
public struct AuditFilter: Sendable, Equatable {
    /// Only those of this principal.
    public var principal: PrincipalID?
    /// Only those with this action; one that ends in a dot stands for all that begin with it.
    public var action: String?
    /// Only those of this time and later.
    public var from: Timestamp?
    /// Only those before this time.
    public var until: Timestamp?
    /// Makes a filter that lets all through.
    public init() {}
}

/// Rows that were found, and where to go on.
public struct AuditPage: Sendable, Equatable {
    /// Newest first.
    public let rows: [AuditRow]
    /// What to send as `before` for older ones; nil when there are none.
    public let next: Int64?
    /// Makes a page.
    public init(rows: [AuditRow], next: Int64?) {
        self.rows = rows
        self.next = next
    }
}

/// The audit log as those see it who read and look after it.
public protocol AuditTrail: Sendable {
    /// The row with this number; nil when it is not there or was pruned.
    func row(_ id: Int64) async throws -> AuditRow?
    /// Rows before a number, newest first.
    ///
    /// One call looks at a bounded number of rows, so a page may be empty although there are older rows that fit:
    /// ``AuditPage/next`` says where to go on.
    func rows(_ filter: AuditFilter, before: Int64?, limit: Int) async throws -> AuditPage
    /// Rows behind a number in the order of the chain.
    func rows(after id: Int64, limit: Int) async throws -> [AuditRow]
    /// The newest row's place; where the chain was cut or begins when there is none.
    func head() async throws -> AuditLink
    /// What stands for the rows that were removed; nil when none were.
    func cut() async throws -> AuditCheckpoint?
    /// The last row of those before a time; nil when there is none, and never the newest of all.
    func lastRow(before time: Timestamp) async throws -> AuditLink?
    /// Removes the rows up to a checkpoint of the kind ``AuditCheckpoint/Kind/cut``, which is kept in their place, and
    /// adds an entry about it, all of it or nothing; returns how many were removed.
    func prune(through cut: AuditCheckpoint, _ entry: AuditEntry) async throws -> Int
}
