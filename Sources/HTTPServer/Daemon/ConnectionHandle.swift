internal import CLinux
internal import CMicroHTTPD

/// A connection of libmicrohttpd.
///
/// `@unchecked Sendable`: the library keeps a suspended connection alive and lets any thread resume it (manual,
/// "MHD_resume_connection"); everything else is called from the connection's own callbacks only.
@safe struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes the connection out of the event loop; only within one of its callbacks.
    func suspend() { unsafe MHD_suspend_connection(pointer) }

    /// Ends the connection in both directions; only within one of its callbacks.
    ///
    /// After a content reader's error in chunked coding, version 0.9.75 marks a connection as closed but cleans it up only
    /// at its next event, which may be a minute away. This is that event.
    func shut() { _ = unsafe CLinux.shutdown(dh_mhd_socket(pointer), Int32(SHUT_RDWR)) }

    /// Puts the connection back into the event loop.
    func resume() { unsafe MHD_resume_connection(pointer) }
}
