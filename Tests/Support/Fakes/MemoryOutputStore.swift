public import Core
public import Core
public import Domain
internal import Synchronization

/// Outputs in memory, with gaps, and growing under their readers.
public final class MemoryOutputStore: OutputStore {
    private struct File {
        var combined: [UInt8] = []
        var marks: [OutputStretch] = []
        var omitted: OmittedRange?
        var watchers: [AsyncStream<Void>.Continuation] = []
    }

    private let files = Mutex<[OutputReference: File]>([:])
    private let removals = Mutex<[String]>([])
    /// The most bytes that one read returns; tests make it small to cut output everywhere.
    private let longestRead: Int

    /// Makes an empty store.
    public init(longestRead: Int = 1 << 30) { self.longestRead = longestRead }

    /// Whoever appends before the ticket exists does not know its nonce.
    private static func plain(_ output: OutputReference) -> OutputReference {
        OutputReference(folder: output.folder, number: output.number)
    }

    // MARK: For the test

    /// Adds output of a stream.
    public func append(_ bytes: [UInt8], from stream: OutputStream = .stdout, to output: OutputReference) {
        let watchers = files.withLock { files in
            files[Self.plain(output), default: File()].combined += bytes
            // As journals do: bytes of one stream in a row are one stretch.
            if let last = files[Self.plain(output)]?.marks.indices.last,
                files[Self.plain(output)]?.marks[last].stream == stream
            {
                files[Self.plain(output)]?.marks[last].count += bytes.count
            } else {
                files[Self.plain(output)]?.marks.append(OutputStretch(stream: stream, count: bytes.count))
            }
            return files[Self.plain(output)]?.watchers ?? []
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Forgets the bytes of a stretch; they still count.
    public func omit(_ range: OmittedRange, of output: OutputReference) {
        files.withLock { $0[Self.plain(output), default: File()].omitted = range }
    }

    /// What was removed: references as `folder/number`, folders by name.
    public var removed: [String] { removals.withLock { $0 } }

    // MARK: The port

    private func file(_ output: OutputReference) throws -> File {
        guard let file = files.withLock({ $0[Self.plain(output)] }) else {
            throw Failure(
                .gone,
                code: "output_missing",
                message: "The output of this ticket is not there any more."
            )
        }
        return file
    }

    private static func bytes(_ file: File, _ stream: OutputStream) -> [UInt8] {
        guard stream != .combined else { return file.combined }
        var position = 0
        var result: [UInt8] = []
        for mark in file.marks {
            if mark.stream == stream { result += file.combined[position..<position + mark.count] }
            position += mark.count
        }
        return result
    }

    /// As the port says.
    public func info(_ output: OutputReference, stream: OutputStream) async throws -> OutputInfo {
        let file = try file(output)
        return OutputInfo(length: Int64(Self.bytes(file, stream).count), omitted: file.omitted)
    }

    /// As the port says.
    public func read(
        _ output: OutputReference,
        stream: OutputStream,
        from offset: Int64,
        count: Int
    ) async throws -> OutputChunk {
        let file = try file(output)
        let bytes = Self.bytes(file, stream)
        let gap = stream == .combined ? file.omitted : nil
        var start = max(0, min(offset, Int64(bytes.count)))
        if let gap, start >= gap.start, start < gap.end { start = gap.end }
        var end = min(start + Int64(min(count, longestRead)), Int64(bytes.count))
        if let gap, start < gap.start { end = min(end, gap.start) }
        let next = gap.map { end == $0.start ? $0.end : end } ?? end
        return OutputChunk(
            offset: start,
            bytes: Array(bytes[Int(start)..<Int(end)]),
            next: next,
            skipped: max(0, start - offset),
            stretches: stream == .combined ? Self.stretches(file, Int(start), Int(end)) : []
        )
    }

    private static func stretches(_ file: File, _ start: Int, _ end: Int) -> [OutputStretch] {
        var position = 0
        var result: [OutputStretch] = []
        for mark in file.marks {
            let overlap = min(end, position + mark.count) - max(start, position)
            if overlap > 0 { result.append(OutputStretch(stream: mark.stream, count: overlap)) }
            position += mark.count
        }
        return result
    }

    /// As the port says.
    public func offsetOfLast(
        lines: Int,
        of output: OutputReference,
        stream: OutputStream
    ) async throws -> Int64 {
        let bytes = Self.bytes(try file(output), stream)
        var left = lines
        for index in bytes.indices.dropLast().reversed() where bytes[index] == 10 {
            left -= 1
            if left == 0 { return Int64(index + 1) }
        }
        return 0
    }

    /// As the port says.
    public func watch(_ output: OutputReference, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        wake.yield()
        files.withLock { $0[Self.plain(output), default: File()].watchers.append(wake) }
        return Subscription {}
    }

    /// As the port says.
    public func remove(_ output: OutputReference) async throws {
        files.withLock { $0[Self.plain(output)] = nil }
        removals.withLock { $0.append("\(output.folder)/\(output.number)") }
    }

    /// As the port says.
    public func removeFolder(_ folder: SessionName) async throws {
        files.withLock { files in files = files.filter { $0.key.folder != folder } }
        removals.withLock { $0.append(folder.rawValue) }
    }
}
