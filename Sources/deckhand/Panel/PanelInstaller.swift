import CLinux
import Core
import Domain

/// Puts the assistant into a panel, takes it out, and says how it stands.
///
/// Everything here blocks.
struct PanelInstaller: Sendable {
    /// How long another one at work is waited for.
    private static let patience = Duration.seconds(20)

    let kind: PanelKind
    let tree: PanelTree

    /// How a panel stands.
    struct Standing: Sendable, Equatable {
        var isInstalled: Bool
        var server: String?
        var troubles: [String]
    }

    /// Puts it in, or repairs it; returns how many steps that took.
    func install(socket: String, server: String) throws -> Int {
        try locked {
            let values = PanelDesign.Values(socket: socket, server: server, root: tree.root)
            let steps = try plan(PanelDesign(kind, values)).install(socket: socket, server: server)
            for step in steps { try tree.perform(step) }
            return steps.count
        }
    }

    /// Takes it out; returns how many steps that took.
    func uninstall() throws -> Int {
        try locked {
            let steps = try plan(try design()).uninstall()
            for step in steps { try tree.perform(step) }
            return steps.count
        }
    }

    func standing() throws -> Standing {
        let plan = try plan(try design())
        return Standing(
            isInstalled: plan.record != nil,
            server: plan.record?.server,
            troubles: plan.troubles
        )
    }

    /// As it was put in.
    private func design() throws(Failure) -> PanelDesign {
        let record = try tree.record()
        return PanelDesign(
            kind,
            PanelDesign.Values(socket: record?.socket ?? "", server: record?.server ?? "", root: tree.root)
        )
    }

    private func plan(_ design: PanelDesign) throws(Failure) -> PanelPlan {
        let record = try tree.record()
        return PanelPlan(
            design: design,
            sight: try tree.look(at: PanelPlan.paths(of: design, record)),
            record: record,
            digest: { PanelTree.digest($0) }
        )
    }

    /// One at a time: a timer may come while somebody works by hand.
    private func locked<Value>(_ body: () throws -> Value) throws -> Value {
        let parent = folder(of: tree.home)
        _ = unsafe mkdir(parent, 0o700)
        let lock = unsafe dh_open(parent + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else {
            throw Failure(
                .unavailable,
                code: "panel_tree_unusable",
                message: "\(parent) cannot be used: \(SystemError.text(dh_errno())).",
                hint: "Start the server once, which makes its data directory, and be its owner or root."
            )
        }
        defer { _ = close(lock) }
        let end = ContinuousClock.now + Self.patience
        var isOurs = flock(lock, LOCK_EX | LOCK_NB) == 0
        while !isOurs, ContinuousClock.now < end {
            _ = poll(nil, 0, 50)
            isOurs = flock(lock, LOCK_EX | LOCK_NB) == 0
        }
        guard isOurs else {
            throw Failure(
                .conflict,
                code: "panel_busy",
                message: "Another deckhand panel works at this moment.",
                hint: "Try again when it is done."
            )
        }
        return try body()
    }
}
