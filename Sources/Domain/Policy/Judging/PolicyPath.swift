/// Paths as text.
enum PolicyPath {
    /// The path without empty parts, `.` and, where a part is before it, `..`; a text without slashes stays as it is.
    static func tidied(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "/")) else { return text }
        let isAbsolute = text.utf8.first == UInt8(ascii: "/")
        var parts: [Substring] = []
        for bytes in text.utf8.split(separator: UInt8(ascii: "/")) {
            let part = Substring(bytes)
            switch part {
            case ".": continue
            case "..":
                if let last = parts.last, last != ".." {
                    parts.removeLast()
                } else if !isAbsolute {
                    parts.append(part)
                }
            default: parts.append(part)
            }
        }
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }

    /// The path as seen from the root; nil when that is not known.
    static func absolute(_ text: String, in directory: String?) -> String? {
        if text.utf8.first == UInt8(ascii: "/") { return text }
        guard let directory else { return nil }
        return directory + "/" + text
    }
}
