import CLinux

/// What a stateful session carries from ticket to ticket: the working directory and the exported environment.
struct ShellState {
    private static let limit = 1 << 20
    private static let header = text("deckhand-state 1")

    private(set) var directory: [UInt8] = []
    private(set) var environment: [[UInt8]] = []
    /// What was asked for when it was kept: the same request again means that the carried value goes on.
    private var askedDirectory: [UInt8] = []
    private var askedEnvironment: [[UInt8]] = []

    /// Runs `$1` in the same shell.
    ///
    /// At its end, however it is left, the shell writes its state to a private descriptor.
    /// A command that sets an EXIT trap of its own has displaced ours; then the state is written after its last line.
    static let wrapper: [UInt8] = {
        let write =
            text(
                "{ builtin printf \"begin\\0%s\\0\" \"$PWD\"; /usr/bin/env -0 && builtin printf \"end\\0\"; } >&200 2>/dev/null"
            )
        return text("trap '") + write
            + text(
                "' EXIT; eval \"set --; $1\"; set -- \"$?\"; case \"$(trap -p EXIT)\" in *'>&200'*) ;; *) "
            )
            + write + text(";; esac; builtin exit \"$1\"")
    }()

    /// The file's name: each user of the session has a state, which says nothing to another one.
    private static func name(_ spec: RunSpec) -> [UInt8] {
        spec.uid < 0 ? text("state") : text("state-") + decimal(spec.uid)
    }

    /// Reads the session's state; nil when there is none that is whole.
    init?(spec: RunSpec, folder: Int32) {
        let file = unsafe withCString(Self.name(spec)) {
            unsafe dh_openat(folder, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0)
        }
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        let items = readAll(file, limit: 4 * Self.limit).split(separator: 0, omittingEmptySubsequences: false)
        guard items.count >= 4, Array(items[0]) == Self.header,
            items[items.count - 2].elementsEqual("end".utf8)
        else { return nil }
        directory = Array(items[1])
        for item in items[2..<(items.count - 2)] {
            switch item.first {
            case 100: askedDirectory = Array(item.dropFirst())
            case 114: askedEnvironment.append(Array(item.dropFirst()))
            case 101: environment.append(Array(item.dropFirst()))
            default: break
            }
        }
    }

    /// Says whether this request for a directory was there when the state was kept.
    func covers(directory asked: [UInt8]) -> Bool { asked.isEmpty || asked == askedDirectory }
    /// Says whether this variable was asked for when the state was kept.
    func covers(variable: [UInt8]) -> Bool { askedEnvironment.contains(variable) }

    /// Keeps what the shell wrote, if it is whole; nil if it was not.
    ///
    /// Variables that hold a secret are not kept, under whatever name. Those that do not carry over to this run stay as
    /// they were before it; the result names them where the command, which was started with `given`, changed them.
    static func store(
        _ file: Int32,
        spec: RunSpec,
        folder: Int32,
        given: [[UInt8]],
        without forms: MaskForms
    ) -> [[UInt8]]? {
        guard lseek(file, 0, SEEK_SET) == 0 else { return nil }
        let written = readAll(file, limit: limit + 1)
        guard written.count <= limit, let state = lastBlock(written.split(separator: 0)) else { return nil }
        let earlier = spec.carried == RunSpec.carriedAll ? nil : ShellState(spec: spec, folder: folder)
        var asked: [[UInt8]] = []
        var kept: [[UInt8]] = []
        var changed: [[UInt8]] = []
        for variable in spec.environment where spec.carries(variable[...]) { asked.append(variable) }
        for variable in earlier?.askedEnvironment ?? [] where !spec.carries(variable[...]) {
            asked.append(variable)
        }
        for variable in state.environment where !isOurs(variable, spec) {
            if spec.carries(variable) {
                kept.append(Array(variable))
            } else if !given.contains(where: { variable.elementsEqual($0) }) {
                changed.append(Array(Environment.name(variable)))
            }
        }
        for variable in earlier?.environment ?? spec.baseEnvironment where !spec.carries(variable[...]) {
            kept.append(variable)
        }
        var bytes = header + [0] + Array(state.directory) + [0, 100] + spec.directory + [0]
        for variable in asked { bytes += [114] + variable + [0] }
        for variable in kept {
            if !forms.isEmpty, forms.occurs(in: variable[...]) { continue }
            bytes += [101] + variable + [0]
        }
        bytes += text("end") + [0]
        let temporary = text(".state.") + decimal(getpid())
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe withCString(temporary) { unsafe dh_openat(folder, $0, flags, 0o600) }
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        let isKept =
            unsafe writeAll(descriptor, bytes) == 0 && fdatasync(descriptor) == 0
            && withCString(temporary) { source in
                unsafe withCString(name(spec)) { unsafe renameat(folder, source, folder, $0) }
            } == 0
        if !isKept { _ = unsafe withCString(temporary) { unsafe unlinkat(folder, $0, 0) } }
        return isKept ? changed : nil
    }

    private static func lastBlock(
        _ items: [ArraySlice<UInt8>]
    ) -> (directory: ArraySlice<UInt8>, environment: ArraySlice<ArraySlice<UInt8>>)? {
        guard let last = items.last, last.elementsEqual("end".utf8),
            let begin = items.lastIndex(where: { $0.elementsEqual("begin".utf8) }),
            begin + 1 < items.count - 1,
            items[begin + 1].first == 47
        else { return nil }
        let environment = items[(begin + 2)..<(items.count - 1)]
        guard environment.allSatisfy({ $0.contains(61) }) else { return nil }
        return (items[begin + 1], environment)
    }

    /// Variables that the shell sets anew each time.
    private static func isOurs(_ variable: ArraySlice<UInt8>, _ spec: RunSpec) -> Bool {
        let name = Environment.name(variable)
        return name.elementsEqual("_".utf8) || name.elementsEqual("SHLVL".utf8)
            || name.elementsEqual("PWD".utf8)
            || name.elementsEqual(Environment.name(spec.marker[...]))
            || spec.secretEnvironment.contains { name.elementsEqual(Environment.name($0[...])) }
    }
}

extension RunSpec {
    /// Says whether a variable carries over to this run and from it.
    func carries(_ variable: ArraySlice<UInt8>) -> Bool {
        if carried == RunSpec.carriedAll { return true }
        let name = Environment.name(variable)
        // It goes with the directory.
        if name.elementsEqual("OLDPWD".utf8) { return true }
        let isNamed = carriedNames.contains { known in
            known.last == 42 ? name.starts(with: known.dropLast()) : name.elementsEqual(known)
        }
        return carried == RunSpec.carriedOnly ? isNamed : !isNamed
    }
}

/// A list of `NAME=value` in which each name occurs once.
struct Environment {
    private(set) var variables: [[UInt8]] = []

    /// Sets a variable.
    mutating func set(_ variable: [UInt8]) {
        let name = Self.name(variable[...])
        if let index = variables.firstIndex(where: { Self.name($0[...]).elementsEqual(name) }) {
            variables[index] = variable
        } else {
            variables.append(variable)
        }
    }

    static func name(_ variable: ArraySlice<UInt8>) -> ArraySlice<UInt8> { variable.prefix { $0 != 61 } }
}
