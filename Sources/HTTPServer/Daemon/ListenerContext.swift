/// What the callbacks of one listener need.
final class ListenerContext: Sendable {
    let core: ServerCore
    let kind: HTTPListenerKind
    let isOnLoopback: Bool

    init(core: ServerCore, kind: HTTPListenerKind, isOnLoopback: Bool) {
        self.core = core
        self.kind = kind
        self.isOnLoopback = isOnLoopback
    }

    func opened(_ connection: Connection) {
        let limits = core.configuration.limits
        connection.expect(by: MonotonicTime.now() + MonotonicTime.nanoseconds(limits.headTimeout))
        core.connections.add(connection)
    }

    func closed(_ connection: Connection) { core.connections.remove(connection) }
}
