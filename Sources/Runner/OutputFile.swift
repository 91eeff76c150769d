import CLinux

/// The one file that both streams go to, in the order of their arrival, at the offsets at which they were produced.
///
/// Beyond the limit the middle is given back to the disk by punching holes (fallocate(2)); offsets do not change.
final class OutputFile {
    enum Pumped { case progress, nothing, end }

    private static let smallest: Int64 = 1 << 20
    private static let largestStep: Int64 = 64 << 20
    private static let maximumMarks = 4_096

    private let folder: Int32
    private let name: [UInt8]
    /// -1 until there is something to keep: many commands print nothing, and a file costs more than all else here.
    private var descriptor: Int32 = -1
    private let journal: Journal
    private let head: Int64
    private let tail: Int64
    private let endsAtLimit: Bool
    private var total: Int64 = 0
    private var bytes: (stdout: Int64, stderr: Int64) = (0, 0)
    private var isError = false
    private var marks = 0
    private var gap: (start: Int64, end: Int64) = (0, 0)
    private var isDiscarding = false
    /// When the disk was full: the time from which on it is tried again; 0 for never.
    private var retry: Int64 = 0
    private var splices = true
    private var maskers: [Masker] = []
    /// Small until something fills it: most outputs are short, and each page of it that is touched costs.
    private var buffer = [UInt8](repeating: 0, count: 4_096)
    private static let fullBuffer = 65_536
    private static let retryDelay: Int64 = 1_000_000
    private static let shortLimit = 4_096

    /// More was produced than is kept, and the run is to end then.
    private(set) var reachedLimit = false
    /// The whole output while it is short, so that the server need not read the file.
    private(set) var short: [UInt8]? = []

