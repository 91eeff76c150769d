import CLinux

/// What is the same for all runs: the resident parent gets it once, and runners inherit it.
struct Surroundings {
    /// This start of the machine (random(4)).
    let boot: [UInt8]
    /// `/dev/null`, for commands without input; -1 when it cannot be opened, and then they do not start.
    let noInput: Int32
    /// Where datagrams leave from; the kernel adds which process sent each.
    let datagrams: Int32
    /// The time in ticks right before the latest fork.
    var beforeFork: Int64 = 0

    init() {
        var boot = readFile(text("/proc/sys/kernel/random/boot_id"))
        if boot.last == 10 { boot.removeLast() }
        self.boot = boot
        noInput = unsafe dh_open("/dev/null", O_RDONLY | O_CLOEXEC, 0)
        datagrams = dh_datagram_socket()
    }

    /// When this process started, as field 22 of proc_pid_stat(5) says it.
    ///
    /// It lies between the tick before the fork and now; the file, which is slow, is read when these differ.
    static func startTime(forkedAfter before: Int64) -> Int64 {
        let now = ticks()
        if now == before { return now }
        let stat = statFields(readFile(text("/proc/self/stat")))
        return stat.count > 19 ? JournalLine.number(stat[19]) ?? 0 : 0
    }

    /// Time since the start of the machine in ticks of a hundredth of a second, the unit of that field.
    static func ticks() -> Int64 { microseconds(CLOCK_BOOTTIME) / 10_000 }
}
