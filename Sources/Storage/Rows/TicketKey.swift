internal import Domain

extension TicketID {
    /// The ticket whose row has this key.
    init(rowKey: Int64) {
        self.init(session: SessionID(rowKey >> 32), number: Int(rowKey & 0xFFFF_FFFF))
    }

    /// The row's key; nil for numbers that no ticket can have.
    var rowKey: Int64? {
        guard (1...0xFFFF_FFFF).contains(number), (1...0x7FFF_FFFF).contains(session.rawValue) else {
            return nil
        }
        return session.firstRowKey + Int64(number)
    }
}

extension SessionID {
    /// The key below all tickets of the session; of no session for identities that none can have.
    var firstRowKey: Int64 { (0...0x7FFF_FFFF).contains(rawValue) ? rawValue << 32 : 0 }
    /// The key of the last ticket that the session can have.
    var lastRowKey: Int64 { firstRowKey + 0xFFFF_FFFF }
}
