internal import CLinux

/// The two files of a TLS listener.
struct CertificateFiles: Sendable {
    let chain: String
    let key: String

    /// The contents, or nil when one cannot be read; blocks.
    func read() -> Certificate? {
        guard let chain = Self.contents(of: chain), let key = Self.contents(of: key) else { return nil }
        return Certificate(chain: chain, key: key)
    }

    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = unsafe dh_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < 1 << 20 {
            let count = unsafe CLinux.read(descriptor, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
        }
        return nil
    }
}
