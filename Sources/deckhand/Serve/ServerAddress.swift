internal import HTTPServer
internal import Synchronization

/// What links begin with: as configured, or made of the port that the kernel chose.
final class ServerAddress: Sendable {
    private let text: Mutex<String>

    init(_ network: NetworkConfiguration) { text = Mutex(network.baseURL) }

    var baseURL: String { text.withLock { $0 } }

    /// Puts the bound port in, where port 0 was asked for and no base URL was given.
    func bound(_ listeners: [BoundListener], _ network: NetworkConfiguration) {
        guard network.port == 0, let listener = listeners.first(where: { $0.kind == .tcp }) else { return }
        text.withLock { text in
            guard text.isEmpty || text.contains(":0") else { return }
            let host = listener.address.contains(":") ? "[\(listener.address)]" : listener.address
            text = "http://\(host):\(listener.port)\(network.basePath)"
        }
    }
}
