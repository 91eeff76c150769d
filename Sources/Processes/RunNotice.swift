internal import Core
internal import Domain

/// What a runner's datagram says; who sent it is for the receiver to check.
///
/// A hint that may be lost. Version 1 had no more than the first two words of an end, which is still enough.
struct RunNotice {
    /// More than the longest one.
    static let room = 8_192

    enum Kind {
        case started(Timestamp)
        /// The end, with the journal as it is on the disk, if that is short, and the whole output if that is.
        case finished(journal: ArraySlice<UInt8>, output: ArraySlice<UInt8>)
    }

    let ticket: TicketID
    let kind: Kind

    /// Reads `S <ticket> <microseconds>`, `F <ticket> <journal>` or `O <ticket> <journal>NUL<output>`; nil for anything else.
    init?(bytes: ArraySlice<UInt8>) {
        let words = bytes.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, let ticket = SpecBuilder.ticket(String(decoding: words[1], as: UTF8.self))
        else { return nil }
        self.ticket = ticket
        let rest = words.dropFirst(2).first ?? []
        if words[0].elementsEqual("F".utf8) {
            kind = .finished(journal: rest, output: [])
        } else if words[0].elementsEqual("O".utf8), let end = rest.firstIndex(of: 0) {
            kind = .finished(journal: rest[..<end], output: rest[(end + 1)...])
        } else if words[0].elementsEqual("S".utf8), let time = JournalLine.number(rest) {
            kind = .started(Timestamp(microseconds: time))
        } else {
            return nil
        }
    }
}