    /// Nil when something else has the file's name already.
    init?(spec: RunSpec, folder: Int32, journal: Journal, forms: MaskForms) {
        self.folder = folder
        name = decimal(spec.number) + text(".ticket")
        self.journal = journal
        head = spec.outputBytes / 2
        tail = spec.outputBytes - head
        endsAtLimit = spec.endsAtOutputLimit != 0
        if !forms.isEmpty { maskers = [Masker(forms: forms), Masker(forms: forms)] }
        var status = stat()
        let isTaken = unsafe withCString(name) {
            unsafe fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) == 0
        }
        if isTaken { return nil }
    }

    /// Makes the file if there is none; false with errno when that fails.
    ///
    /// A planted link or file makes it fail.
    @discardableResult
    func open() -> Bool {
        if descriptor >= 0 { return true }
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        descriptor = unsafe withCString(name) { unsafe dh_openat(folder, $0, flags, 0o600) }
        guard descriptor >= 0 else { return false }
        journal.write(.output)
        return true
    }

    /// Takes what a pipe or terminal holds, once.
    func pump(from source: Int32, isError: Bool) -> Pumped {
        var waiting: Int32 = 0
        if buffer.count == Self.fullBuffer { _ = unsafe dh_ioctl(source, UInt(FIONREAD), &waiting) }
        if waiting >= 16_384, splices, maskers.isEmpty, !isDiscarding, open() {
            mark(isError)
            if let count = splice(from: source) {
                if count > 0 {
                    short = nil
                    took(Int64(count), isError)
                }
                return .progress
            }
        }
        let room = buffer.count
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(source, $0.baseAddress, room) }
        if count < 0 { return dh_errno() == EAGAIN || dh_errno() == EINTR ? .nothing : end(isError) }
        if count == 0 { return end(isError) }
        defer {
            if count == room, room < Self.fullBuffer {
                buffer = [UInt8](repeating: 0, count: Self.fullBuffer)
            }
        }
        if maskers.isEmpty {
            append(buffer[..<count], isError)
        } else {
            append(maskers[isError ? 1 : 0].mask(buffer[..<count])[...], isError)
        }
        return .progress
    }

    /// Passes on what the maskers still hold.
    func flush() {
        guard !maskers.isEmpty else { return }
        append(maskers[0].flush()[...], false)
        append(maskers[1].flush()[...], true)
    }

    /// The other stream begins somewhere, which only the journal knows.
    var hasMarks: Bool { marks > 0 }

    /// Closes the file.
    func close() {
        if descriptor >= 0 { _ = CLinux.close(descriptor) }
        descriptor = -1
    }

    /// Fills in the counts, gives back what is beyond the limit, and brings the file to the disk.
    func finish(_ exit: inout JournalExit) {
        flush()
        if !isDiscarding, total > head + tail { punch(until: total - tail) }
        exit.stdout = bytes.stdout
        exit.stderr = bytes.stderr
        exit.gapStart = gap.start
        exit.gapEnd = isDiscarding ? total : gap.end
        if total > 0, descriptor >= 0 { _ = fdatasync(descriptor) }
    }

    private func end(_ isError: Bool) -> Pumped {
        if !maskers.isEmpty { append(maskers[isError ? 1 : 0].flush()[...], isError) }
        return .end
    }

    /// Says in the journal that the other stream begins here, before its bytes are in the file.
    private func mark(_ isError: Bool) {
        guard isError != self.isError, marks <= Self.maximumMarks else { return }
        marks += 1
        self.isError = isError
        journal.write(
            marks > Self.maximumMarks ? .mixed(offset: total) : .mark(offset: total, isError: isError)
        )
    }

    private func append(_ piece: ArraySlice<UInt8>, _ isError: Bool) {
        guard !piece.isEmpty else { return }
        mark(isError)
        var rest = piece
        if endsAtLimit, !reachedLimit, total + Int64(rest.count) > head + tail {
            let kept = rest.prefix(Int(max(head + tail - total, 0)))
            write(kept, isError)
            rest = rest.dropFirst(kept.count)
            discard(because: [])
        }
        write(rest, isError)
    }

    private func write(_ piece: ArraySlice<UInt8>, _ isError: Bool) {
        var done = 0
        while done < piece.count, !isDiscarding || mayTryAgain {
            let left = piece.count - done
            var count = -1
            if open() {
                count = unsafe piece.withUnsafeBytes {
                    unsafe pwrite(descriptor, $0.baseAddress.unsafelyUnwrapped + done, left, Int(total))
                }
                if count < 0, dh_errno() == EINTR { continue }
            }
            guard count > 0 else {
                giveUp(count < 0 ? dh_errno() : EIO)
                break
            }
            if isDiscarding { goOn() }
            remember(piece.dropFirst(done).prefix(count))
            done += count
            took(Int64(count), isError)
        }
        if done < piece.count { took(Int64(piece.count - done), isError) }
    }

    private func remember(_ piece: ArraySlice<UInt8>) {
        guard total + Int64(piece.count) <= Int64(Self.shortLimit) else { return short = nil }
        short?.append(contentsOf: piece)
    }

    /// Moves a pipe's pages into the file; nil when the file system cannot.
    private func splice(from source: Int32) -> Int? {
        if endsAtLimit, total + Int64(1 << 20) > head + tail { return nil }
        var offset = off_t(total)
        let count = unsafe CLinux.splice(
            source,
            nil,
            descriptor,
            &offset,
            1 << 20,
            UInt32(SPLICE_F_NONBLOCK | SPLICE_F_MOVE)
        )
        if count >= 0 { return count }
        switch dh_errno() {
        case EAGAIN, EINTR: return 0
        case EINVAL:
            splices = false
            return nil
        // The slow way meets the same error and reports it.
        default: return nil
        }
    }

    private func took(_ count: Int64, _ isError: Bool) {
        total += count
        if isError { bytes.stderr += count } else { bytes.stdout += count }
        if total > 0 { KillPoint.midOutput.pass() }
        guard !isDiscarding, !endsAtLimit, total > head + tail else { return }
        let step = min(max(Self.smallest, (head + tail) / 8, total / 1_024), Self.largestStep)
        if total - tail - gapEnd >= step { punch(until: total - tail) }
    }

    private var hasGap: Bool { gap.end > gap.start }
    /// Where the gap ends, or would begin.
    private var gapEnd: Int64 { hasGap ? gap.end : head }

    /// Gives back the stretch between the head, or an earlier gap, and `end`.
    ///
    /// The journal says so first: a reader that sees zeros looks there again.
    private func punch(until end: Int64) {
        let start = gapEnd
        guard end > start else { return }
        gap = (hasGap ? gap.start : head, end)
        journal.write(.omitted(start: gap.start, end: end))
        guard dh_punch_hole(descriptor, Int(start), Int(end - start)) != 0 else { return }
        // Without holes the beginning is kept, and what is in the file stays.
        gap = (total, total)
        discard(
            because: text(
                "The file system cannot free the middle of a file, so the end of the output was not kept."
            )
        )
    }

    private func discard(because sentence: [UInt8]) {
        isDiscarding = true
        reachedLimit = endsAtLimit && sentence.isEmpty
        retry = 0
        short = nil
        let start = hasGap ? gap.start : total
        gap = (start, max(total, gap.end))
        journal.write(.omitted(start: start, end: Int64.max))
        if !sentence.isEmpty { journal.note(sentence) }
    }

    // MARK: A full disk

    private var mayTryAgain: Bool { retry > 0 && monotonicNow() >= retry }

    private func giveUp(_ error: Int32) {
        if !isDiscarding { discard(because: failure(error)) }
        retry = error == ENOSPC || error == EDQUOT ? monotonicNow() + Self.retryDelay : 0
    }

    /// There is room again: from here on the output is kept.
    private func goOn() {
        isDiscarding = false
        retry = 0
        gap.end = total
        journal.write(.omitted(start: gap.start, end: gap.end))
        journal.note(
            text("There is room again; the output is kept from byte ") + decimal(total) + text(" on.")
        )
        if hasGap { _ = dh_punch_hole(descriptor, Int(gap.start), Int(gap.end - gap.start)) }
    }

    private func failure(_ error: Int32) -> [UInt8] {
        switch error {
        case EEXIST, ELOOP: text("Another file has the output file's name, so the output was not kept.")
        case ENOSPC, EDQUOT: text("The disk is full; from there on the output was not kept.")
        case EFBIG:
            text("The file became too large for the file system; from there on the output was not kept.")
        default:
            text("The output could not be written (error ") + decimal(error)
                + text("); from there on it was not kept.")
        }
    }
}
