internal import Core
internal import Domain
internal import Synchronization

/// Which commands of the bridge a person was asked about lately; bounded, and forgotten with the server.
final class AskedCommands: Sendable {
    private struct Key: Hashable {
        let session: SessionName
        let command: String
    }
    private struct Entry {
        let ticket: TicketID
        let time: Timestamp
    }

    private static let maximumEntries = 1_000
    private static let memory = Duration.seconds(3_600)

    private let entries = Mutex<[Key: Entry]>([:])

    func remember(_ ticket: TicketID, _ command: String, in session: SessionName, at now: Timestamp) {
        entries.withLock { entries in
            if entries.count >= Self.maximumEntries {
                entries = entries.filter { now - $0.value.time <= Self.memory }
            }
            if entries.count >= Self.maximumEntries,
                let oldest = entries.min(by: { $0.value.time < $1.value.time })
            {
                entries[oldest.key] = nil
            }
            entries[Key(session: session, command: command)] = Entry(ticket: ticket, time: now)
        }
    }

    func ticket(for command: String, in session: SessionName, at now: Timestamp) -> TicketID? {
        entries.withLock { entries in
            entries[Key(session: session, command: command)].flatMap {
                now - $0.time <= Self.memory ? $0.ticket : nil
            }
        }
    }

    func forget(_ command: String, in session: SessionName) {
        entries.withLock { $0[Key(session: session, command: command)] = nil }
    }
}
