/// The other end of the connection that a request came in on.
public enum HTTPPeer: Sendable, Hashable {
    /// A TCP peer: its address in text form (an IPv4-mapped address as IPv4) and port.
    case ip(String, port: UInt16)
    /// A process on this machine, as the kernel names it (SO_PEERCRED, unix(7)).
    case local(uid: UInt32, pid: Int32)
}

/// The kind of listener that a request came in on.
public enum HTTPListenerKind: String, Sendable, Hashable {
    case tcp
    case tls
    case unix
}
