internal import Domain
internal import Synchronization

/// The machine as it was when it was first asked, for judging many commands at one instant.
final class MemoizingWorld: PolicyWorld {
    private struct State {
        var programs: [String: ProgramResolution] = [:]
        var paths: [String: String?] = [:]
        var patterns: [String: [String]?] = [:]
    }

    private static let most = 50_000
    private let world: any PolicyWorld
    private let state = Mutex(State())

    init(_ world: any PolicyWorld) { self.world = world }

    func program(_ name: String) -> ProgramResolution {
        if let known = state.withLock({ $0.programs[name] }) { return known }
        let result = world.program(name)
        state.withLock { if $0.programs.count < Self.most { $0.programs[name] = result } }
        return result
    }

    func realPath(_ path: String) -> String? {
        if let known = state.withLock({ $0.paths[path] }) { return known }
        let result = world.realPath(path)
        state.withLock { if $0.paths.count < Self.most { $0.paths[path] = .some(result) } }
        return result
    }

    func matches(_ pattern: String) -> [String]? {
        if let known = state.withLock({ $0.patterns[pattern] }) { return known }
        let result = world.matches(pattern)
        state.withLock { if $0.patterns.count < Self.most { $0.patterns[pattern] = .some(result) } }
        return result
    }
}
