import CLinux
import Core
import Domain

/// What the three commands share.
struct PanelArguments: Sendable {
    static let options: [CommandSpecification.Option] = [
        .init(
            flag: "--panel",
            placeholder: "cwp|cpanel|generic",
            summary: "Which panel; found out without this."
        ),
        .init(
            flag: "--root",
            placeholder: "DIRECTORY",
            summary: "Where the panel's file system begins, if not at /."
        ),
        CommandSpecification.dataDirectory,
    ]

    let arguments: ParsedArguments
    private let said: PanelKind?
    private let saidRoot: String?

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.arguments = arguments
        if let word = arguments["--panel"] {
            guard let kind = PanelKind(rawValue: word) else {
                throw UsageError("“\(word)” is not a panel; known are cwp, cpanel and generic")
            }
            said = kind
        } else {
            said = nil
        }
        guard var root = arguments["--root"] else {
            saidRoot = nil
            return
        }
        while root.hasSuffix("/") { root.removeLast() }
        guard root.isEmpty || root.hasPrefix("/") else { throw UsageError("--root needs an absolute path") }
        saidRoot = root
    }

    /// The panel that was named, or found, or in which it was installed; `panel_not_found`.
    func kind(dataDirectory: String) throws(Failure) -> PanelKind {
        let root = saidRoot ?? ""
        func isThere(_ kind: PanelKind) -> Bool {
            kind.landmark.map { unsafe access(root + $0, R_OK) == 0 } ?? false
        }
        func isRecorded(_ kind: PanelKind) -> Bool {
            guard saidRoot == nil else { return false }
            return unsafe access(Self.home(kind, dataDirectory) + "/record.json", F_OK) == 0
        }
        if let said {
            guard let landmark = said.landmark, !isThere(said), !isRecorded(said) else { return said }
            throw Failure(
                .notFound,
                code: "panel_not_found",
                message: "This machine does not have \(said.title): there is no \(root)\(landmark).",
                hint: "Name the panel that it has, or generic for a page of your own."
            )
        }
        if let found = PanelKind.allCases.first(where: isThere) { return found }
        if let known = PanelKind.allCases.first(where: isRecorded) { return known }
        throw Failure(
            .notFound,
            code: "panel_not_found",
            message: "No hosting panel was found on this machine.",
            hint: "Add --panel generic for a page of your own."
        )
    }

    private static func home(_ kind: PanelKind, _ dataDirectory: String) -> String {
        dataDirectory + "/panel/" + kind.rawValue
    }

    /// Where the server's data lies, whatever else is wrong with its configuration.
    func dataDirectory(_ program: ProgramContext) -> String {
        let surroundings = Self.server(program.surroundings)
        return ConfigurationResolver(surroundings, readsEnvironmentFile: Self.reads(surroundings))
            .dataDirectory(flags: arguments.values)
    }

    /// The server's configuration, as far as this program can see it, without what an installation of a panel adds.
    func base(_ kind: PanelKind, _ program: ProgramContext) throws(ConfigurationError)
        -> ResolvedConfiguration
    {
        let surroundings = Self.server(program.surroundings)
        return try ConfigurationResolver(
            surroundings,
            readsEnvironmentFile: Self.reads(surroundings),
            readsSections: false,
            leavingOut: PanelSettingsFile.name(kind)
        ).resolve(flags: arguments.values)
    }

    /// The server's own surroundings: not those of wherever a person happens to be.
    private static func server(_ surroundings: Surroundings) -> Surroundings {
        var server = surroundings
        server.workingDirectory = surroundings.serviceDirectory
        return server
    }

    /// Packages make a file that root alone may read.
    private static func reads(_ surroundings: Surroundings) -> Bool { surroundings.userID == 0 }

    /// The installer of a panel: of the tree that was named, else of the one in which it was installed.
    static func installer(_ kind: PanelKind, dataDirectory: String, root: String? = nil) throws(Failure)
        -> PanelInstaller
    {
        let home = home(kind, dataDirectory)
        var own = root
        if own == nil { own = try PanelTree(root: "", home: home).record()?.root }
        var tree = PanelTree(root: own ?? "", home: home)
        tree.edge = PanelKillPoint.edge
        return PanelInstaller(kind: kind, tree: tree)
    }

    func installer(_ kind: PanelKind, dataDirectory: String) throws(Failure) -> PanelInstaller {
        try Self.installer(kind, dataDirectory: dataDirectory, root: saidRoot)
    }

    /// Works on a panel's tree, on a thread that may block.
    static func working<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await DedicatedThread(name: "panel").run(body)
    }
}
