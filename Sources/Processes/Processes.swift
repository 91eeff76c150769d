public import Core
public import Domain

/// The adapters of this target, ready for use.
public struct Processes: Sendable {
    /// Runs commands.
    public let runner: any CommandRunner
    /// Reads outputs.
    public let outputs: any OutputStore
    /// Keeps watching until its task is cancelled; runs go on after that.
    public let service: any Service
    /// What this machine lets us do.
    public let machine: MachineProbe
}

/// Starts the parent of the runners and begins to watch.
///
/// Errors: `Failure` with code `runner_unavailable` when the runner program does not answer; anything else is internal.
public func makeProcesses(_ configuration: ProcessesConfiguration, logger: Logger) async throws -> Processes {
    let setup = DedicatedThread(name: "processes")
    let (watch, folders, specs, problem) = try await setup.run {
        let folders = try SessionFolders(path: configuration.sessionsPath)
        folders.sweep()
        let user = try configuration.runAs ?? RunAs.lookUp(nil)
        let groups = configuration.controlGroups == .auto ? ControlGroupPlan.detect() : .none
        let survivors = Survivors(installation: configuration.installation, groups: groups)
        let watch = try RunWatch(configuration, survivors: survivors, logger: logger)
        let problem =
            configuration.readOnlyScratch == nil
            ? nil : ReadOnlyProbe.problem(runnerPath: configuration.runnerPath)
        var specs = SpecBuilder(configuration, user: user, survivors: survivors, notify: watch.notifyName)
        if problem != nil { specs.scratch = nil }
        try watch.begin()
        return (watch, folders, specs, problem)
    }
    let hiding = try await watch.greeting()
    let machine = MachineProbe(groups: watch.survivors.groups, hiding: hiding, readOnlyProblem: problem)
    let recent = RecentFolders()
    let runner = TicketRunner(watch: watch, specs: specs, folders: folders, recent: recent)
    let outputs = try FileOutputStore(folders: folders, recent: recent, ended: watch)
    return Processes(runner: runner, outputs: outputs, service: WatchService(watch: watch), machine: machine)
}

/// Ends the watch with its task.
private struct WatchService: Service {
    let watch: RunWatch

    func run() async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationHandler {
            for await _ in ends {}
        } onCancel: {
            continuation.finish()
        }
        watch.close()
    }
}
