internal import CLinux
public import Domain

/// The machine's own file system, as the rules ask for it.
public struct SystemPolicyWorld: PolicyWorld {
    private static let maximumLinks = 40
    private let searchPath: [String]

    /// `searchPath` is the `PATH` of commands.
    public init(searchPath: String = ProcessesConfiguration.usualSearchPath) {
        self.searchPath = searchPath.split(separator: ":").map(String.init)
    }

    /// As the port says; what comes first on the search path counts, as for bash.
    public func program(_ name: String) -> ProgramResolution {
        if name.hasPrefix("/") { return resolution(name) ?? .missing }
        guard !name.isEmpty, !name.contains("/") else { return .missing }
        for directory in searchPath {
            if let found = resolution(directory + "/" + name) { return found }
        }
        return .missing
    }

    private func resolution(_ path: String) -> ProgramResolution? {
        guard let way = Way(to: path), way.isComplete, way.mode & FileMode.kind == FileMode.regular,
            way.mode & 0o111 != 0
        else {
            return nil
        }
        if let place = way.foreign { return .untrusted("\(place) can be changed by others than root.") }
        return .trusted(name: way.path.split(separator: "/").last.map(String.init) ?? "")
    }

    /// As the port says.
    public func realPath(_ path: String) -> String? { Way(to: path)?.path }

    /// As the port says.
    public func matches(_ pattern: String) -> [String]? {
        var search = PathSearch()
        return search.run(pattern) ? search.found : nil
    }

    /// The way to a file, link by link.
    private struct Way {
        /// Without links as far as it exists; the rest as it was written.
        private(set) var path = ""
        /// Says whether all of it exists.
        private(set) var isComplete = true
        /// The first place on the way that somebody besides root can change.
        private(set) var foreign: String?
        /// What it leads to.
        private(set) var mode: UInt32 = 0

        /// Nil when it cannot be told: a loop, or a place that cannot be looked at.
        init?(to path: String) {
            guard path.utf8.first == UInt8(ascii: "/"), !path.utf8.contains(0) else { return nil }
            var rest = Array(path.split(separator: "/").map(String.init).reversed())
            var links = 0
            check("/")
            while let part = rest.popLast() {
                if part == "." { continue }
                if part == ".." {
                    self.path = String(self.path[..<(self.path.lastIndex(of: "/") ?? self.path.startIndex)])
                    continue
                }
                let next = self.path + "/" + part
                guard isComplete else {
                    self.path = next
                    continue
                }
                var status = stat()
                guard unsafe lstat(next, &status) == 0 else {
                    guard dh_errno() == ENOENT || dh_errno() == ENOTDIR else { return nil }
                    isComplete = false
                    self.path = next
                    continue
                }
                note(status, at: next)
                guard status.st_mode & FileMode.kind == FileMode.link else {
                    mode = status.st_mode
                    self.path = next
                    continue
                }
                links += 1
                guard links <= SystemPolicyWorld.maximumLinks, let target = Self.target(of: next) else {
                    return nil
                }
                if target.hasPrefix("/") { self.path = "" }
                rest += target.split(separator: "/").map(String.init).reversed()
            }
            if self.path.isEmpty { self.path = "/" }
        }

        private mutating func check(_ path: String) {
            var status = stat()
            if unsafe lstat(path, &status) == 0 { note(status, at: path) }
        }

        private mutating func note(_ status: stat, at path: String) {
            let isLink = status.st_mode & FileMode.kind == FileMode.link
            if foreign == nil, status.st_uid != 0 || (!isLink && status.st_mode & 0o022 != 0) {
                foreign = path
            }
        }

        private static func target(of path: String) -> String? {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = unsafe readlink(path, &buffer, buffer.count)
            guard count > 0, count < buffer.count else { return nil }
            return String(validating: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

/// Parts of a file's mode (inode(7)), as the numbers that the system has there.
private enum FileMode {
    static let kind: UInt32 = 0o170000
    static let regular: UInt32 = 0o100000
    static let link: UInt32 = 0o120000
}

/// Looks for the names that a pattern stands for, within bounds.
private struct PathSearch {
    private static let mostFound = 1_000
    private static let mostSeen = 50_000

    private(set) var found: [String] = []
    private var seen = 0

    /// Says whether it came to an end.
    mutating func run(_ pattern: String) -> Bool {
        guard pattern.utf8.first == UInt8(ascii: "/") else { return false }
        return look(in: "", for: pattern.split(separator: "/").map(String.init)[...])
    }

    private mutating func look(in directory: String, for parts: ArraySlice<String>) -> Bool {
        guard let part = parts.first else {
            found.append(directory.isEmpty ? "/" : directory)
            return found.count <= Self.mostFound
        }
        let rest = parts.dropFirst()
        guard part.utf8.contains(where: { "*?[".utf8.contains($0) }) else {
            let path = directory + "/" + Self.plain(part)
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else { return dh_errno() != EACCES }
            return look(in: path, for: rest)
        }
        let glob = Glob(part)
        guard let stream = unsafe opendir(directory.isEmpty ? "/" : directory) else {
            // A file, or nothing, holds no names; a directory that cannot be read may.
            return dh_errno() == ENOTDIR || dh_errno() == ENOENT
        }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            seen += 1
            guard seen <= Self.mostSeen else { return false }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard isShown(name, by: part, glob) else { continue }
            if !look(in: directory + "/" + name, for: rest) { return false }
        }
        return true
    }

    /// Hidden names need a dot in the pattern; a letter of several bytes may be one for bash.
    private func isShown(_ name: String, by part: String, _ glob: Glob) -> Bool {
        if name == "." || name == ".." || (name.hasPrefix(".") && !part.hasPrefix(".")) { return false }
        let isPlain = name.utf8.allSatisfy { $0 < 0x80 } || !part.utf8.contains { "?[".utf8.contains($0) }
        return !isPlain || glob.matches(name)
    }

    /// The part without the backslashes before what is special.
    private static func plain(_ part: String) -> String {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in part.utf8 {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
