internal import CMicroHTTPD

/// A stream together with the connection that reads it, as the library holds it.
final class StreamReading: Sendable {
    private let stream: ResponseStream
    private let connection: ConnectionHandle

    init(_ stream: ResponseStream, _ connection: ConnectionHandle) {
        self.stream = stream
        self.connection = connection
    }

    /// The context for the two callbacks below; the library ends it with `release`.
    func retained() -> UnsafeMutableRawPointer { unsafe Unmanaged.passRetained(self).toOpaque() }

    static let read: MHD_ContentReaderCallback = { context, _, buffer, size in
        guard let context = unsafe context, let buffer = unsafe buffer else { return dh_mhd_end_with_error }
        let reading = unsafe Unmanaged<StreamReading>.fromOpaque(context).takeUnretainedValue()
        return unsafe reading.stream.read(
            into: UnsafeMutableRawBufferPointer(start: buffer, count: size),
            of: reading.connection
        )
    }

    static let release: MHD_ContentReaderFreeCallback = { context in
        guard let context = unsafe context else { return }
        unsafe Unmanaged<StreamReading>.fromOpaque(context).release()
    }
}
