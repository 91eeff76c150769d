internal import CLinux
internal import Core
public import Domain

/// Reads the files that commands would execute; one thread does the blocking calls.
struct ScriptFileReader: ScriptFiles {
    private let thread = DedicatedThread(name: "scripts")

    func file(at path: String, upTo maximumBytes: Int) async -> ScriptFile? {
        try? await thread.run { Self.read(path, upTo: maximumBytes) }
    }

    /// Never waits for the other end of a pipe, and reads nothing but regular files.
    private static func read(_ path: String, upTo maximumBytes: Int) -> ScriptFile? {
        guard !path.utf8.contains(0),
            let file = unsafe Descriptor(dh_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0))
        else { return nil }
        var status = stat()
        guard unsafe fstat(file.raw, &status) == 0, status.st_mode & UInt32(S_IFMT) == UInt32(S_IFREG) else {
            return nil
        }
        let isExecutable = status.st_mode & 0o111 != 0
        let size = Int(status.st_size)
        guard size <= maximumBytes else { return ScriptFile(contents: nil, isExecutable: isExecutable) }
        // One byte more shows that it grows meanwhile.
        guard let contents = file.read(at: 0, count: size + 1) else { return nil }
        return ScriptFile(contents: contents.count > size ? nil : contents, isExecutable: isExecutable)
    }
}

/// Makes the reader of script files.
public func makeScriptFiles() -> any ScriptFiles { ScriptFileReader() }
