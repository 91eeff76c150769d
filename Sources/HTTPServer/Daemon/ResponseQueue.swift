internal import CMicroHTTPD

extension ConnectionHandle {
    /// Hands a response to the library; false when it did not take it.
    ///
    /// Only within the access handler.
    func queue(_ response: HTTPResponse, stream: ResponseStream?, closes: Bool) -> Bool {
        guard let raw = unsafe make(response, stream) else { return false }
        defer { unsafe MHD_destroy_response(raw) }
        for field in response.headers where !Self.isOurs(field.name) {
            _ = unsafe MHD_add_response_header(raw, field.name, field.value)
        }
        if closes || response.closesConnection {
            _ = unsafe MHD_add_response_header(raw, "Connection", "close")
        }
        return unsafe MHD_queue_response(pointer, UInt32(response.status), raw) == dh_mhd_yes
    }

    /// Fields that describe the transfer; the library writes them.
    private static func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.lowercased() == "date"
        case 10: name.lowercased() == "connection"
        case 14: name.lowercased() == "content-length"
        case 17: name.lowercased() == "transfer-encoding"
        default: false
        }
    }

    private func make(_ response: HTTPResponse, _ stream: ResponseStream?) -> OpaquePointer? {
        switch response.body {
        case .empty: return unsafe MHD_create_response_from_buffer(0, nil, dh_mhd_copied)
        case .bytes(let bytes):
            return unsafe bytes.withUnsafeBytes { buffer in
                // The library copies the bytes and does not write to them.
                unsafe MHD_create_response_from_buffer(
                    buffer.count,
                    UnsafeMutableRawPointer(mutating: buffer.baseAddress),
                    dh_mhd_copied
                )
            }
        case .stream(let length, _):
            // The library's own buffer for blocks is used with a known length, and for HTTP/1.0 clients; it is there for
            // each of thousands of idle event streams too.
            let stream = stream ?? ResponseStream(capacity: 1, length: length)
            return unsafe MHD_create_response_from_callback(
                length.map { UInt64($0) } ?? dh_mhd_size_unknown,
                length == nil ? 512 : 64 << 10,
                StreamReading.read,
                StreamReading(stream, self).retained(),
                StreamReading.release
            )
        }
    }
}
