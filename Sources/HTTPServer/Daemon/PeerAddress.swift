internal import CLinux

extension HTTPPeer {
    /// The peer of an accepted socket.
    static func of(descriptor: Int32, kind: HTTPListenerKind) -> HTTPPeer {
        if kind == .unix {
            var credentials = ucred()
            var size = socklen_t(MemoryLayout<ucred>.size)
            _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
            return .local(uid: credentials.uid, pid: credentials.pid)
        }
        return SocketAddress(peerOf: descriptor).map { .ip($0.address, port: $0.port) }
            ?? .ip("unknown", port: 0)
    }
}

/// An IP address and port, or the path of a Unix socket.
struct SocketAddress: Sendable, Hashable {
    let address: String
    let port: UInt16
    let isUnix: Bool

    init?(peerOf descriptor: Int32) { self.init(SocketCalls.addressBytes(descriptor, ofPeer: true)) }

    init?(localOf descriptor: Int32) { self.init(SocketCalls.addressBytes(descriptor, ofPeer: false)) }

    private init?(_ bytes: [UInt8]?) {
        guard let bytes, bytes.count >= 2 else { return nil }
        switch Int32(bytes[0]) | Int32(bytes[1]) << 8 {
        case AF_INET where bytes.count >= 8:
            address = AddressNetwork.text(of: Array(bytes[4..<8]))
        case AF_INET6 where bytes.count >= 24:
            let raw = Array(bytes[8..<24])
            let isMapped = raw.prefix(10).allSatisfy { $0 == 0 } && raw[10] == 0xFF && raw[11] == 0xFF
            address = AddressNetwork.text(of: isMapped ? Array(raw[12...]) : raw)
        case AF_UNIX:
            address = String(decoding: bytes.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
            (port, isUnix) = (0, true)
            return
        default: return nil
        }
        port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        isUnix = false
    }
}
