internal import CLinux
internal import Core
internal import Domain
internal import Synchronization

/// Tells viewers that an output grew: one inotify(7) instance for all, with a watch per output that has viewers.
final class OutputNotices: Sendable {
    private struct Viewed {
        /// The watch on the file; negative while it does not exist yet.
        var watch: Int32 = -1
        /// The watch on the folder, for the time before the file exists.
        var folderWatch: Int32 = -1
        var viewers: [UInt64: AsyncStream<Void>.Continuation] = [:]
    }

    private struct State {
        var viewed: [OutputReference: Viewed] = [:]
        var outputs: [Int32: Set<OutputReference>] = [:]
        var next: UInt64 = 0
    }

    private let folders: SessionFolders
    private let instance: Descriptor
    private let stop: Descriptor
    private let state = Mutex(State())
    private let thread = DedicatedThread(name: "output-notices")
    private let setup = DedicatedThread(name: "output-watch")

    init(folders: SessionFolders) throws {
        guard let instance = Descriptor(inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))),
            let stop = Descriptor(eventfd(0, Int32(EFD_CLOEXEC)))
        else { throw SystemFailure.current("inotify_init1") }
        self.folders = folders
        self.instance = instance
        self.stop = stop
        thread.perform { [weak self, instance, stop] in
            while true {
                var wanted = [
                    pollfd(fd: instance.raw, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: stop.raw, events: Int16(POLLIN), revents: 0),
                ]
                _ = unsafe poll(&wanted, 2, -1)
                guard wanted[1].revents == 0, let self else { return }
                takeEvents()
            }
        }
    }

    deinit { _ = stop.write([1, 0, 0, 0, 0, 0, 0, 0]) }

    /// The notices for one viewer, until the subscription is let go.
    func watch(_ output: OutputReference, _ wake: AsyncStream<Void>.Continuation) -> Subscription {
        let id = state.withLock { state in
            state.next += 1
            state.viewed[output, default: Viewed()].viewers[state.next] = wake
            return state.next
        }
        wake.yield()
        // Once watched it is told again, for what happened in between.
        setup.perform { [weak self] in
            self?.watch(output)
            wake.yield()
        }
        return Subscription { [weak self] in self?.leave(output, id) }
    }

    /// Tells the viewers of an output, for what no file event says: that the run is over.
    func wake(_ output: OutputReference) {
        let viewers = state.withLock { Array(($0.viewed[output]?.viewers ?? [:]).values) }
        for viewer in viewers { viewer.yield() }
    }

    private func leave(_ output: OutputReference, _ id: UInt64) {
        state.withLock { state in
            state.viewed[output]?.viewers[id] = nil
            guard let viewed = state.viewed[output], viewed.viewers.isEmpty else { return }
            state.viewed[output] = nil
            forget(viewed.watch, output, &state)
            forget(viewed.folderWatch, output, &state)
        }
    }

    private func forget(_ watch: Int32, _ output: OutputReference, _ state: inout State) {
        guard watch >= 0 else { return }
        state.outputs[watch]?.remove(output)
        guard state.outputs[watch]?.isEmpty == true else { return }
        state.outputs[watch] = nil
        _ = inotify_rm_watch(instance.raw, watch)
    }

    /// Watches the file, or the folder until the file is there.
    private func watch(_ output: OutputReference) {
        guard let folder = try? folders.make(output.folder) else { return }
        state.withLock { state in
            guard let viewed = state.viewed[output], viewed.watch < 0 else { return }
            // The folder first, so that a file made between the two looks is not missed.
            let inFolder = viewed.folderWatch >= 0 ? viewed.folderWatch : add(folder, nil)
            let watch = add(folder, "\(output.number).ticket")
            state.viewed[output]?.watch = watch
            if watch >= 0 {
                state.outputs[watch, default: []].insert(output)
                state.viewed[output]?.folderWatch = -1
                state.outputs[inFolder, default: []].insert(output)
                forget(inFolder, output, &state)
            } else if inFolder >= 0 {
                state.viewed[output]?.folderWatch = inFolder
                state.outputs[inFolder, default: []].insert(output)
            }
        }
    }

    private func add(_ folder: Descriptor, _ name: String?) -> Int32 {
        // Through the descriptor, so that no link in the path is followed.
        let path = "/proc/self/fd/\(folder.raw)/" + (name ?? ".")
        let mask =
            name == nil ? UInt32(IN_CREATE) | UInt32(IN_ONLYDIR) : UInt32(IN_MODIFY) | UInt32(IN_DONT_FOLLOW)
        return unsafe inotify_add_watch(instance.raw, path, mask)
    }

    private func takeEvents() {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let room = buffer.count
        let count = unsafe read(instance.raw, &buffer, room)
        var touched: Set<OutputReference> = []
        var offset = 0
        while offset + 16 <= count {
            let event = unsafe buffer.withUnsafeBytes {
                unsafe $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            }
            offset += 16 + Int(event.len)
            state.withLock { state in
                // Events were lost: everybody looks.
                touched.formUnion(event.wd < 0 ? Set(state.viewed.keys) : state.outputs[event.wd] ?? [])
            }
        }
        for output in touched {
            watch(output)
            wake(output)
        }
    }
}
