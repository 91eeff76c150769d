import CLinux
import Domain
import FoundationEssentials
import Processes
import TestSupport
import Testing

@Suite("The machine as the rules see it", .enabled(if: geteuid() == 0, "owners can be changed by root only"))
struct SystemPolicyWorldTests {
    @Test("programs of root on the search path are trusted, under the name of their file")
    func trusted() throws {
        let world = SystemPolicyWorld()
        #expect(world.program("ls") == .trusted(name: "ls"))
        #expect(world.program("/bin/ls") == .trusted(name: "ls"))
        #expect(world.program("no-such-program-here") == .missing)
        #expect(world.program("/etc/passwd") == .missing)
        #expect(world.program("../bin/ls") == .missing)
        #expect(world.program("") == .missing)
    }

    @Test("what others can change, or stands in such a place, is not trusted; the first on the path counts")
    func untrusted() throws {
        let folder = try ScratchFolder()
        let files = FileManager.default
        try files.copyItem(atPath: "/bin/true", toPath: folder.file("own"))
        try files.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "/bin/true")
        let world = SystemPolicyWorld(searchPath: "\(folder.path):/usr/bin")
        // /tmp is writable for all.
        guard case .untrusted = world.program("own"), case .untrusted = world.program("link") else {
            Issue.record("a program below /tmp is trusted")
            return
        }
        #expect(world.program("env") == .trusted(name: "env"))
        try files.copyItem(atPath: "/bin/true", toPath: folder.file("env"))
        guard case .untrusted = world.program("env") else {
            Issue.record("the later one was taken")
            return
        }
    }

    @Test("paths are resolved link by link, as far as they exist")
    func paths() throws {
        let folder = try ScratchFolder()
        let files = FileManager.default
        try files.createDirectory(atPath: folder.file("a"), withIntermediateDirectories: false)
        try files.createSymbolicLink(atPath: folder.file("l"), withDestinationPath: "a/../a")
        try files.createSymbolicLink(atPath: folder.file("loop"), withDestinationPath: "loop")
        try files.createSymbolicLink(atPath: folder.file("s"), withDestinationPath: "/etc/shadow")
        let world = SystemPolicyWorld()
        #expect(world.realPath(folder.file("l/./x/y")) == folder.file("a/x/y"))
        #expect(world.realPath(folder.file("l/..")) == folder.path)
        #expect(world.realPath(folder.file("s")) == "/etc/shadow")
        #expect(world.realPath(folder.file("loop")) == nil)
        #expect(world.realPath("relative") == nil)
        #expect(world.realPath("/..//etc/") == "/etc")
    }

    @Test("patterns stand for the names that bash would find")
    func patterns() throws {
        let folder = try ScratchFolder()
        for name in ["ab", "ac", ".ad", "b*", "é"] {
            _ = FileManager.default.createFile(atPath: folder.file(name), contents: nil)
        }
        let world = SystemPolicyWorld()
        #expect(Set(world.matches(folder.file("a*")) ?? []) == [folder.file("ab"), folder.file("ac")])
        #expect(world.matches(folder.file(".a*")) == [folder.file(".ad")])
        #expect(world.matches(folder.file("b\\*")) == [folder.file("b*")])
        #expect(world.matches(folder.file("?"))?.contains(folder.file("é")) ?? false)
        #expect(world.matches(folder.file("none*")) == [])
        #expect(world.matches("/proc/*/task/*/fd/*/../../../*/*") == nil)
        #expect(world.matches("a*") == nil)
    }
}
