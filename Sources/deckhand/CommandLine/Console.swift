import CLinux

/// Where a command's data and messages go: standard output and standard error, or the memory of a test.
protocol Console: Sendable {
    /// Writes data; throws ``ConsoleClosed`` when nobody reads any more.
    func write(_ bytes: [UInt8]) async throws
    /// Writes what a command wrote to its standard error.
    func writeError(_ bytes: [UInt8]) async throws
    /// Says whether messages are read by a person.
    var isInteractive: Bool { get }
}

/// The reader of standard output is gone.
struct ConsoleClosed: Error {}

extension Console {
    /// Writes a line of data.
    func print(_ line: String) async throws { try await write(Array((line + "\n").utf8)) }

    /// Writes a line for people; one that cannot be written is dropped.
    func say(_ line: String) async { try? await writeError(Array((line + "\n").utf8)) }
}

/// The process's own standard streams.
struct StandardConsole: Console {
    private let output = DescriptorStream(1, name: "stdout")
    private let errors = DescriptorStream(2, name: "stderr")

    var isInteractive: Bool { isatty(2) == 1 }

    func write(_ bytes: [UInt8]) async throws { try await output.write(bytes) }

    func writeError(_ bytes: [UInt8]) async throws { try await errors.write(bytes) }
}
