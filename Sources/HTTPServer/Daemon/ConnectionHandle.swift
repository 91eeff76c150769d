internal import CMicroHTTPD

/// A connection of libmicrohttpd.
///
/// `@unchecked Sendable`: the library keeps a suspended connection alive and lets any thread resume it (manual,
/// "MHD_resume_connection"); everything else is called from the connection's own callbacks only.
@safe struct ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes the connection out of the event loop; only within one of its callbacks.
    func suspend() { unsafe MHD_suspend_connection(pointer) }

    /// Puts the connection back into the event loop.
    func resume() { unsafe MHD_resume_connection(pointer) }
}
