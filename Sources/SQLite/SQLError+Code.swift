internal import CSQLite
internal import SQL

extension SQLError {
    /// Makes an error of a result code (https://sqlite.org/rescode.html) and the library's message.
    init(code: Int32, message: String) {
        self.init(Self.kind(of: code), code: Int(code), message: message)
    }

    // Extended codes, which are expressions in the header and not imported.
    private static let primaryKeyViolation = SQLITE_CONSTRAINT | (6 << 8)
    private static let uniqueViolation = SQLITE_CONSTRAINT | (8 << 8)
    private static let rowViolation = SQLITE_CONSTRAINT | (10 << 8)

    private static func kind(of code: Int32) -> Kind {
        switch code {
        case uniqueViolation, primaryKeyViolation, rowViolation: return .uniqueViolation
        default: break
        }
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: return .constraint
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_FULL: return .full
        case SQLITE_IOERR, SQLITE_NOMEM: return .inputOutput
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: return .inaccessible
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt
        case SQLITE_INTERRUPT, SQLITE_ABORT: return .interrupted
        default: return .statement
        }
    }

    /// Says whether trying the other bodies of the same batch again would only fail again.
    var isOfStorage: Bool {
        switch kind {
        case .full, .inputOutput, .inaccessible, .corrupt, .closed: true
        default: false
        }
    }
}
