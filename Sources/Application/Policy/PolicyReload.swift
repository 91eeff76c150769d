public import Core
public import Domain
internal import Synchronization

/// Where the section `policy` of the configuration file is read again, and whether somebody wants that now.
public final class PolicyReload: Sendable {
    private let isWanted = Atomic<Bool>(false)
    private let reader: Reader

    private struct Reader: Sendable {
        let read: @Sendable () async throws(Failure) -> JSONValue?
    }

    /// `read` reads the file; nil when it has no such section.
    public init(read: @escaping @Sendable () async throws(Failure) -> JSONValue?) {
        reader = Reader(read: read)
    }

    /// Asks for it, as SIGHUP does; never waits.
    public func ask() { isWanted.store(true, ordering: .relaxed) }

    func takeWish() -> Bool { isWanted.exchange(false, ordering: .relaxed) }

    func section() async throws(Failure) -> JSONValue? { try await reader.read() }
}
