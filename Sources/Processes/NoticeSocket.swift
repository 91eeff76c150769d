internal import CLinux

/// Where runners send their datagrams.
enum NoticeSocket {
    /// Binds the configured name, or else one that the installation's next server finds again, so that runners
    /// which outlive this one reach it; if that is taken, one of our own.
    static func bind(_ configuration: ProcessesConfiguration) throws -> (
        socket: Descriptor, name: [UInt8]
    ) {
        var names: [[UInt8]] = []
        if let given = configuration.notifySocket {
            if !given.hasPrefix("@") { _ = unsafe unlink(given) }
            names = [given.hasPrefix("@") ? [0] + Array(given.dropFirst().utf8) : Array(given.utf8)]
        } else {
            let own = "deckhand/\(configuration.installation)"
            names = [own, "\(own)/\(UInt64.random(in: 0...UInt64.max))"].map { [0] + Array($0.utf8) }
        }
        for name in names {
            let socket = unsafe name.withUnsafeBytes { unsafe dh_bind_datagrams($0.baseAddress, $0.count) }
            if let socket = Descriptor(socket) { return (socket, name) }
        }
        throw SystemFailure.current("bind")
    }
}
