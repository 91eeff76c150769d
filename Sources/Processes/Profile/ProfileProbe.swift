internal import CLinux
internal import Core
public import Domain

/// Looks at the machine: reads small files and asks known programs for their versions.
///
/// Changes nothing. Blocks its thread, for ``limit`` at most.
public struct ProfileProbe: Sendable {
    /// How long a whole look may take.
    public static let limit = Duration.seconds(10)
    private static let programLimit = Duration.seconds(2)
    /// Directories that stand for a `*` are looked through up to here.
    private static let maximumNames = 256
    private static let maximumPrograms = 12

    /// Stands before every path; empty but in tests.
    private let root: String

    /// Makes a probe of this machine.
    public init() { root = "" }

    init(root: String) { self.root = root }

    /// Looks at everything; what cannot be found out is left out.
    public func look() -> SystemProfile {
        let deadline = ContinuousClock.now + Self.limit
        var facts = [
            SystemProfile.Fact("os", system() ?? ""),
            SystemProfile.Fact("kernel", kernel()),
            SystemProfile.Fact("hardware", hardware()),
            SystemProfile.Fact("disks", disks()),
        ]
        for part in KnownProgram.Part.allCases {
            var texts = part == .panel ? panels() : []
            for program in KnownProgram.all where program.part == part {
                for text in descriptions(of: program, deadline) where !texts.contains(text) {
                    texts.append(text)
                }
            }
            if part == .panel, texts.isEmpty { texts = ["none"] }
            facts.append(SystemProfile.Fact(part.rawValue, texts.joined(separator: ", ")))
        }
        return SystemProfile(facts)
    }

    private func system() -> String? {
        (file("/etc/os-release") ?? file("/usr/lib/os-release")).flatMap(ProfileFiles.system)
    }

    private func kernel() -> String {
        let release = file("/proc/sys/kernel/osrelease")?.trimmed ?? ""
        #if arch(x86_64)
        return "\(release) x86_64".trimmed
        #elseif arch(arm64)
        return "\(release) aarch64".trimmed
        #else
        return release
        #endif
    }

    private func hardware() -> String {
        let processors = file("/proc/cpuinfo").flatMap(ProfileFiles.processors).map { "\($0) processors" }
        let memory = file("/proc/meminfo").flatMap(ProfileFiles.memory).map { "memory \($0)" }
        return [processors, memory].compactMap(\.self).joined(separator: "; ")
    }

    private func disks() -> String {
        let mounts = file("/proc/self/mounts").map(ProfileFiles.disks) ?? []
        return mounts.compactMap { mount in
            // A file server that is away would hold this thread back.
            guard !mount.kind.hasPrefix("nfs") else { return "\(mount.place) (\(mount.kind))" }
            var status = statvfs()
            guard unsafe statvfs(root + mount.place, &status) == 0 else { return nil }
            let total = Int64(clamping: UInt64(status.f_blocks) &* UInt64(status.f_frsize))
            return "\(mount.place) \(ProfileFiles.size(total)) \(mount.kind)"
        }.joined(separator: ", ")
    }

    private func panels() -> [String] {
        KnownPanel.all.filter { unsafe access(root + $0.directory, F_OK) == 0 }
            .map { $0.description(of: file($0.versionFile)) }
    }

    private func descriptions(of program: KnownProgram, _ deadline: ContinuousClock.Instant) -> [String] {
        var found: [String] = []
        for path in program.paths.flatMap(expanded).prefix(Self.maximumPrograms) {
            guard ContinuousClock.now < deadline else { return found }
            guard ProbeProgram.isTrusted(path) else { continue }
            let output = ProbeProgram.output(
                path,
                program.arguments,
                deadline: min(deadline, .now + Self.programLimit)
            )
            guard let text = output.flatMap(program.description) else { continue }
            found.append(text)
            if !program.isEach { break }
        }
        return found
    }

    /// The paths that a pattern with at most one `*` stands for, by name.
    private func expanded(_ pattern: String) -> [String] {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        guard parts.count == 2, let slash = parts[0].lastIndex(of: "/") else { return [root + pattern] }
        let folder = String(parts[0][...slash])
        let prefix = String(parts[0][parts[0].index(after: slash)...])
        return names(in: root + folder).filter { $0.hasPrefix(prefix) }.sorted()
            .map { root + folder + $0 + parts[1] }
            .filter { unsafe access($0, F_OK) == 0 }
    }

    private func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while names.count < Self.maximumNames, let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The first 64 KiB of a regular file.
    private func file(_ path: String) -> String? {
        let descriptor = Descriptor(unsafe dh_open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0))
        guard let descriptor else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor.raw, &status) == 0, status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG)
        else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < 64 << 10 {
            let count = unsafe read(descriptor.raw, &buffer, buffer.count)
            if count < 0, dh_errno() == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
