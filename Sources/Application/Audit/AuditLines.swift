internal import Core
public import Domain

/// A line of an export of the audit log, or of the file of checkpoints.
public enum AuditLine: Sendable, Equatable {
    /// A row.
    case row(AuditRow)
    /// A signed word about the rows before it.
    case checkpoint(AuditCheckpoint)

    /// The line as JSON with its line feed: the members in one order and one spelling, so that equal lines are equal bytes.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            switch self {
            case .row(let row):
                writer.string("row")
                writer.key("id")
                writer.integer(row.id)
                writer.key("time")
                writer.integer(row.entry.time.microseconds)
                writer.key("principal")
                writer.string(row.entry.principal.rawValue)
                writer.key("action")
                writer.string(row.entry.action)
                writer.key("subject")
                writer.string(row.entry.subject)
                writer.key("detail")
                writer.string(row.entry.detail)
                writer.key("hash")
                writer.string(TextCoding.hex(row.hash))
            case .checkpoint(let checkpoint):
                writer.string(checkpoint.kind.rawValue)
                writer.key("id")
                writer.integer(checkpoint.link.id)
                writer.key("hash")
                writer.string(TextCoding.hex(checkpoint.link.hash))
                writer.key("time")
                writer.integer(checkpoint.time.microseconds)
                writer.key("signature")
                writer.string(TextCoding.base64URL(checkpoint.signature))
            }
        }
        return writer.line()
    }

    /// Reads a line without its line feed; nil for what ``bytes`` would not write.
    public init?(_ line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line), let type = value["type"]?.string,
            let id = value["id"]?.integer, let time = value["time"]?.integer,
            let hash = value["hash"]?.string.flatMap(Self.bytes(hex:)), hash.count == 32
        else { return nil }
        if type == "row" {
            guard let principal = value["principal"]?.string, let action = value["action"]?.string,
                let subject = value["subject"]?.string, let detail = value["detail"]?.string
            else { return nil }
            let entry = AuditEntry(
                time: Timestamp(microseconds: time),
                principal: PrincipalID(principal),
                action: action,
                subject: subject,
                detail: detail
            )
            self = .row(AuditRow(id: id, entry: entry, hash: hash))
        } else {
            guard let kind = AuditCheckpoint.Kind(rawValue: type),
                let signature = value["signature"]?.string.flatMap({ TextCoding.bytes(base64URL: $0) })
            else { return nil }
            let link = AuditLink(id: id, hash: hash)
            self = .checkpoint(
                AuditCheckpoint(kind, link, at: Timestamp(microseconds: time), signature: signature)
            )
        }
        // Repeated members, other orders and other spellings would show one thing to people and another to programs.
        guard bytes.dropLast().elementsEqual(line) else { return nil }
    }

    private static func bytes(hex text: String) -> [UInt8]? {
        let digits = text.utf8.map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
