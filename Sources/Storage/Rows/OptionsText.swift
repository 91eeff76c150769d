internal import Core
internal import Domain
internal import SQL

/// Options, limits and environments as JSON text in one column; null for the defaults, which most rows have.
///
/// Equal values give equal bytes: members are written in one order.
enum OptionsText {
    static func text(_ options: TicketOptions) -> String? {
        guard options != TicketOptions() else { return nil }
        var members: [String: JSONValue] = [:]
        members["cwd"] = options.workingDirectory.map(JSONValue.string)
        if !options.environment.isEmpty { members["env"] = json(options.environment) }
        switch options.input {
        case .none: break
        case .bytes(let bytes): members["input"] = .string(TextCoding.base64URL(bytes))
        case .open: members["interactive"] = .bool(true)
        }
        if let terminal = options.terminal {
            members["terminal"] = .array([.integer(Int64(terminal.columns)), .integer(Int64(terminal.rows))])
        }
        if !options.limits.isEmpty { members["limits"] = json(options.limits) }
        if !options.secrets.isEmpty {
            members["secrets"] = .array(options.secrets.map { .string($0.rawValue) })
        }
        members["run_as"] = options.runAs.map(JSONValue.string)
        return text(.object(members))
    }

    static func options(_ text: String?) throws -> TicketOptions {
        var options = TicketOptions()
        guard let text else { return options }
        let json = try parse(text)
        options.workingDirectory = json["cwd"]?.string
        if let members = json["env"] { options.environment = environment(members) }
        if let input = json["input"]?.string, let bytes = TextCoding.bytes(base64URL: input) {
            options.input = .bytes(bytes)
        } else if json["interactive"]?.bool == true {
            options.input = .open
        }
        if let size = json["terminal"]?.array?.compactMap(\.integer), size.count == 2 {
            options.terminal = TerminalSize(columns: Int(size[0]), rows: Int(size[1]))
        }
        if let members = json["limits"] { options.limits = limits(members) }
        options.secrets = (json["secrets"]?.array ?? []).compactMap {
            $0.string.flatMap { try? SecretName($0) }
        }
        options.runAs = json["run_as"]?.string
        return options
    }

    static func text(_ environment: [String: String]) -> String? {
        environment.isEmpty ? nil : text(json(environment))
    }

    static func environment(_ text: String?) throws -> [String: String] {
        guard let text else { return [:] }
        return environment(try parse(text))
    }

    static func text(_ limits: LimitOverrides) -> String? { limits.isEmpty ? nil : text(json(limits)) }

    static func limits(_ text: String?) throws -> LimitOverrides {
        guard let text else { return LimitOverrides() }
        return limits(try parse(text))
    }

    static func text(notes: [String]) -> String? {
        notes.isEmpty ? nil : text(.array(notes.map(JSONValue.string)))
    }

    static func notes(_ text: String?) throws -> [String] {
        guard let text else { return [] }
        return try parse(text).array?.compactMap(\.string) ?? []
    }

    private static func json(_ environment: [String: String]) -> JSONValue {
        .object(environment.mapValues(JSONValue.string))
    }

    private static func environment(_ json: JSONValue) -> [String: String] {
        (json.object ?? [:]).compactMapValues(\.string)
    }

    private static func json(_ limits: LimitOverrides) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members["time"] = (limits.time?.inMicroseconds).map(JSONValue.integer)
        members["grace"] = (limits.grace?.inMicroseconds).map(JSONValue.integer)
        members["output"] = limits.outputBytes.map(JSONValue.integer)
        members["output_policy"] = (limits.outputPolicy?.rawValue).map(JSONValue.string)
        members["cpu"] = limits.cpuSeconds.map { .integer(Int64($0)) }
        members["memory"] = limits.memoryBytes.map(JSONValue.integer)
        members["processes"] = limits.processes.map { .integer(Int64($0)) }
        members["files"] = limits.openFiles.map { .integer(Int64($0)) }
        members["file_bytes"] = limits.fileBytes.map(JSONValue.integer)
        return .object(members)
    }

    private static func limits(_ json: JSONValue) -> LimitOverrides {
        var limits = LimitOverrides()
        limits.time = (json["time"]?.integer).map { .microseconds($0) }
        limits.grace = (json["grace"]?.integer).map { .microseconds($0) }
        limits.outputBytes = json["output"]?.integer
        limits.outputPolicy = (json["output_policy"]?.string).flatMap(OutputPolicy.init(rawValue:))
        limits.cpuSeconds = (json["cpu"]?.integer).map { Int($0) }
        limits.memoryBytes = json["memory"]?.integer
        limits.processes = (json["processes"]?.integer).map { Int($0) }
        limits.openFiles = (json["files"]?.integer).map { Int($0) }
        limits.fileBytes = json["file_bytes"]?.integer
        return limits
    }

    private static func text(_ json: JSONValue) -> String { String(decoding: json.bytes, as: UTF8.self) }

    private static func parse(_ text: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: Array(text.utf8))
        } catch {
            throw SQLError(.shape, message: "a column does not hold the JSON text that was stored")
        }
    }
}
