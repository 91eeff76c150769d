/// One row of the table of commands.
struct CommandEntry: Sendable {
    let specification: CommandSpecification
    private let maker: @Sendable (ParsedArguments) throws -> any Command

    init<Type: Command>(_ type: Type.Type) {
        specification = type.specification
        maker = { arguments in try Type(arguments) }
    }

    /// The command with these words as its arguments; throws ``UsageError``.
    func make(_ words: ArraySlice<String>) throws -> any Command {
        try maker(try ParsedArguments(words, for: specification))
    }
}

/// All commands in the order of help.
enum CommandTable {
    static let commands = [
        CommandEntry(ServeProgramCommand.self), CommandEntry(RunCommand.self),
        CommandEntry(ChatCommand.self),
        CommandEntry(FollowCommand.self),
        CommandEntry(TicketsCommand.self), CommandEntry(OutputCommand.self), CommandEntry(CancelCommand.self),
        CommandEntry(TokenCreateCommand.self), CommandEntry(TokenListCommand.self),
        CommandEntry(TokenRevokeCommand.self), CommandEntry(UserAddCommand.self),
        CommandEntry(UserListCommand.self),
        CommandEntry(UserPassphraseCommand.self), CommandEntry(UserDisableCommand.self),
        CommandEntry(UserEnableCommand.self),
        CommandEntry(UserRunAsCommand.self), CommandEntry(UserPermissionsCommand.self),
        CommandEntry(PolicyListCommand.self), CommandEntry(PolicyCheckCommand.self),
        CommandEntry(PolicyTestCommand.self), CommandEntry(PolicyReplayCommand.self),
        CommandEntry(PolicyReloadCommand.self),
        CommandEntry(PolicyAddCommand.self), CommandEntry(PolicyRemoveCommand.self),
        CommandEntry(PolicyProposalsCommand.self), CommandEntry(PolicyAcceptCommand.self),
        CommandEntry(PolicyDismissCommand.self),
        CommandEntry(SecretSetCommand.self), CommandEntry(SecretListCommand.self),
        CommandEntry(SecretRemoveCommand.self),
        CommandEntry(WalletListCommand.self), CommandEntry(WalletShowCommand.self),
        CommandEntry(WalletTopUpCommand.self), CommandEntry(WalletGrantCommand.self),
        CommandEntry(WalletVerifyCommand.self),
        CommandEntry(AuditExportCommand.self), CommandEntry(AuditVerifyCommand.self),
        CommandEntry(AuditPruneCommand.self), CommandEntry(AuditKeyCommand.self),
        CommandEntry(PanelInstallCommand.self), CommandEntry(PanelUninstallCommand.self),
        CommandEntry(PanelStatusCommand.self),
        CommandEntry(CheckCommand.self),
        CommandEntry(BackupProgramCommand.self), CommandEntry(RestoreProgramCommand.self),
        CommandEntry(VersionCommand.self), CommandEntry(HelpCommand.self),
    ]

    /// The command that the first words name, and the words after it.
    static func find(
        _ words: ArraySlice<String>
    ) throws(UsageError) -> (command: CommandEntry, rest: ArraySlice<String>) {
        for length in [2, 1] where words.count >= length {
            let name = words.prefix(length).joined(separator: " ")
            if let found = commands.first(where: { $0.specification.name == name }) {
                return (found, words.dropFirst(length))
            }
        }
        guard let word = words.first else { throw UsageError("a command is missing") }
        let names = commands.map(\.specification.name)
        let longer = names.filter { $0.hasPrefix(word + " ") }
        if !longer.isEmpty {
            throw UsageError("“\(word)” needs one word more: \(longer.joined(separator: ", "))")
        }
        let near = Spelling.nearest(to: word, among: names)
        throw UsageError("“\(word)” is not a command\(near.map { "; did you mean \($0)?" } ?? "")")
    }
}
