internal import Core
public import Domain

/// What is wrong with an export of the audit log.
public struct AuditFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line of the file, from 1; nil when the file as a whole lacks something.
    public let line: Int?
    /// The first row that is wrong or missing; nil when it is not about one.
    public let row: Int64?
    /// What is wrong, as a sentence.
    public let reason: String

    /// For people.
    public var description: String {
        let place = line.map { "line \($0)" } ?? "the end of the file"
        return row.map { "row \($0), at \(place): \(reason)" } ?? "\(place): \(reason)"
    }
}

/// Reads an export of the audit log line by line, and stops at the first that is wrong.
///
/// It needs the file and the public key only. Checkpoints that were shipped earlier make it notice, too, that whoever
/// has the key wrote another log since.
public struct AuditVerification: Sendable {
    /// The last row that was read.
    public private(set) var last: AuditLink?
    /// How many rows were read.
    public private(set) var rows = 0
    /// How many checkpoints were read, the end included.
    public private(set) var checkpoints = 0
    /// How many of the shipped checkpoints were found in the chain.
    public private(set) var confirmed = 0

    private let verifier: any CheckpointVerifier
    private var shipped: [Int64: AuditLink] = [:]
    private var line = 0
    private var hasEnded = false

    /// Begins; checkpoints of a file that was shipped earlier may be given, see ``add(shipped:)``.
    public init(_ verifier: any CheckpointVerifier) { self.verifier = verifier }

    /// Adds a line of a file of checkpoints; false when it is no checkpoint of this key.
    public mutating func add(shipped line: [UInt8]) -> Bool {
        guard case .checkpoint(let checkpoint) = AuditLine(line), checkpoint.isSigned(verifier) else {
            return false
        }
        shipped[checkpoint.link.id] = checkpoint.link
        return true
    }

    /// Reads the next line, without its line feed.
    public mutating func read(_ bytes: [UInt8]) throws(AuditFault) {
        line += 1
        guard !hasEnded else { throw fault(nil, "something stands behind the end of the export") }
        switch AuditLine(bytes) {
        case .row(let row)?: try check(row)
        case .checkpoint(let checkpoint)?: try check(checkpoint)
        case nil: throw fault((last?.id ?? 0) + 1, "this is not a line as an export has them: it was changed")
        }
    }

    /// Says what is missing once all lines were read.
    public mutating func finish() throws(AuditFault) {
        line = 0
        guard hasEnded else {
            throw fault(
                (last?.id ?? 0) + 1,
                "the signed end is missing: the file was cut off behind the row before"
            )
        }
        let reached = last?.id ?? 0
        if let lost = shipped.keys.filter({ $0 > reached }).min() {
            throw fault(reached + 1, "it is missing: a checkpoint that was shipped reaches to row \(lost)")
        }
    }

    /// Reads a row that stands behind those before.
    mutating func check(_ row: AuditRow) throws(AuditFault) {
        let before = last ?? .origin
        guard row.id > before.id else {
            throw fault(row.id, "it stands behind row \(before.id): rows were reordered or repeated")
        }
        guard row.id == before.id + 1 else {
            throw fault(before.id + 1, "it is missing: row \(row.id) stands in its place")
        }
        guard before.row(row.entry).hash == row.hash else {
            throw fault(row.id, "it was changed: it does not hash to what the chain says")
        }
        if let known = shipped[row.id] {
            guard known == row.link else {
                throw fault(row.id, "it, or a row before it, differs from a checkpoint that was shipped")
            }
            confirmed += 1
        }
        last = row.link
        rows += 1
    }

    /// Reads a checkpoint that stands behind the rows before.
    mutating func check(_ checkpoint: AuditCheckpoint) throws(AuditFault) {
        let link = checkpoint.link
        guard checkpoint.isSigned(verifier) else {
            throw fault(link.id, "the checkpoint about it is not signed by this key")
        }
        checkpoints += 1
        if checkpoint.kind == .cut {
            guard last == nil, link.id > 0 else {
                throw fault(link.id, "a cut stands behind rows in place of before all of them")
            }
            last = link
            return
        }
        let reached = last ?? .origin
        guard link.id <= reached.id else {
            throw fault(reached.id + 1, "it is missing: the checkpoint about row \(link.id) comes too early")
        }
        guard link.id == reached.id else {
            throw fault(link.id, "the checkpoint about it stands behind row \(reached.id)")
        }
        guard link.hash == reached.hash else {
            throw fault(link.id, "it, or a row before it, was changed after its checkpoint was signed")
        }
        hasEnded = checkpoint.kind == .end
    }

    private func fault(_ row: Int64?, _ reason: String) -> AuditFault {
        AuditFault(line: line > 0 ? line : nil, row: row, reason: reason)
    }
}
