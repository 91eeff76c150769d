internal import CLinux

/// What the machine lets runners do, for `deckhand check`.
public struct MachineProbe: Sendable, Equatable {
    /// Where the memory and processes of a whole tree can be limited.
    public enum ControlGroups: String, Sendable {
        case version2, version1, none
    }

    /// How limits on memory and processes are kept.
    public let controlGroups: ControlGroups
    /// Commands of the server's own user do not see the hidden paths.
    public let hidesData: Bool
    /// Why they do see them; nil when they do not, or when nothing was to be hidden.
    public let hidingProblem: String?
    /// Why runs that may not write run like others; nil when they cannot write, or when that is not wanted.
    public let readOnlyProblem: String?
    /// Processes can be watched without polling (pidfd_open(2)); without it nothing works.
    public let hasProcessHandles: Bool

    init(groups: ControlGroupPlan, hiding: Int64, readOnlyProblem: String?) {
        self.readOnlyProblem = readOnlyProblem
        controlGroups = !groups.version2.isEmpty ? .version2 : groups == .none ? .none : .version1
        hidesData = hiding == 0
        hidingProblem =
            hiding <= 0
            ? nil
            : unsafe "A mount namespace could not be made: \(String(cString: strerror(Int32(truncatingIfNeeded: hiding))))"
        hasProcessHandles = Descriptor(dh_pidfd_open(getpid(), 0)) != nil
    }
}
