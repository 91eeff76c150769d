/// What a person is shown before they decide.
public struct ApprovalContents: Sendable {
    /// The command, byte for byte; for input, the command that would read it.
    public var command: String
    /// What the command reads.
    public var input: StandardInput
    /// Where it starts: an absolute path, or nil for the user's home.
    public var workingDirectory: String?
    /// Says whether the session carries directory and environment over from the ticket before, so that both are only
    /// known when it starts.
    public var carriesOver: Bool
    /// The variables that session and ticket add.
    public var environment: [String: String]
    /// The name of the machine.
    public var host: String
    /// The system user it runs as.
    public var user: String
    /// The rules that were in force.
    public var policyVersion: String
    /// The script files that the command would execute.
    public var scripts: [ScriptDigest]
    /// Why it is asked.
    public var reason: String
    /// The rule that asks.
    public var rule: String
    /// The rule that "always allow" proposes; nil when there is none to propose.
    public var proposedRule: String?

    /// Makes a value.
    public init(
        command: String,
        input: StandardInput = .none,
        workingDirectory: String? = nil,
        carriesOver: Bool = false,
        environment: [String: String] = [:],
        host: String,
        user: String,
        policyVersion: String,
        scripts: [ScriptDigest] = [],
        reason: String,
        rule: String,
        proposedRule: String? = nil
    ) {
        self.command = command
        self.input = input
        self.workingDirectory = workingDirectory
        self.carriesOver = carriesOver
        self.environment = environment
        self.host = host
        self.user = user
        self.policyVersion = policyVersion
        self.scripts = scripts
        self.reason = reason
        self.rule = rule
        self.proposedRule = proposedRule
    }

    /// Says what of the things that take effect differs from `other`, in words; nil when nothing does.
    ///
    /// Reasons and rules take no effect by themselves: whoever judges again compares them as verdicts.
    public func difference(from other: ApprovalContents) -> String? {
        for (name, part) in Self.parts {
            var (mine, theirs) = (BindingWriter(), BindingWriter())
            part(self, &mine)
            part(other, &theirs)
            if mine.result != theirs.result { return name }
        }
        return nil
    }

    func write(to writer: inout BindingWriter) {
        for (_, part) in Self.parts { part(self, &writer) }
        writer.text(policyVersion)
        writer.text(reason)
        writer.text(rule)
        writer.text(proposedRule)
    }

    private typealias Part = @Sendable (ApprovalContents, inout BindingWriter) -> Void

    private static let parts: [(name: String, write: Part)] = [
        ("the command", { $1.text($0.command) }),
        ("the input", { write($0.input, to: &$1) }),
        (
            "the working directory",
            { contents, writer in
                writer.text(contents.workingDirectory)
                writer.flag(contents.carriesOver)
            }
        ),
        (
            "the environment",
            { contents, writer in
                writer.number(Int64(contents.environment.count))
                // By bytes: names that only differ in their Unicode normal form are different names.
                let names = contents.environment.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                for name in names {
                    writer.text(name)
                    writer.text(contents.environment[name])
                }
            }
        ),
        ("the host", { $1.text($0.host) }),
        ("the user", { $1.text($0.user) }),
        (
            "a script file",
            { contents, writer in
                writer.number(Int64(contents.scripts.count))
                for script in contents.scripts {
                    writer.text(script.path)
                    writer.text(script.digest)
                }
            }
        ),
    ]

    private static func write(_ input: StandardInput, to writer: inout BindingWriter) {
        switch input {
        case .none: writer.number(0)
        case .bytes(let bytes): writer.bytes(bytes)
        case .open: writer.number(1)
        }
    }
}

extension ApprovalContents: Equatable {
    /// Byte by byte: as `String`s, texts that only differ in their Unicode normal form are equal.
    public static func == (left: ApprovalContents, right: ApprovalContents) -> Bool {
        var (leftWriter, rightWriter) = (BindingWriter(), BindingWriter())
        left.write(to: &leftWriter)
        right.write(to: &rightWriter)
        return leftWriter.result == rightWriter.result
    }
}

/// A script file as it was when a person was asked.
public struct ScriptDigest: Sendable, Equatable {
    /// The absolute path.
    public let path: String
    /// SHA-256 in hexadecimal; nil when the file is too large to be covered by an approval.
    public let digest: String?

    /// Makes a value.
    public init(path: String, digest: String?) {
        self.path = path
        self.digest = digest
    }
}
