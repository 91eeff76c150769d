internal import CCurl
internal import Core

/// Puts configuration and request into an easy handle (curl_easy_setopt(3)).
@safe struct EasyOptions {
    private let handle: UnsafeMutableRawPointer

    init(_ handle: UnsafeMutableRawPointer) { unsafe self.handle = handle }

    func set(_ configuration: HTTPClientConfiguration) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_PROXY_SSL_VERIFYPEER, 1)
        set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // One request per connection at a time: cancelling closes it, and a slow reader holds back nobody else.
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        // Otherwise giving up a request waits on this thread for the look-up of its name (CURLOPT_QUICK_EXIT(3)).
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectTimeout.inMilliseconds))
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_USERAGENT, configuration.userAgent)
        // Empty values also switch off what the environment says.
        set(CURLOPT_PROXY, configuration.proxy ?? "")
        set(CURLOPT_NOPROXY, configuration.proxyBypass.joined(separator: ","))
        if let path = configuration.unixSocketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        if let file = configuration.certificateAuthorityFile ?? CertificateAuthorities.system {
            set(CURLOPT_CAINFO, file)
        }
    }

    func set(_ request: HTTPClientRequest) throws(HTTPClientError) {
        guard set(CURLOPT_URL, request.url) else {
            throw HTTPClientError(.invalidRequest, "the URL is not well-formed")
        }
        if let body = request.body {
            set(CURLOPT_POST, 1)
            _ = unsafe dh_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            unsafe body.withUnsafeBytes { bytes in
                let start = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                // Copied by libcurl, with the size set before; nil would mean "ask a callback".
                var nothing: UInt8 = 0
                if unsafe start == nil {
                    _ = unsafe dh_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, &nothing)
                } else {
                    _ = unsafe dh_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start)
                }
            }
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        }
        set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    /// The caller frees the list after the handle.
    static func list(of headers: [(name: String, value: String)]) -> UnsafeMutablePointer<curl_slist>? {
        // Without the first line libcurl waits a second for "100 Continue" before it sends a large body.
        var lines = ["Expect:"]
        // "Name;" is how libcurl is asked for a field with an empty value.
        for (name, value) in headers { lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)") }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                fatalError("libcurl is out of memory")
            }
            unsafe list = unsafe longer
        }
        return unsafe list
    }

    private func set(_ option: CURLoption, _ value: Int) {
        _ = unsafe dh_curl_set_long(handle, option, value)
    }

    @discardableResult
    private func set(_ option: CURLoption, _ value: String) -> Bool {
        unsafe dh_curl_set_text(handle, option, value) == CURLE_OK
    }
}
