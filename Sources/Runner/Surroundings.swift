import CLinux

/// What is the same for all runs: the resident parent gets it once, and runners inherit it.
struct Surroundings {
    /// This start of the machine (random(4)).
    let boot: [UInt8]
    /// `/dev/null`, for commands without input; -1 when it cannot be opened, and then they do not start.
    let noInput: Int32
    /// Where datagrams leave from; the kernel adds which process sent each.
    let datagrams: Int32

    init() {
        var boot = readFile(text("/proc/sys/kernel/random/boot_id"))
        if boot.last == 10 { boot.removeLast() }
        self.boot = boot
        noInput = unsafe dh_open("/dev/null", O_RDONLY | O_CLOEXEC, 0)
        datagrams = dh_datagram_socket()
    }
}
