internal import CCurl

/// A multi handle of libcurl, freed with its last reference.
///
/// `@unchecked Sendable`: all threads may wake it up (libcurl-thread(3)); everything else is for the client's thread,
/// and nothing writes to `pointer` after `init`.
@safe final class MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    private static let isInitialized: Bool = dh_curl_global_init() == CURLE_OK

    init() {
        guard Self.isInitialized, let pointer = unsafe curl_multi_init() else {
            fatalError("libcurl could not be set up: out of memory")
        }
        unsafe self.pointer = pointer
    }

    deinit { _ = unsafe curl_multi_cleanup(pointer) }

    /// Ends the present or next ``wait(milliseconds:)``.
    func wakeUp() { _ = unsafe curl_multi_wakeup(pointer) }

    func wait(milliseconds: Int64) {
        _ = unsafe curl_multi_poll(pointer, nil, 0, Int32(min(max(milliseconds, 0), 60_000)), nil)
    }

    func perform() {
        var running: Int32 = 0
        _ = unsafe curl_multi_perform(pointer, &running)
    }

    func add(_ transfer: ActiveTransfer) -> Bool {
        unsafe curl_multi_add_handle(pointer, transfer.handle) == CURLM_OK
    }

    /// A transfer that is not finished loses its connection (curl_multi_remove_handle(3)).
    func remove(_ transfer: ActiveTransfer) { _ = unsafe curl_multi_remove_handle(pointer, transfer.handle) }

    /// The next finished transfer among these, with its result.
    func nextFinished(among active: some Sequence<ActiveTransfer>) -> (
        transfer: ActiveTransfer, result: CURLcode
    )? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(pointer, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let handle = unsafe message.pointee.easy_handle
            let result = unsafe message.pointee.data.result
            if let done = active.first(where: { unsafe $0.handle == handle }) { return (done, result) }
        }
        return nil
    }
}
