internal import Domain

/// Shares the cap on an answer between the tickets of a page: what short outputs leave is there for the next ones.
struct OutputBudget: Sendable {
    private var left: Int
    private var count: Int

    init(total: Int, count: Int) {
        left = total
        self.count = max(count, 1)
    }

    /// What the commands of a page leave for its outputs.
    init(total: Int, for page: Page<Ticket>, size: (Ticket) -> Int) {
        self.init(
            total: max(0, total - page.elements.reduce(0) { $0 + size($1) }),
            count: page.elements.count
        )
    }

    /// Bytes of commands that a page may have: half the cap, so that outputs find room.
    static func commands(_ total: Int) -> Int { total / 2 }

    /// The page, ended early where its commands, as they are written, go beyond their half of the cap; it has one.
    static func bound(_ page: Page<Ticket>, total: Int, size: (Ticket) -> Int) -> Page<Ticket> {
        var left = commands(total)
        let fitting = page.elements.enumerated().prefix { index, ticket in
            let needed = size(ticket)
            defer { left -= min(needed, left) }
            return index == 0 || needed <= left
        }
        guard fitting.count < page.elements.count else { return page }
        return Page(elements: fitting.map(\.element), hasMore: true)
    }

    /// Bytes for the next ticket, at least 256.
    var share: Int { max(256, left / count) }

    /// Takes what a ticket used.
    mutating func spend(_ bytes: Int) {
        left = max(0, left - bytes)
        count = max(1, count - 1)
    }
}
