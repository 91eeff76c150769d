internal import CCurl
internal import Core

/// A multi handle of libcurl that says itself which sockets and which time it waits for (libcurl-multi(3), "multi_socket").
///
/// Lives on the client's thread and is freed with its last reference.
@safe final class MultiHandle {
    private let pointer: UnsafeMutableRawPointer
    private let poll: SocketPoll
    /// When libcurl wants to be asked, whatever its sockets do.
    private(set) var timer: ContinuousClock.Instant?

    private static let isInitialized: Bool = dh_curl_global_init() == CURLE_OK

    init(_ poll: SocketPoll) {
        guard Self.isInitialized, let pointer = unsafe curl_multi_init() else {
            fatalError("libcurl could not be set up: out of memory")
        }
        unsafe self.pointer = pointer
        self.poll = poll
        installCallbacks()
    }

    deinit {
        // What is closed now tells nobody.
        _ = unsafe dh_curl_multi_set_socket_callback(pointer, nil)
        _ = unsafe dh_curl_multi_set_timer_callback(pointer, nil)
        _ = unsafe curl_multi_cleanup(pointer)
    }

    /// Lets libcurl work on the sockets that are ready, and on what its timer was for.
    func act(on ready: [SocketPoll.Readiness], at now: ContinuousClock.Instant) {
        var running: Int32 = 0
        for one in ready {
            let events =
                (one.reads ? CURL_CSELECT_IN : 0) | (one.writes ? CURL_CSELECT_OUT : 0)
                | (one.isBroken ? CURL_CSELECT_ERR : 0)
            _ = unsafe curl_multi_socket_action(pointer, one.socket, events, &running)
        }
        guard let timer, timer <= now else { return }
        self.timer = nil
        _ = unsafe curl_multi_socket_action(pointer, dh_curl_socket_timeout, 0, &running)
    }

    func add(_ transfer: ActiveTransfer) -> Bool {
        unsafe curl_multi_add_handle(pointer, transfer.handle) == CURLM_OK
    }

    /// A transfer that is not finished loses its connection (curl_multi_remove_handle(3)).
    func remove(_ transfer: ActiveTransfer) { _ = unsafe curl_multi_remove_handle(pointer, transfer.handle) }

    /// The next finished transfer, with its result.
    func nextFinished() -> (transfer: ActiveTransfer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(pointer, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let result = unsafe message.pointee.data.result
            guard let transfer = unsafe ActiveTransfer.of(message.pointee.easy_handle) else { continue }
            return (transfer, result)
        }
        return nil
    }

    /// The context is unretained: the callbacks are taken out before this object is gone.
    private func installCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe dh_curl_multi_set_pointer(pointer, CURLMOPT_SOCKETDATA, context)
        _ = unsafe dh_curl_multi_set_pointer(pointer, CURLMOPT_TIMERDATA, context)
        _ = unsafe dh_curl_multi_set_socket_callback(pointer) { _, socket, wanted, context, _ in
            guard let context = unsafe context else { return 0 }
            unsafe Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().watch(socket, wanted)
            return 0
        }
        _ = unsafe dh_curl_multi_set_timer_callback(pointer) { _, milliseconds, context in
            guard let context = unsafe context else { return 0 }
            let handle = unsafe Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue()
            handle.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
            return 0
        }
    }

    private func watch(_ socket: Int32, _ wanted: Int32) {
        guard wanted != CURL_POLL_REMOVE else { return poll.forget(socket) }
        poll.watch(socket, reads: wanted & CURL_POLL_IN != 0, writes: wanted & CURL_POLL_OUT != 0)
    }
}
