internal import CLinux

/// Text for people and programs that started this one.
///
/// What cannot be written is dropped: nobody reads it.
enum StandardOutput {
    static func print(_ line: String) { StandardStream.write(line + "\n", 1) }
}

/// Messages that are not data.
enum StandardError {
    static func print(_ line: String) { StandardStream.write(line + "\n", 2) }
}

enum StandardStream {
    static func write(_ text: String, _ descriptor: Int32) { write(Array(text.utf8), descriptor) }

    static func write(_ bytes: [UInt8], _ descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe CLinux.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, dh_errno() == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
