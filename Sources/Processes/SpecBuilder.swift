internal import CLinux
internal import Core
internal import Domain

/// Turns requests into specifications for runners.
struct SpecBuilder: Sendable {
    /// Longer ones go through a memory file.
    static let largestInMessage = 64 << 10

    /// The character set of commands, unless somebody chooses another.
    private static let encoding = "C.UTF-8"

    let user: RunAs
    let survivors: Survivors
    let base: [(name: String, value: String)]
    let notify: [UInt8]
    let forbidden: [String]
    /// The private directory of runs that may not write; nil where they run like others.
    var scratch: String?

    init(_ configuration: ProcessesConfiguration, user: RunAs, survivors: Survivors, notify: [UInt8]) {
        self.user = user
        self.survivors = survivors
        self.notify = notify
        // Not LANG: all other categories of C.UTF-8 are those of C (locale(7)), and a bash that has to load them
        // too needs a tenth more time to start.
        var base = [
            (name: "PATH", value: configuration.searchPath), ("SHELL", "/bin/bash"),
            ("LC_CTYPE", Self.encoding),
        ]
        for name in configuration.environmentNames {
            guard let value = unsafe getenv(name) else { continue }
            base.append((name, unsafe String(cString: value)))
        }
        self.base = base
        scratch = configuration.readOnlyScratch
        forbidden = ([configuration.sessionsPath] + configuration.hiddenPaths).compactMap(Self.resolved)
    }

    /// The journal's name for a ticket: `<session>/<number>/<nonce>`, or without the last for tickets that have none.
    static func token(_ ticket: TicketID, nonce: Int64?) -> String {
        "\(ticket.session.rawValue)/\(ticket.number)" + (nonce.map { "/\($0)" } ?? "")
    }

    /// Reads the journal's name for a ticket.
    static func ticket(_ token: some StringProtocol) -> TicketID? {
        let parts = token.split(separator: "/")
        guard (2...3).contains(parts.count), let session = Int64(parts[0]), let number = Int(parts[1]) else {
            return nil
        }
        return TicketID(session: SessionID(session), number: number)
    }

    /// The specification; asks for the system user when the request names one, which may block.
    func spec(_ request: RunRequest) throws(Failure) -> RunSpec {
        try check(request)
        let user = try self.user(of: request)
        var base = base
        let scratch = request.isReadOnly ? scratch : nil
        if let scratch { base.append(("TMPDIR", scratch)) }
        base += [("HOME", user.home), ("USER", user.name), ("LOGNAME", user.name)]
        let token = Self.token(request.ticket, nonce: request.nonce)
        var spec = RunSpec()
        spec.token = Array(token.utf8)
        spec.number = Int64(request.ticket.number)
        spec.command = Array(request.command.utf8)
        spec.directory = Array((request.workingDirectory ?? "").utf8)
        spec.home = Array(user.home.utf8)
        let terminal = request.terminal == nil ? "dumb" : "xterm-256color"
        // Who chooses a LANG means all of it: LC_CTYPE would overrule it in part.
        let choosesLanguage = request.environment["LANG"] != nil || base.contains { $0.name == "LANG" }
        spec.baseEnvironment = (base + [("TERM", terminal)])
            .filter { $0.name != "LC_CTYPE" || !choosesLanguage || $0.value != Self.encoding }
            .map { Array("\($0.name)=\($0.value)".utf8) }
        spec.environment = request.environment.sorted { $0.key < $1.key }.map {
            Array("\($0.key)=\($0.value)".utf8)
        }
        spec.secretEnvironment = request.secrets.sorted { $0.key < $1.key }.map { name, value in
            Array("\(name)=".utf8) + value.reveal()
        }
        spec.isReadOnly = scratch == nil ? 0 : 1
        spec.scratch = Array((scratch ?? "").utf8)
        spec.marker = survivors.marker(token: token)
        spec.mark = survivors.mark(token: token)
        spec.forbidden = forbidden.map { Array($0.utf8) }
        spec.notify = notify
        spec.groupsV2 = Array(survivors.groups.version2.utf8)
        spec.groupsMemory = Array(survivors.groups.memory.utf8)
        spec.groupsPids = Array(survivors.groups.pids.utf8)
        if !user.isOwn {
            spec.uid = Int64(user.uid)
            spec.gid = Int64(user.gid)
            spec.supplementary = user.groups.map { Int64($0) }
        }
        switch request.input {
        case .none: spec.input = RunSpec.inputNone
        case .bytes: spec.input = RunSpec.inputBytes
        case .open: spec.input = RunSpec.inputOpen
        }
        if let size = request.terminal {
            spec.columns = Int64(max(1, min(size.columns, 65_535)))
            spec.rows = Int64(max(1, min(size.rows, 65_535)))
        }
        spec.isStateful = request.isStateful ? 1 : 0
        if request.isStateful { carry(request.carrying, &spec) }
        apply(request.limits, to: &spec)
        return spec
    }

    private func carry(_ variables: CarriedVariables, _ spec: inout RunSpec) {
        switch variables {
        case .all: spec.carried = RunSpec.carriedAll
        case .ordinary:
            spec.carried = RunSpec.carriedAllBut
            spec.carriedNames = KnownVariables.steering.map { Array($0.utf8) }
        case .harmless:
            spec.carried = RunSpec.carriedOnly
            spec.carriedNames = KnownVariables.harmless.sorted().map { Array($0.utf8) }
        }
    }

    private func user(of request: RunRequest) throws(Failure) -> RunAs {
        guard let name = request.runAs else { return user }
        do throws(Failure) {
            return try RunAs.lookUp(name)
        } catch {
            throw Failure(
                .conflict,
                code: "unknown_user",
                message: "The system user \(name), as whom this command runs, does not exist any more.",
                hint: "Name another one: deckhand user run-as NAME USER"
            )
        }
    }

    private func apply(_ limits: RunLimits, to spec: inout RunSpec) {
        // A zero means no limit in the specification; the shortest limit is a millisecond.
        spec.timeMilliseconds = max(limits.time.inMilliseconds, 1)
        spec.graceMilliseconds = max(limits.grace.inMilliseconds, 0)
        spec.outputBytes = max(limits.outputBytes, 0)
        spec.endsAtOutputLimit = limits.outputPolicy == .end ? 1 : 0
        spec.cpuSeconds = Int64(limits.cpuSeconds ?? -1)
        spec.memoryBytes = limits.memoryBytes ?? -1
        spec.processes = Int64(limits.processes ?? -1)
        spec.openFiles = Int64(limits.openFiles ?? -1)
        spec.fileBytes = limits.fileBytes ?? -1
    }

    private func check(_ request: RunRequest) throws(Failure) {
        func refuse(_ code: String, _ message: String) throws(Failure) {
            throw Failure(.unprocessable, code: code, message: message)
        }
        if request.command.utf8.contains(0) {
            try refuse("invalid_command", "A command cannot contain a NUL byte.")
        }
        if let directory = request.workingDirectory, !directory.hasPrefix("/") || directory.utf8.contains(0) {
            try refuse("invalid_directory", "The working directory must be an absolute path.")
        }
        for (name, value) in request.environment
        where name.isEmpty || name.utf8.contains(0) || name.contains("=") || value.utf8.contains(0) {
            try refuse("invalid_environment", "A variable's name or value is not allowed.")
        }
        for value in request.secrets.values where value.reveal().contains(0) {
            try refuse("invalid_environment", "A secret with a NUL byte cannot be a variable.")
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
