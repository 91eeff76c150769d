internal import CLinux
internal import Glibc

/// Notices to the service manager (sd_notify(3)): one datagram to the socket that `NOTIFY_SOCKET` names.
public enum ServiceNotice: String, Sendable {
    /// Start-up is done.
    case ready = "READY=1"
    /// The configuration is being read again.
    case reloading = "RELOADING=1"
    /// Shutdown has begun.
    case stopping = "STOPPING=1"

    /// Sends the notice; says whether it was sent, which it is not when nobody asked for it.
    ///
    /// `socket` is the value of `NOTIFY_SOCKET`; a leading `@` means the abstract namespace (unix(7)).
    @discardableResult
    public func send(to socket: String?) -> Bool {
        guard let socket, !socket.isEmpty, socket.utf8.count < 108 else { return false }
        var address = SocketCalls.unixAddress(socket)
        if socket.hasPrefix("@") { address.sun_path.0 = 0 }
        // An abstract name has no terminating zero: its length is that of the address.
        let isAbstract = socket.hasPrefix("@")
        let size = MemoryLayout<sa_family_t>.size + socket.utf8.count + (isAbstract ? 0 : 1)
        let descriptor = SocketCalls.open(AF_UNIX, SOCK_DGRAM)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        let text = Array(rawValue.utf8)
        return SocketCalls.send(text, descriptor, to: address, size: size) == text.count
    }
}
