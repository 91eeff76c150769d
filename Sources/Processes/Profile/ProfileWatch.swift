public import Core
public import Domain
internal import Synchronization

/// Knows the machine's profile and looks again from time to time.
///
/// Everything that blocks is done on a thread of its own; who asks waits only while nothing fresh is known.
public final class ProfileWatch: Service {
    /// When it was found out.
    private struct Known: Sendable {
        let profile: SystemProfile
        let since: ContinuousClock.Instant
    }

    private let known = Mutex<Known?>(nil)
    private let thread = DedicatedThread(name: "profile")
    private let interval: Duration
    private let look: @Sendable () -> SystemProfile

    /// Makes a watch; nothing is looked at yet.
    ///
    /// - Parameters:
    ///   - interval: how old what is known may be.
    ///   - look: finds the profile out; may block.
    public init(
        interval: Duration = .seconds(3_600),
        look: @escaping @Sendable () -> SystemProfile = { ProfileProbe().look() }
    ) {
        self.interval = interval
        self.look = look
    }

    /// Looks at once and then each time that what is known is old, until its task is cancelled.
    public func run() async throws {
        while !Task.isCancelled {
            _ = await refreshed()
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    /// The profile's text, which is looked up first when it is older than twice the interval or not known yet.
    ///
    /// Waits for ``ProfileProbe/limit`` at most, or a little more when a look has just begun.
    public func text() async -> String {
        if let known = fresh(within: interval * 2) { return known.profile.text }
        return await refreshed().text
    }

    /// Who comes while somebody looks gets what they find: the thread takes one after the other.
    private func refreshed() async -> SystemProfile {
        let asked = ContinuousClock.now
        let result = try? await thread.run { [self] in
            if let known = known.withLock(\.self), known.since >= asked { return known.profile }
            let profile = look()
            known.withLock { $0 = Known(profile: profile, since: .now) }
            return profile
        }
        return result ?? SystemProfile([])
    }

    private func fresh(within age: Duration) -> Known? {
        known.withLock(\.self).flatMap { $0.since + age > .now ? $0 : nil }
    }
}
