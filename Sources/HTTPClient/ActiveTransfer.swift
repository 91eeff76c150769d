internal import CCurl
internal import Core

/// A transfer on the client's thread with its easy handle; everything here happens on that thread.
@safe final class ActiveTransfer: Appointment {
    let transfer: Transfer
    let handle: UnsafeMutableRawPointer
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var reader = HeadReader()
    private let maximumHeaderBytes: Int
    private let firstByteTimeout: Duration?
    private let silenceTimeout: Duration?
    private let begun = ContinuousClock.now
    private var lastActivity = ContinuousClock.now
    private var bodyBytes = 0
    private var isPaused = false
    private var releaseDeadline: ContinuousClock.Instant?
    private var failure: HTTPClientError?

    init(_ transfer: Transfer, _ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
        guard let handle = unsafe curl_easy_init() else { fatalError("libcurl is out of memory") }
        self.transfer = transfer
        unsafe self.handle = handle
        maximumHeaderBytes = configuration.maximumHeaderBytes
        firstByteTimeout = transfer.request.firstByteTimeout ?? configuration.firstByteTimeout
        silenceTimeout = transfer.request.silenceTimeout ?? configuration.silenceTimeout
        super.init()
        let options = unsafe EasyOptions(handle)
        options.set(configuration)
        try options.set(transfer.request)
        unsafe fields = EasyOptions.list(of: transfer.request.headers)
        _ = unsafe dh_curl_set_list(handle, CURLOPT_HTTPHEADER, fields)
        installCallbacks()
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(fields)
    }

    /// The transfer whose handle this is.
    static func of(_ handle: UnsafeMutableRawPointer) -> ActiveTransfer? {
        var context: UnsafeMutableRawPointer?
        guard unsafe dh_curl_get_pointer(handle, CURLINFO_PRIVATE, &context) == CURLE_OK else { return nil }
        return unsafe context.map { unsafe Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    /// When ``expiry(at:)`` has to be asked at the latest; nil for never.
    ///
    /// As long as the head is not there, the limit of silence may begin to count any time.
    func nextLook(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let next = reader.isComplete ? nil : silenceTimeout.map { now + $0 }
        return [next, activityDeadline, totalDeadline].compactMap { $0 }.min()
    }

    private var totalDeadline: ContinuousClock.Instant? {
        releaseDeadline ?? transfer.request.totalTimeout.map { begun + $0 }
    }

    /// Nil while the reader holds the transfer back.
    private var activityDeadline: ContinuousClock.Instant? {
        guard !isPaused else { return nil }
        let limit = reader.isComplete ? silenceTimeout : firstByteTimeout
        return limit.map { lastActivity + $0 }
    }

    func expiry(at now: ContinuousClock.Instant) -> HTTPClientError? {
        if let totalDeadline, totalDeadline <= now {
            return HTTPClientError(.notFinishedInTime, "the answer was not complete in time")
        }
        guard let activityDeadline, activityDeadline <= now else { return nil }
        return reader.isComplete
            ? HTTPClientError(.silent, "nothing arrived for too long")
            : HTTPClientError(.noAnswerInTime, "the server did not answer in time")
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        lastActivity = .now
        // Calls the write callback at once with what libcurl has kept (curl_easy_pause(3)).
        _ = unsafe curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    /// Gives the rest of the body half a second, so that the connection can be used again.
    func release() {
        releaseDeadline = .now + .milliseconds(500)
        resume()
    }

    func outcome(of result: CURLcode) -> Result<Void, any Error> {
        if let failure { return .failure(failure) }
        guard result != CURLE_OK else { return .success(()) }
        var connectTime: curl_off_t = 0
        _ = unsafe dh_curl_get_offset(handle, CURLINFO_PRETRANSFER_TIME_T, &connectTime)
        var proxyStatus = 0
        _ = unsafe dh_curl_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
        return .failure(
            HTTPClientError(result: result, isConnected: connectTime > 0, proxyStatus: proxyStatus)
        )
    }

    // MARK: Callbacks of libcurl

    /// The context is unretained: the engine keeps this object as long as the handle is in use.
    private func installCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe dh_curl_set_pointer(handle, CURLOPT_PRIVATE, context)
        _ = unsafe dh_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        _ = unsafe dh_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        _ = unsafe dh_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let data = unsafe data, let context = unsafe context else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue().receive(
                header: bytes
            )
        }
        _ = unsafe dh_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data = unsafe data, let context = unsafe context else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe Unmanaged<ActiveTransfer>.fromOpaque(context).takeUnretainedValue().receive(
                body: bytes
            )
        }
    }

    private func receive(header: UnsafeRawBufferPointer) -> Int {
        do throws(HTTPClientError) {
            if let head = try reader.read(line: unsafe Array(header), limit: maximumHeaderBytes) {
                lastActivity = .now
                if transfer.request.method != "HEAD",
                    let length = head.headers["Content-Length"].flatMap(Int.init)
                {
                    try admit(length)
                }
                transfer.deliver(head: head)
            }
            return header.count
        } catch {
            failure = error
            return 0
        }
    }

    private func receive(body: UnsafeRawBufferPointer) -> Int {
        guard unsafe !body.isEmpty else { return 0 }
        lastActivity = .now
        do throws(HTTPClientError) { try admit(bodyBytes + body.count) } catch {
            failure = error
            return 0
        }
        guard transfer.deliver(chunk: { unsafe Array(body) }) else {
            isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        bodyBytes += body.count
        return body.count
    }

    private func admit(_ count: Int) throws(HTTPClientError) {
        guard let limit = transfer.request.maximumBodyBytes, count > limit else { return }
        throw HTTPClientError(.tooLarge, "the body is larger than \(limit) bytes")
    }
}
