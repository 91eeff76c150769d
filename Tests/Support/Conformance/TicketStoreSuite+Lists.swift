internal import Core
internal import Domain
internal import Testing

extension TicketStoreSuite {
    static let listCases: [Case] = [
        Case("tickets are listed in numeric order from both ends") { store in
            let session = try await fill("s", count: 12, on: store)
            _ = try await fill("t", count: 2, on: store)
            func page(after number: Int?, limit: Int, newestFirst: Bool = false) async throws -> ([Int], Bool)
            {
                let page = try await store.tickets(
                    in: session,
                    after: number,
                    limit: limit,
                    bytes: .max,
                    newestFirst: newestFirst
                )
                return (page.elements.map(\.id.number), page.hasMore)
            }
            #expect(try await page(after: nil, limit: 5) == ([1, 2, 3, 4, 5], true))
            #expect(try await page(after: 9, limit: 3) == ([10, 11, 12], false))
            #expect(try await page(after: 12, limit: 3) == ([], false))
            #expect(try await page(after: nil, limit: 3, newestFirst: true) == ([12, 11, 10], true))
            #expect(try await page(after: 3, limit: 5, newestFirst: true) == ([2, 1], false))
            #expect(try await page(after: .max, limit: 5) == ([], false))
            #expect(try await page(after: .min, limit: 1) == ([1], true))
            #expect(try await page(after: nil, limit: 0) == ([], true))
        },
        Case("a page ends before its commands are longer than asked for, but has one") { store in
            var session: SessionID?
            for index in 0..<4 {
                let command = String(repeating: "x", count: index == 3 ? 500 : 100)
                session = try await store.append(
                    try draft(command),
                    to: .named(try name("s")),
                    maximumQueued: 100,
                    at: start
                ).session.id
            }
            let id = try #require(session)
            for (after, bytes, numbers, hasMore) in [
                (0, 250, [1, 2], true), (2, 250, [3], true), (3, 250, [4], false), (0, 0, [1], true),
                (0, 300, [1, 2, 3], true), (0, 800, [1, 2, 3, 4], false), (4, 0, [], false),
            ] {
                let page = try await store.tickets(
                    in: id,
                    after: after,
                    limit: 9,
                    bytes: bytes,
                    newestFirst: false
                )
                #expect(
                    page.elements.map(\.id.number) == numbers && page.hasMore == hasMore,
                    "\(after), \(bytes)"
                )
            }
            let newest = try await store.tickets(in: id, after: 4, limit: 9, bytes: 200, newestFirst: true)
            #expect(newest.elements.map(\.id.number) == [3, 2] && newest.hasMore)
        },
        Case("tickets are found by words of their command, from both ends, page by page") { store in
            var session = SessionID(0)
            for command in ["df -h", "LS /tmp", "echo 50%_off", "ls -l", "echo 50 off", "true && Ls"] {
                let made = try await store.append(
                    try draft(command),
                    to: .named(try name("s")),
                    maximumQueued: 100,
                    at: start
                )
                session = made.session.id
            }
            func find(_ words: String, after number: Int? = nil, limit: Int = 9, newestFirst: Bool = false)
                async throws -> [Int]
            {
                let page = try await store.tickets(
                    matching: words,
                    in: session,
                    after: number,
                    limit: limit,
                    newestFirst: newestFirst
                )
                return page.elements.map(\.id.number) + (page.next.map { [-$0] } ?? [])
            }
            #expect(try await find("ls") == [2, 4, 6])
            #expect(try await find("lS", newestFirst: true) == [6, 4, 2])
            #expect(try await find("ls", limit: 1) == [2, -2])
            #expect(try await find("ls", after: 2, limit: 2) == [4, 6])
            #expect(try await find("ls", after: 6, limit: 1, newestFirst: true) == [4, -4])
            #expect(try await find("50%_") == [3])
            #expect(try await find("\\") == [])
            #expect(try await find("ls", after: .max) == [])
        },
        Case("a terminal's size is kept while its ticket is not over, and what has none gets none") { store in
            var asked = try draft("top")
            asked.options.terminal = TerminalSize(columns: 80, rows: 24)
            asked.options.input = .open
            let session = SessionReference.named(try name("s"))
            let made = try await store.append(asked, to: session, maximumQueued: 9, at: start).ticket
            let size = TerminalSize(columns: 132, rows: 50)
            try await store.keep(size, of: made.id)
            var expected = asked.options
            expected.terminal = size
            #expect(try await store.ticket(made.id)?.options == expected)
            let plain = try await store.append(try draft("ls"), to: session, maximumQueued: 9, at: start)
                .ticket
            try await store.keep(size, of: plain.id)
            #expect(try await store.ticket(plain.id)?.options.terminal == nil)
            _ = try await store.cancel(made.id, at: start)
            try await store.keep(TerminalSize(columns: 1, rows: 1), of: made.id)
            #expect(try await store.ticket(made.id)?.options.terminal == size)
            try await store.keep(size, of: TicketID(session: SessionID(99), number: 1))
        },
        Case("sessions are found by words of their name, of all makers or of one") { store in
            let ann = PrincipalID("token:7")
            for (text, maker) in [("web-1", ann), ("db_1", .hash), ("WEB-2", .hash), ("dbx1", ann)] {
                _ = try await store.createSession(SessionDraft(name: try name(text)), by: maker, at: start)
            }
            func find(
                _ words: String,
                of maker: PrincipalID? = nil,
                after id: SessionID? = nil,
                limit: Int = 9
            )
                async throws -> ([String], SessionID?)
            {
                let page = try await store.sessions(
                    matching: words,
                    madeBy: maker,
                    after: id,
                    limit: limit
                )
                return (page.elements.map(\.name.rawValue), page.next)
            }
            #expect(try await find("web").0 == ["web-1", "WEB-2"])
            #expect(try await find("web", of: ann).0 == ["web-1"])
            #expect(try await find("b_1").0 == ["db_1"])
            let first = try await find("", limit: 2)
            #expect(first.0 == ["web-1", "db_1"] && first.1 != nil)
            #expect(try await find("", after: first.1, limit: 2) == (["WEB-2", "dbx1"], nil))
        },
        Case("numbers and sessions that cannot be are nil or empty") { store in
            let session = try await fill("s", count: 1, on: store)
            for number in [Int.min, -1, 0, 2, 1 << 32, (1 << 32) + 1, .max] {
                #expect(try await store.ticket(number: number, inSessionNamed: try name("s")) == nil)
                #expect(try await store.ticket(TicketID(session: session, number: number)) == nil)
            }
            for id in [Int64.min, -1, 0, 1 << 31, .max] {
                #expect(try await store.ticket(TicketID(session: SessionID(id), number: 1)) == nil)
                let page = try await store.tickets(
                    in: SessionID(id),
                    after: nil,
                    limit: 5,
                    bytes: .max,
                    newestFirst: false
                )
                #expect(page.elements.isEmpty)
            }
            #expect(try await store.ticket(number: 1, inSessionNamed: try name("none")) == nil)
        },
        Case("unfinished tickets come oldest first, finished ones not at all") { store in
            let late = try await store.append(
                try draft("late"),
                to: .named(try name("a")),
                maximumQueued: 10,
                at: start + .seconds(5)
            )
            let early = try await store.append(
                try draft("early"),
                to: .named(try name("b")),
                maximumQueued: 10,
                at: start
            )
            _ = try await finished("done", in: "c", bytes: 0, at: start, on: store)
            let unfinished = try await store.unfinishedTickets()
            #expect(unfinished.map(\.ticket.id) == [early.ticket.id, late.ticket.id])
        },
        Case("the latest of all sessions: what has a place before what waits, and what ended last") { store in
            func submit(_ command: String, after seconds: Int) async throws -> TicketID {
                let made = try await store.append(
                    try draft(command),
                    to: .named(try name("a")),
                    maximumQueued: 10,
                    at: start + .seconds(seconds)
                )
                return made.ticket.id
            }
            let (waits, runs) = (try await submit("waits", after: 1), try await submit("runs", after: 2))
            _ = try await store.markStarting([runs], bootID: "b", at: start + .seconds(3))
            let first = try await finished("first", in: "b", bytes: 0, at: start + .seconds(4), on: store)
            let second = try await finished("second", in: "a", bytes: 0, at: start + .seconds(5), on: store)
            let latest = try await store.latestTickets(limit: 5)
            #expect(latest.open.map(\.id) == [runs, waits])
            #expect(latest.ended.map(\.id) == [second, first])
            let one = try await store.latestTickets(limit: 1)
            #expect(one.open.map(\.id) == [runs] && one.openCount == 2)
            #expect(one.ended.map(\.id) == [second])
        },
    ]

    static let pruningCases: [Case] = [
        Case("what is old enough can be pruned, oldest first and not more than asked for") { store in
            var ids: [TicketID] = []
            for day in 0..<4 {
                ids.append(
                    try await finished(
                        "x",
                        in: "s",
                        bytes: 10,
                        at: start + .seconds(day * 86_400),
                        on: store
                    )
                )
            }
            let deadline = start + .seconds(2 * 86_400)
            let all = try await store.prunable(finishedBefore: deadline, maximumBytes: .max, limit: 10)
            #expect(all.map(\.id) == [ids[0], ids[1]])
            let one = try await store.prunable(finishedBefore: deadline, maximumBytes: .max, limit: 1)
            #expect(one.map(\.id) == [ids[0]])
        },
        Case("beyond the size the oldest go, until the rest fits; what was omitted does not count") { store in
            var ids: [TicketID] = []
            for index in 0..<4 {
                ids.append(
                    try await finished(
                        "x",
                        in: "s",
                        bytes: 100,
                        at: start + .seconds(index),
                        on: store
                    )
                )
            }
            let large = try await store.append(
                try draft("y"),
                to: .named(try name("s")),
                maximumQueued: 10,
                at: start + .seconds(9)
            )
            let run = RunFacts(
                started: nil,
                finished: start + .seconds(9),
                outputBytes: 1_000_000,
                omitted: OmittedRange(start: 50, end: 999_950)
            )
            _ = try await store.finish(
                large.ticket.id,
                as: .exited(code: 0),
                run: run,
                inlineOutput: nil,
                at: start
            )
            func prunable(_ maximum: Int64) async throws -> [TicketID] {
                try await store.prunable(finishedBefore: start, maximumBytes: maximum, limit: 10).map(\.id)
            }
            #expect(try await prunable(500).isEmpty)
            #expect(try await prunable(499) == [ids[0]])
            #expect(try await prunable(300) == [ids[0], ids[1]])
            try await store.remove([ids[0], ids[1]])
            #expect(try await prunable(300).isEmpty)
            #expect(try await prunable(299) == [ids[2]])
            #expect(try await store.deleteSession(ids[0].session))
            #expect(try await prunable(0).isEmpty)
        },
        Case("unfinished tickets are neither prunable nor removed; numbers are not given again") { store in
            let session = try await fill("s", count: 2, on: store)
            let ids = [1, 2].map { TicketID(session: session, number: $0) }
            #expect(
                try await store.prunable(finishedBefore: start + .seconds(99), maximumBytes: 0, limit: 9)
                    .isEmpty
            )
            _ = try await store.cancel(ids[1], at: start)
            try await store.remove(ids + ids)
            #expect(try await store.ticket(ids[0]) != nil)
            #expect(try await store.ticket(ids[1]) == nil)
            let next = try await store.append(
                try draft("z"),
                to: .existing(session),
                maximumQueued: 10,
                at: start
            )
            #expect(next.ticket.id.number == 3)
        },
        Case("a repeat of a pruned ticket is a new ticket") { store in
            let asked = try draft("ls", window: .seconds(60))
            let session = SessionReference.named(try name("s"))
            let first = try await store.append(asked, to: session, maximumQueued: 10, at: start)
            _ = try await store.cancel(first.ticket.id, at: start)
            try await store.remove([first.ticket.id])
            let again = try await store.append(asked, to: session, maximumQueued: 10, at: start)
            #expect(!again.wasCached)
            #expect(again.ticket.id.number == 2)
        },
    ]

    /// Appends tickets; returns the session.
    static func fill(_ session: String, count: Int, on store: any TicketStore) async throws -> SessionID {
        var id = SessionID(0)
        for index in 1...count {
            let appended = try await store.append(
                try draft("\(index)"),
                to: .named(try name(session)),
                maximumQueued: 100_000,
                at: start
            )
            id = appended.session.id
        }
        return id
    }
}
