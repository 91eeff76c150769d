import CLinux

// deckhand-runner --resident <socket> [--kill-at <point>] [--hide <path>]…
// deckhand-runner --probe-read-only
// deckhand-runner --kill-points
//
// The resident parent: it forks one runner per message. Nobody calls it by hand, so mistakes end it without words.
serve()

func serve() -> Never {
    var socket: Int32 = -1
    var hidden: [[UInt8]] = []
    // There is no CommandLine in the embedded library.
    let words = readFile(text("/proc/self/cmdline")).split(separator: 0).dropFirst()
    var name: [UInt8] = []
    for word in words {
        let value = Array(word)
        if name == text("--resident") { socket = Int32(truncatingIfNeeded: JournalLine.number(value) ?? -1) }
        if name == text("--kill-at") { unsafe KillPoint.chosen = value }
        if value == text("--kill-points") { exit(writeAll(1, KillPoint.list())) }
        if value == text("--probe-read-only") { exit(ReadOnlyMounts.probe()) }
        if name == text("--hide") { hidden.append(value) }
        name = value
    }
    guard socket >= 0 else { exit(2) }
    var resident = Resident(socket: socket, hidden: hidden)
    resident.serve()
}
