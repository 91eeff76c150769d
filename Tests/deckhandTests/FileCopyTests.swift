import CLinux
import Core
import Synchronization
import Testing

@testable import deckhand

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

@Suite("Copies for backups")
struct FileCopyTests {
    @Test("folders that come and go meanwhile do not end a copy")
    func goneFolders() async throws {
        let folder = TemporaryFolder()
        let source = folder.path + "/sessions"
        _ = unsafe mkdir(source, 0o700)
        _ = unsafe mkdir(source + "/stays", 0o700)
        folder.write("kept", to: "sessions/stays/1.ticket")
        let isOver = Flag()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await DedicatedThread(name: "churn").run {
                    while !isOver.isSet {
                        _ = unsafe mkdir(source + "/goes", 0o700)
                        _ = unsafe rmdir(source + "/goes")
                    }
                }
            }
            _ = try? await DedicatedThread(name: "copy").run {
                for round in 0..<300 {
                    let target = "\(folder.path)/copy-\(round)"
                    do {
                        #expect(try FileCopy.folder(from: source, to: target) == 1)
                    } catch {
                        Issue.record("\(error)")
                    }
                }
            }
            isOver.set()
        }
        #expect(folder.read("copy-299/stays/1.ticket") == "kept")
        try FileCopy.removeFolder(folder.path + "/copy-0")
        #expect(unsafe access(folder.path + "/copy-0", F_OK) != 0)
        try FileCopy.removeFolder(folder.path + "/copy-0")
    }
}
