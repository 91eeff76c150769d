/// What was found at a path of a panel's tree.
struct FileSight: Sendable, Equatable {
    enum Kind: Sendable, Equatable { case file, folder, other }

    var kind: Kind
    /// SHA-256 of a file's bytes; empty for what is no file.
    var digest = ""
    var mode: UInt32 = 0o644
    /// One of our pages, of whatever version.
    var isMarked = false
    /// Nobody may change it, root included (chattr(1), attribute i).
    var isFrozen = false
}

/// What was found of a panel's tree; paths that are not in it are not there.
typealias PanelSight = [String: FileSight]

/// The folder of a path.
func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.count < 2 ? "/" : parts.joined(separator: "/")
}

/// All folders above a path, the nearest first, the root left out.
func folders(above path: String) -> [String] {
    var result: [String] = []
    var current = folder(of: path)
    while current != "/" {
        result.append(current)
        current = folder(of: current)
    }
    return result
}
