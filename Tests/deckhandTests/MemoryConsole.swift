import Synchronization

@testable import deckhand

/// Collects what a command prints.
final class MemoryConsole: Console {
    private let streams = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))

    var isInteractive: Bool { false }
    var output: [UInt8] { streams.withLock { $0.output } }
    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { streams.withLock { String(decoding: $0.errors, as: UTF8.self) } }

    func write(_ bytes: [UInt8]) async throws { streams.withLock { $0.output += bytes } }
    func writeError(_ bytes: [UInt8]) async throws { streams.withLock { $0.errors += bytes } }
}
