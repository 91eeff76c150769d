internal import CLinux
internal import Core

/// Ends what a runner left behind when it was killed itself.
struct Survivors: Sendable {
    let installation: String
    let groups: ControlGroupPlan

    /// The variable by which the processes of a ticket are known.
    func marker(token: String) -> [UInt8] { Array("DECKHAND_TICKET=\(installation)/\(token)".utf8) }

    /// The same for those that started with another environment: a limit of realtime scheduling (setrlimit(2),
    /// RLIMIT_RTTIME) of more than 70,000 years, which children inherit and nothing else sets.
    func mark(token: String) -> Int64 {
        // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
        let hash = marker(token: token).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return 1 << 61 | Int64(hash >> 3)
    }

    /// Kills them round by round until none is found, at most about 3 s; returns a note for each one.
    ///
    /// Blocks; called on a thread for it.
    func end(token: String) -> [String] {
        var notes: [String] = []
        var seen: Set<Int32> = []
        let (marker, mark) = (marker(token: token), mark(token: token))
        groups.destroy(token: token)
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(3)
        var emptyLooks = 0
        while clock.now < deadline {
            let found = ProcessTable.marked(marker, or: mark)
            if found.isEmpty {
                // A process in the middle of exec(2) shows no environment, so one empty look proves nothing.
                emptyLooks += 1
                if emptyLooks == 3 { break }
                _ = poll(nil, 0, 10)
                continue
            }
            emptyLooks = 0
            for survivor in found { _ = dh_pidfd_send_signal(survivor.handle.raw, SIGSTOP) }
            for survivor in found {
                if seen.insert(survivor.pid).inserted {
                    notes.append(
                        "Process \(survivor.pid) (\(survivor.name)) had outlived the runner and was ended."
                    )
                }
                _ = dh_pidfd_send_signal(survivor.handle.raw, SIGKILL)
            }
            for survivor in found {
                var wait = pollfd(fd: survivor.handle.raw, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&wait, 1, 200)
            }
        }
        groups.remove(token: token)
        if notes.count > 20 { notes = notes.prefix(20) + ["… and \(notes.count - 20) more processes."] }
        return notes
    }
}
