public import Domain

/// Where a submission goes.
public enum SubmissionTarget: Sendable {
    /// This session, made if there is none.
    case named(SessionName)
    /// This session, which must exist (a link bound to it).
    case existing(SessionID)
    /// A new session with a readable random name; the same request again within the repeat window, told by
    /// `repeatedBy`, goes to the same one.
    case random(repeatedBy: String?)
}

/// What a caller submits.
public struct Submission: Sendable {
    /// Where it goes.
    public var target: SubmissionTarget
    /// The command.
    public var command: String
    /// The door.
    public var origin: TicketOrigin
    /// The caller's key.
    public var key: IdempotencyKey?
    /// Repeating the session's latest command within this time returns that ticket.
    public var repeatWindow: Duration?
    /// How it is to be run.
    public var options: TicketOptions
    /// The chat and turn it belongs to, shown to whoever has to approve it.
    public var reference: String?

    /// Makes a submission.
    public init(
        target: SubmissionTarget,
        command: String,
        origin: TicketOrigin,
        key: IdempotencyKey? = nil,
        repeatWindow: Duration? = nil,
        options: TicketOptions = TicketOptions()
    ) {
        self.target = target
        self.command = command
        self.origin = origin
        self.key = key
        self.repeatWindow = repeatWindow
        self.options = options
    }

    /// The longest command that a shell can be handed as one argument, with room for the wrapper (execve(2), MAX_ARG_STRLEN).
    public static let maximumCommandBytes = 120 << 10

    /// Throws `Failure` for anything that could not be run.
    func validate() throws(Failure) {
        guard !command.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) else {
            throw Failure(
                .invalid,
                code: "command_missing",
                message: "There is no command.",
                hint: "Send the shell command as cmd (GET face) or \"command\" (JSON)."
            )
        }
        guard !command.utf8.contains(0) else {
            throw Failure(
                .unprocessable,
                code: "command_has_nul",
                message: "A command cannot contain a NUL byte.",
                hint: "Write the byte with printf '\\0' inside the command."
            )
        }
        guard command.utf8.count <= Self.maximumCommandBytes else {
            throw Failure(
                .tooLarge,
                code: "command_too_long",
                message:
                    "The command has \(command.utf8.count) bytes; at most \(Self.maximumCommandBytes) can be run.",
                hint: "POST the long part as \"input\" and let the command be: bash -s"
            )
        }
        try options.validate()
    }
}

extension TicketOptions {
    fileprivate func validate() throws(Failure) {
        if let directory = workingDirectory { try Self.validate(directory: directory) }
        try Self.validate(environment: environment)
        try validateSecrets()
        if case .bytes(let bytes) = input, bytes.count > 1 << 20 {
            throw Failure(
                .tooLarge,
                code: "input_too_large",
                message: "The input is larger than 1 MiB.",
                hint:
                    "Write it to a file in several tickets, or use an interactive ticket and its input route."
            )
        }
        try limits.validate()
    }

    private func validateSecrets() throws(Failure) {
        guard secrets.count <= 32, Set(secrets).count == secrets.count else {
            throw Failure(
                .unprocessable,
                code: "invalid_secrets",
                message: "A ticket names up to 32 secrets, each once.",
                hint: "List the names that the command uses."
            )
        }
        if let name = secrets.first(where: { environment[$0.rawValue] != nil }) {
            throw Failure(
                .unprocessable,
                code: "invalid_secrets",
                message: "\(name) is both a secret and a variable of the ticket.",
                hint: "Name the variable otherwise."
            )
        }
    }

    /// Throws `Failure` unless the directory is an absolute path.
    static func validate(directory: String) throws(Failure) {
        guard directory.hasPrefix("/"), directory.utf8.count <= 4_095, !directory.utf8.contains(0) else {
            throw Failure(
                .unprocessable,
                code: "invalid_directory",
                message: "The working directory is not an absolute path.",
                hint: "Send a path that begins with a slash."
            )
        }
    }

    /// Throws `Failure` unless names are portable (POSIX.1-2017 chapter 8.1) and the values can be passed on.
    static func validate(environment: [String: String]) throws(Failure) {
        var size = 0
        for (name, value) in environment {
            size += name.utf8.count + value.utf8.count
            let wellFormed =
                name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
                && name.utf8.allSatisfy {
                    $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                        || (0x61...0x7A).contains($0)
                }
            guard wellFormed, !name.hasPrefix("DECKHAND_"), !value.utf8.contains(0) else {
                throw Failure(
                    .unprocessable,
                    code: "invalid_environment",
                    message: "A variable of the environment is not allowed.",
                    hint:
                        "Names are letters, digits and underscores, do not begin with a digit or DECKHAND_; values have no NUL."
                )
            }
        }
        guard environment.count <= 256, size <= 64 << 10 else {
            throw Failure(
                .tooLarge,
                code: "environment_too_large",
                message: "The environment has more than 256 variables or 64 KiB.",
                hint: "Put the values into a file and source it in the command."
            )
        }
    }
}

extension LimitOverrides {
    /// Throws `Failure` for limits that make no sense.
    func validate() throws(Failure) {
        let longest = Duration.seconds(7 * 86_400)
        if let time, time <= .zero || time > longest {
            throw Failure(
                .unprocessable,
                code: "invalid_timeout",
                message: "The time limit is out of range.",
                hint: "Send between 1 and 604800 seconds."
            )
        }
        if let grace, grace < .zero || grace > .seconds(300) {
            throw Failure(
                .unprocessable,
                code: "invalid_grace",
                message: "The grace period is out of range.",
                hint: "Send between 0 and 300 seconds."
            )
        }
        if let outputBytes, outputBytes < 4_096 || outputBytes > 1 << 40 {
            throw Failure(
                .unprocessable,
                code: "invalid_output_limit",
                message: "The output limit is out of range.",
                hint: "Send between 4096 bytes and 1 TiB."
            )
        }
        let numbers = [
            cpuSeconds.map(Int64.init), memoryBytes, processes.map(Int64.init), openFiles.map(Int64.init),
            fileBytes,
        ]
        guard numbers.allSatisfy({ $0 ?? 1 > 0 }) else {
            throw Failure(
                .unprocessable,
                code: "invalid_limit",
                message: "A limit is not a positive number.",
                hint: "Leave a limit out to get the configured one."
            )
        }
    }
}
