import CLinux

/// Runs `body` with text as a C string.
func withCString<Result>(_ text: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let terminated = text + [0]
    return unsafe terminated.withUnsafeBytes { buffer in
        // An array with a terminator is never empty.
        unsafe body(buffer.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self))
    }
}

/// Writes all bytes to a blocking descriptor; 0, or the errno of the failure.
@discardableResult
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
    var done = 0
    while done < bytes.count {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress.unsafelyUnwrapped + done, bytes.count - done)
        }
        if count < 0, dh_errno() == EINTR { continue }
        if count <= 0 { return count == 0 ? EIO : dh_errno() }
        done += count
    }
    return 0
}

/// Reads a file to its end, or at most `limit` bytes of it.
func readAll(_ descriptor: Int32, limit: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(limit, 4_096))
    var filled = 0
    while filled < limit {
        if filled == bytes.count { bytes += [UInt8](repeating: 0, count: min(limit - filled, bytes.count)) }
        let room = bytes.count - filled
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress.unsafelyUnwrapped + filled, room)
        }
        if count < 0, dh_errno() == EINTR { continue }
        if count <= 0 { break }
        filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
}

/// Reads a small file by its path; empty when it cannot be read.
func readFile(_ path: [UInt8], limit: Int = 65_536) -> [UInt8] {
    let descriptor = unsafe withCString(path) { unsafe dh_open($0, O_RDONLY | O_CLOEXEC, 0) }
    guard descriptor >= 0 else { return [] }
    defer { _ = close(descriptor) }
    return readAll(descriptor, limit: limit)
}

/// Writes a small file by its path; 0, or the errno of the failure.
func writeFile(_ path: [UInt8], _ bytes: [UInt8]) -> Int32 {
    let descriptor = unsafe withCString(path) { unsafe dh_open($0, O_WRONLY | O_CLOEXEC, 0) }
    guard descriptor >= 0 else { return dh_errno() }
    defer { _ = close(descriptor) }
    return writeAll(descriptor, bytes)
}

/// Text of a literal.
func text(_ literal: StaticString) -> [UInt8] { JournalLine.bytes(literal) }

/// A number in decimal.
func decimal(_ value: some BinaryInteger) -> [UInt8] {
    var bytes: [UInt8] = []
    JournalLine.append(Int64(value), to: &bytes)
    return bytes
}

/// Microseconds of a clock.
func microseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}

/// The clock of all deadlines.
func monotonicNow() -> Int64 { microseconds(CLOCK_MONOTONIC) }

/// The fields of proc_pid_stat(5) behind the name, which may contain anything; the first one is the state.
func statFields(_ stat: [UInt8]) -> [ArraySlice<UInt8>] {
    guard let end = stat.lastIndex(of: 41) else { return [] }
    return stat[(end + 1)...].split(separator: 32)
}
