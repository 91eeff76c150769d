internal import CLinux
internal import Core

/// README.md and CONTEXT.md of the data directory, read when they are asked for, so that an edit shows at once.
struct PageOverrides: Sendable {
    private static let largest = 1 << 20
    private let directory: String
    private let thread = DedicatedThread(name: "pages")

    init(directory: String) { self.directory = directory }

    /// The text of a file, or nil when there is none, or it is no regular file, or larger than 1 MiB.
    func text(_ name: String) async -> String? {
        let path = "\(directory)/\(name)"
        return try? await thread.run { Self.read(path) }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, Int32(status.st_mode) & S_IFMT == S_IFREG,
            status.st_size <= largest
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let size = bytes.count - count
            let result = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return unsafe CLinux.read(descriptor, base + count, size)
            }
            if result <= 0 { break }
            count += result
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
