internal import Core
internal import Domain

/// Limits as they stand in JSON.
enum LimitFields {
    static let known: Set<String> = [
        "time", "grace", "output_bytes", "output_policy", "cpu_seconds", "memory_bytes", "processes",
        "open_files",
        "file_bytes",
    ]

    static func read(_ body: BodyReader) throws(Failure) -> LimitOverrides {
        var limits = LimitOverrides()
        limits.time = try body.seconds("time")
        limits.grace = try body.seconds("grace")
        limits.outputBytes = try body.integer("output_bytes")
        limits.outputPolicy = try body.word("output_policy", OutputPolicy.self)
        limits.cpuSeconds = try body.integer("cpu_seconds").map { Int($0) }
        limits.memoryBytes = try body.integer("memory_bytes")
        limits.processes = try body.integer("processes").map { Int($0) }
        limits.openFiles = try body.integer("open_files").map { Int($0) }
        limits.fileBytes = try body.integer("file_bytes")
        return limits
    }

    static func write(_ limits: LimitOverrides, to writer: inout JSONWriter) {
        writer.object { writer in
            if let time = limits.time {
                writer.key("time")
                writer.number(time.inSeconds)
            }
            if let grace = limits.grace {
                writer.key("grace")
                writer.number(grace.inSeconds)
            }
            if let policy = limits.outputPolicy {
                writer.key("output_policy")
                writer.string(policy.rawValue)
            }
            let numbers: [(StaticString, Int64?)] = [
                ("output_bytes", limits.outputBytes), ("cpu_seconds", limits.cpuSeconds.map(Int64.init)),
                ("memory_bytes", limits.memoryBytes), ("processes", limits.processes.map(Int64.init)),
                ("open_files", limits.openFiles.map(Int64.init)), ("file_bytes", limits.fileBytes),
            ]
            for (name, value) in numbers {
                guard let value else { continue }
                writer.key(name)
                writer.integer(value)
            }
        }
    }
}
