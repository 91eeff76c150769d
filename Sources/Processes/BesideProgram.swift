internal import CLinux

/// What lies in the folder of the running program.
enum BesideProgram {
    /// An executable file of this name there, or nil.
    static func file(_ name: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        let program = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/" + name
        return unsafe access(path, X_OK) == 0 ? path : nil
    }
}
