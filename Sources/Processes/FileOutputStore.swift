internal import Core
internal import Domain
internal import Synchronization

/// The `OutputStore` over the files that runners write; two threads do its blocking calls.
final class FileOutputStore: OutputStore {
    private static let block = 64 << 10
    private static let blocksInARow = 64

    private let folders: SessionFolders
    private let recent: RecentFolders
    private let notices: OutputNotices
    private let asides = Mutex(AsideFiles())
    private let threads = [DedicatedThread(name: "output-1"), DedicatedThread(name: "output-2")]
    private let turn = Atomic<Int>(0)

    init(folders: SessionFolders, recent: RecentFolders, ended: RunWatch) throws {
        self.folders = folders
        self.recent = recent
        notices = try OutputNotices(folders: folders)
        let notices = notices
        ended.onEnd { notices.wake($0) }
    }

    func info(_ output: OutputReference, stream: OutputStream) async throws -> OutputInfo {
        try await run { [self] in try open(output).info(stream) }
    }

    func read(
        _ output: OutputReference,
        stream: OutputStream,
        from offset: Int64,
        count: Int
    ) async throws -> OutputChunk {
        try await run { [self] in try open(output).read(stream, from: offset, count: count) }
    }

    func offsetOfLast(lines: Int, of output: OutputReference, stream: OutputStream) async throws -> Int64 {
        var search = try await run { [self] in LastLines(lines, before: try open(output).info(stream).length)
        }
        while search.found == nil {
            // One long line may be all there is: others get their turn, and whoever gave up ends it.
            try Task.checkCancellation()
            let before = search
            search = try await run { [self] in
                var search = before
                let reading = try open(output)
                for _ in 0..<Self.blocksInARow where search.found == nil {
                    try search.look(back: Self.block) { try reading.read(stream, from: $0, count: $1) }
                }
                return search
            }
        }
        return search.found ?? 0
    }

    func watch(_ output: OutputReference, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        notices.watch(output, wake)
    }

    func remove(_ output: OutputReference) async throws {
        try await run { [self] in
            guard let folder = folders.existing(output.folder) else { return }
            let files = TicketFiles(folder: folder, name: output.folder, number: output.number)
            SessionFolders.remove(
                [files.outputName, files.journalName, files.inputName, files.sizeName],
                in: folder
            )
            SessionFolders.remove(
                asides.withLock { $0.take(output.number, of: output.folder, in: folder) },
                in: folder
            )
        }
    }

    func removeFolder(_ folder: SessionName) async throws {
        try await run { [self] in
            folders.remove(folder)
            recent.forget(folder)
        }
    }

    private func open(_ output: OutputReference) throws -> OutputReading {
        guard let folder = folders.existing(output.folder) else {
            throw Failure(.gone, code: "output_missing", message: "The folder of this session is not there.")
        }
        return try OutputReading(
            TicketFiles(folder: folder, name: output.folder, number: output.number, nonce: output.nonce)
        )
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads[turn.add(1, ordering: .relaxed).oldValue & 1].run(body)
    }
}
