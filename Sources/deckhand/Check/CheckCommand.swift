import Core

/// `deckhand check`.
struct CheckCommand: Command {
    static let specification = CommandSpecification(
        name: "check",
        summary: "Show the resolved configuration and try what the machine can do.",
        options: [CommandSpecification.json] + CommandSpecification.configuration,
        details: "Exit code 1 when something prevents serving; 2 when the configuration has mistakes."
    )

    private let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func run(_ program: ProgramContext) async throws -> Int32 {
        let resolved = try ConfigurationResolver(program.surroundings, readsEnvironmentFile: true)
            .resolve(flags: arguments.values)
        let configuration = resolved.configuration
        let findings = try await DedicatedThread(name: "check").run {
            AccessProbes.all(configuration) + DataProbes.all(configuration) + MachineProbes.all(configuration)
                + AssistantProbes.all(configuration) + HostProbes.all(configuration)
        }
        let people = await OperatorProbe.all(configuration)
        let providers = ProxyProbe.all(configuration.proxies) + (await ProviderProbes.all(configuration))
        let webhook = await WebhookProbe.all(configuration)
        let panels = await PanelProbes.all(configuration, program.surroundings, arguments.values)
        let report = CheckReport(
            resolved: resolved,
            findings: findings + panels + people + webhook + providers
        )
        try await program.console.write(arguments.has("--json") ? report.json : Array(report.text.utf8))
        return report.canServe ? 0 : 1
    }
}
