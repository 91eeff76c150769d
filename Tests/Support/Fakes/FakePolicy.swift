public import Domain
internal import Synchronization

/// A policy that answers what the test says, and remembers what it was asked.
public final class FakePolicy: CommandPolicy {
    private let judge: @Sendable (PolicyQuestion) -> PolicyVerdict
    private let asked = Mutex<[PolicyQuestion]>([])

    /// Makes a policy.
    public init(_ judge: @escaping @Sendable (PolicyQuestion) -> PolicyVerdict = { _ in .allow }) {
        self.judge = judge
    }

    /// As the port says.
    public func verdict(on question: PolicyQuestion) async -> PolicyVerdict {
        asked.withLock { $0.append(question) }
        return judge(question)
    }

    /// As the port says.
    public var summary: String { "The test decides." }

    /// Always the same.
    public var version: String { get async { "fake" } }

    /// What it was asked so far.
    public var questions: [PolicyQuestion] { asked.withLock { $0 } }
}
