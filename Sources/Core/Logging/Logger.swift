/// How much a log line matters.
public enum LogLevel: Int, Comparable, Sendable, CaseIterable {
    /// Protocol detail.
    case trace
    /// Decisions.
    case debug
    /// One line per request or ticket.
    case info
    /// Lifecycle.
    case notice
    /// Degraded.
    case warning
    /// Someone must act.
    case error

    /// The word in the configuration and in the line.
    public var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        }
    }

    /// The natural order.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// One dotted key with its value.
public struct LogField: Sendable {
    let key: StaticString
    let value: any Loggable

    /// Makes a field; keys are dotted and lower case, such as `ticket.number`.
    public init(_ key: StaticString, _ value: any Loggable) {
        self.key = key
        self.value = value
    }
}

/// Writes one JSON object per line.
///
/// The message is a `StaticString`, so nothing can be interpolated into it; see ``Loggable`` for the fields.
public struct Logger: Sendable {
    /// The request that the present task serves; set for a request and inherited by child tasks.
    @TaskLocal public static var requestID: String?

    private let level: LogLevel
    private let sink: any LogSink
    private let clock: any WallClock

    /// Makes a logger that drops lines below `level`.
    public init(level: LogLevel, sink: any LogSink, clock: any WallClock = SystemWallClock()) {
        self.level = level
        self.sink = sink
        self.clock = clock
    }

    /// Says whether a line of this level would be written.
    public func writes(_ level: LogLevel) -> Bool { level >= self.level }

    /// Writes a line.
    public func log(_ level: LogLevel, _ message: StaticString, _ fields: [LogField] = []) {
        guard level >= self.level else { return }
        var writer = JSONWriter(capacity: 320)
        writer.object { writer in
            writer.key("time")
            writer.time(clock.now())
            writer.key("level")
            level.name.writeLog(to: &writer)
            writer.key("message")
            message.writeLog(to: &writer)
            if let requestID = Self.requestID {
                writer.key("request.id")
                writer.string(requestID)
            }
            for field in fields {
                writer.key(field.key)
                field.value.writeLog(to: &writer)
            }
        }
        sink.write(line: writer.bytes)
    }

    /// Someone must act.
    public func error(_ message: StaticString, _ fields: LogField...) { log(.error, message, fields) }
    /// Something is degraded.
    public func warning(_ message: StaticString, _ fields: LogField...) { log(.warning, message, fields) }
    /// Lifecycle.
    public func notice(_ message: StaticString, _ fields: LogField...) { log(.notice, message, fields) }
    /// One line per request or ticket.
    public func info(_ message: StaticString, _ fields: LogField...) { log(.info, message, fields) }
    /// Decisions.
    public func debug(_ message: StaticString, _ fields: LogField...) { log(.debug, message, fields) }
}
