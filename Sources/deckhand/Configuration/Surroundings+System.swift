import CLinux
import FoundationEssentials

extension Surroundings {
    /// What the running process finds.
    static func current() -> Surroundings {
        let environment = ProcessInfo.processInfo.environment
        var home = environment["HOME"]
        if home?.hasPrefix("/") != true { home = nil }
        return Surroundings(
            environment: environment,
            workingDirectory: currentDirectory(),
            homeDirectory: home,
            userID: geteuid(),
            executablePath: executable()
        )
    }

    private static func currentDirectory() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard let text = unsafe getcwd(&buffer, buffer.count) else { return "/" }
        return unsafe String(cString: text)
    }

    private static func executable() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return "/usr/bin/deckhand" }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
