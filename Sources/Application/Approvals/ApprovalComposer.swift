internal import Core
public import Domain

/// Puts together what a person is shown; also what is compared with it right before a start.
public struct ApprovalComposer: Sendable {
    private static let maximumScripts = 16
    private static let maximumScriptBytes = 4 << 20

    let policy: any CommandPolicy
    let settings: ApprovalSettings
    private let suggestions: (any RuleSuggestions)?
    private let scripts: any ScriptFiles
    private let cryptography: any Cryptography

    /// Makes a composer; without suggestions nothing is offered for "always allow".
    public init(
        policy: any CommandPolicy,
        scripts: any ScriptFiles,
        suggestions: (any RuleSuggestions)? = nil,
        cryptography: any Cryptography,
        settings: ApprovalSettings
    ) {
        self.policy = policy
        self.scripts = scripts
        self.suggestions = suggestions
        self.cryptography = cryptography
        self.settings = settings
    }

    /// What would be shown now about a command.
    func contents(
        of question: PolicyQuestion,
        _ options: TicketOptions,
        in session: Session?,
        reason: String,
        rule: String
    ) async -> ApprovalContents {
        let directory = options.workingDirectory ?? session?.workingDirectory
        let carriesOver = session?.mode == .stateful
        return ApprovalContents(
            command: question.command,
            input: options.input,
            workingDirectory: directory,
            carriesOver: carriesOver,
            environment: (session?.environment ?? [:]).merging(options.shownEnvironment) { _, own in own },
            host: settings.host,
            user: question.runAs ?? settings.user,
            policyVersion: await policy.version,
            // Where the directory is not known yet, a relative path names no file yet.
            scripts: await digests(
                of: question.command,
                in: carriesOver ? nil : directory ?? settings.home
            ),
            reason: reason,
            rule: rule,
            proposedRule: await suggestions?.suggestion(for: question)
        )
    }

    /// The question to store with a ticket.
    func draft(
        _ contents: ApprovalContents,
        for question: PolicyQuestion,
        reference: String?,
        at now: Timestamp
    )
        -> ApprovalDraft
    {
        ApprovalDraft(
            contents: contents,
            requestedBy: question.principal,
            origin: question.origin,
            reference: reference,
            expires: now + settings.lifetime,
            maximumAwaiting: settings.maximumAwaiting
        )
    }

    /// SHA-256 over all that a yes covers, in hexadecimal.
    func digest(of approval: Approval) -> String { hex(approval.bindingBytes) }

    func hex(_ bytes: [UInt8]) -> String { TextCoding.hex(cryptography.digest(bytes)) }

    private func digests(of command: String, in directory: String?) async -> [ScriptDigest] {
        var found: [ScriptDigest] = []
        for word in ScriptWords.candidates(in: command) where found.count < Self.maximumScripts {
            guard let path = Self.absolute(word.path, in: directory),
                !found.contains(where: { $0.path == path }),
                let file = await scripts.file(at: path, upTo: Self.maximumScriptBytes)
            else { continue }
            let isScript = file.contents.map { $0.starts(with: "#!".utf8) } ?? false
            guard word.isCertain || file.isExecutable || isScript else { continue }
            found.append(ScriptDigest(path: path, digest: file.contents.map(hex)))
        }
        return found
    }

    private static func absolute(_ path: String, in directory: String?) -> String? {
        if path.hasPrefix("/") { return path }
        guard let directory else { return nil }
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        return directory + (directory.hasSuffix("/") ? "" : "/") + path
    }
}

extension PolicyQuestion {
    /// The question about a command in its session; nil stands for one that is made with it.
    init(
        command: String,
        origin: TicketOrigin,
        principal: PrincipalID,
        options: TicketOptions,
        in session: Session?
    ) {
        self.init(
            command: command,
            origin: origin,
            principal: principal,
            // In a stateful session the ticket before decides, whatever was asked for.
            workingDirectory: session?.mode == .stateful
                ? nil : options.workingDirectory ?? session?.workingDirectory,
            environment: (session?.environment ?? [:]).merging(options.shownEnvironment) { _, own in own },
            runAs: options.runAs
        )
    }

    /// The question that is asked about a stored ticket: the one that was asked when it was submitted.
    init(_ ticket: Ticket, in session: Session) {
        self.init(
            command: ticket.command,
            origin: ticket.origin,
            principal: ticket.submittedBy,
            options: ticket.options,
            in: session
        )
    }
}
