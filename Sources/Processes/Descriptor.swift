internal import CLinux

/// An open file that is closed with its last reference.
final class Descriptor: Sendable {
    let raw: Int32

    /// Takes over an open descriptor; nil for a negative one.
    init?(_ raw: Int32) {
        guard raw >= 0 else { return nil }
        self.raw = raw
    }

    deinit { _ = close(raw) }

    /// Reads at most `count` bytes from an offset (pread(2)); nil when that fails.
    func read(at offset: Int64, count: Int) -> [UInt8]? {
        var isBroken = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let got = unsafe pread(
                    raw,
                    buffer.baseAddress.map { unsafe $0 + filled },
                    count - filled,
                    Int(offset) + filled
                )
                if got < 0, dh_errno() == EINTR { continue }
                if got < 0 { isBroken = true }
                if got <= 0 { break }
                filled += got
            }
        }
        return isBroken ? nil : bytes
    }

    /// Bytes in the file; nil when it cannot be asked.
    var size: Int64? {
        var status = stat()
        return unsafe fstat(raw, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Writes bytes in one call; the errno when it did not take all.
    func write(_ bytes: [UInt8]) -> Int32 {
        while true {
            let count = unsafe bytes.withUnsafeBytes { unsafe CLinux.write(raw, $0.baseAddress, $0.count) }
            if count == bytes.count { return 0 }
            if count < 0, dh_errno() == EINTR { continue }
            return count < 0 ? dh_errno() : EAGAIN
        }
    }

    /// Sends one message with descriptors; false when the other end is gone.
    func send(_ message: [UInt8], _ descriptors: [Descriptor]) -> Bool {
        let numbers = descriptors.map(\.raw)
        while true {
            let sent = unsafe message.withUnsafeBytes {
                unsafe dh_send_message(raw, $0.baseAddress, $0.count, numbers, Int32(numbers.count))
            }
            if sent < 0, dh_errno() == EINTR { continue }
            return sent == message.count
        }
    }

    /// A memory file with these bytes, positioned at its start (memfd_create(2)).
    static func memory(_ bytes: [UInt8]) throws -> Descriptor {
        guard let file = unsafe Descriptor(memfd_create("deckhand", UInt32(MFD_CLOEXEC))) else {
            throw SystemFailure.current("memfd_create")
        }
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe CLinux.write(file.raw, $0.baseAddress.map { unsafe $0 + done }, $0.count - done)
            }
            if count < 0, dh_errno() == EINTR { continue }
            guard count > 0 else { throw SystemFailure.current("write") }
            done += count
        }
        _ = lseek(file.raw, 0, SEEK_SET)
        return file
    }
}

/// A system call that failed in a way that nobody can mend at run time.
struct SystemFailure: Error, CustomStringConvertible {
    let call: StaticString
    let code: Int32

    static func current(_ call: StaticString) -> SystemFailure { SystemFailure(call: call, code: dh_errno()) }

    var description: String { unsafe "\(call): \(String(cString: strerror(code)))" }
}
