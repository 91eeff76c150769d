import CLinux
import Domain
import Testing

@testable import deckhand

@Suite("The assistant in a panel's tree")
struct PanelInstallerTests {
    @Test(
        "putting it in changes what it has to, twice changes nothing, and taking it out leaves every byte",
        arguments: [PanelKind.cwp, .cpanel]
    )
    func roundTrip(_ kind: PanelKind) throws {
        let panel = FakedPanel(kind)
        let before = panel.snapshot
        #expect(try panel.installer().uninstall() == 0)
        #expect(try panel.install() > 0)
        #expect(try panel.troubles == [])
        let installed = panel.snapshot
        #expect(installed != before)
        #expect(try panel.install() == 0)
        #expect(panel.snapshot == installed)
        #expect(try panel.installer().uninstall() > 0)
        #expect(panel.snapshot == before)
        #expect(try !panel.installer().standing().isInstalled)
        #expect(try panel.installer().uninstall() == 0)
    }

    @Test("the page of CWP is kept as the same file, and the new one has its mode")
    func wrapper() throws {
        let panel = FakedPanel(.cwp)
        let original = try #require(panel.read(FakedPanel.index))
        try panel.install()
        #expect(panel.read(FakedPanel.second) == original)
        #expect(panel.read(FakedPanel.index)?.contains("deckhand-panel") == true)
        #expect(panel.read(FakedPanel.index)?.contains(panel.root + "/usr/local/cwpsrv") == true)
        #expect(panel.folder.mode(of: "root" + FakedPanel.index) == 0o640)
        #expect(panel.folder.mode(of: "data/panel/cwp/record.json") == 0o600)
    }

    @Test(
        "killed at any change of a file, the next run completes it or undoes it",
        arguments: [PanelKind.cwp, .cpanel]
    )
    func cutOff(_ kind: PanelKind) throws {
        let last = try edges { try FakedPanel(kind).install(stoppingAt: $0) }
        #expect(last > 20)
        for stop in 1..<last {
            let panel = FakedPanel(kind)
            let before = panel.snapshot
            #expect(throws: FakedPanel.Stopped.self) { try panel.install(stoppingAt: stop) }
            if kind == .cwp {
                #expect(panel.read(FakedPanel.index) != nil, "never a moment without the page")
            }
            if stop.isMultiple(of: 2) {
                try panel.install()
                #expect(try panel.troubles == [], "\(stop)")
            }
            _ = try panel.installer().uninstall()
            #expect(panel.snapshot == before, "installing, \(stop)")
        }
    }

    @Test(
        "a removal that is cut off is completed, or taken back by installing",
        arguments: [PanelKind.cwp, .cpanel]
    )
    func cutOffRemoval(_ kind: PanelKind) throws {
        let last = try edges { stop in
            let complete = FakedPanel(kind)
            try complete.install()
            _ = try complete.installer(stoppingAt: stop).uninstall()
        }
        for stop in 1..<last {
            let panel = FakedPanel(kind)
            let before = panel.snapshot
            try panel.install()
            #expect(throws: FakedPanel.Stopped.self) { _ = try panel.installer(stoppingAt: stop).uninstall() }
            if stop.isMultiple(of: 2) {
                try panel.install()
                #expect(try panel.troubles == [], "\(stop)")
            }
            _ = try panel.installer().uninstall()
            #expect(panel.snapshot == before, "removing, \(stop)")
        }
    }

    @Test(
        "an update of the panel that overwrites the page is told, repaired, and what it brought is put back in the end"
    )
    func update() throws {
        let panel = FakedPanel(.cwp)
        try panel.install()
        panel.put("<?php echo 'newer'; ?></body>", at: FakedPanel.index, mode: 0o600)
        let updated = panel.read(FakedPanel.index)
        #expect(try panel.troubles == ["\(FakedPanel.index) was overwritten, as by an update of the panel."])
        let last = try edges { stop in
            let other = FakedPanel(.cwp)
            try other.install()
            other.put("<?php echo 'newer'; ?></body>", at: FakedPanel.index, mode: 0o600)
            do { try other.install(stoppingAt: stop) } catch let stopped as FakedPanel.Stopped {
                try other.install()
                #expect(try other.troubles == [])
                _ = try other.installer().uninstall()
                #expect(
                    other.read(FakedPanel.index) == updated && other.read(FakedPanel.second) == nil,
                    "\(stop)"
                )
                throw stopped
            }
        }
        #expect(last > 5)
        try panel.install()
        #expect(try panel.troubles == [])
        #expect(panel.read(FakedPanel.second) == updated)
        _ = try panel.installer().uninstall()
        #expect(panel.read(FakedPanel.index) == updated)
        #expect(panel.read(FakedPanel.second) == nil)
    }

    @Test("taken out after an update that nobody repaired, the newer page stays")
    func updateThenUninstall() throws {
        let panel = FakedPanel(.cwp)
        try panel.install()
        panel.put("newer </body>", at: FakedPanel.index)
        _ = try panel.installer().uninstall()
        #expect(panel.read(FakedPanel.index) == "newer </body>")
        #expect(panel.read(FakedPanel.second) == nil)
    }

    @Test(
        "files that an update removed or changed are told and put back; what somebody wrote is kept as a backup"
    )
    func repaired() throws {
        let panel = FakedPanel(.cpanel)
        let before = panel.snapshot
        try panel.install()
        let page = "/usr/local/cpanel/base/frontend/jupiter/deckhand/index.live.php"
        panel.put("mine", at: page)
        _ = unsafe unlink(panel.root + "/var/cpanel/apps/deckhand.conf")
        #expect(try panel.troubles.count == 2)
        #expect(try panel.install() > 0)
        #expect(try panel.troubles == [])
        panel.put("mine", at: page)
        _ = try panel.installer().uninstall()
        #expect(panel.snapshot == before)
        let kept = PanelTree.digest(Array("mine".utf8))
        #expect(panel.folder.read("data/panel/cpanel/backups/" + kept) == "mine")
    }

    @Test("what does not come from here stays, and then nothing is done at all")
    func foreign() throws {
        for path in [
            FakedPanel.second, "/usr/local/cwpsrv/htdocs/resources/admin/addons/ajax/ajax_deckhand.php",
        ] {
            let panel = FakedPanel(.cwp)
            panel.put("another assistant", at: path)
            let before = panel.snapshot
            #expect { try panel.install() } throws: { ($0 as? Failure)?.code == "panel_file_exists" }
            #expect(panel.snapshot == before)
        }
    }

    @Test("a lost second page comes back from the backup")
    func lostOriginal() throws {
        let panel = FakedPanel(.cwp)
        let original = panel.read(FakedPanel.index)
        try panel.install()
        _ = unsafe unlink(panel.root + FakedPanel.second)
        #expect(try panel.troubles == ["\(FakedPanel.second) is missing."])
        try panel.install()
        #expect(panel.read(FakedPanel.second) == original)
        _ = unsafe unlink(panel.root + FakedPanel.second)
        _ = try panel.installer().uninstall()
        #expect(panel.read(FakedPanel.index) == original)
    }

    @Test("files that nobody may change are made so again", .enabled(if: geteuid() == 0, "chattr needs root"))
    func immutable() throws {
        let panel = FakedPanel(.cwp)
        let tree = panel.installer().tree
        let folder = deckhand.folder(of: FakedPanel.index)
        try tree.perform(.freeze(FakedPanel.index))
        guard try tree.look(at: [FakedPanel.index])[FakedPanel.index]?.isFrozen == true else {
            // This file system has no such attribute.
            return
        }
        try tree.perform(.freeze(folder))
        defer { for path in [folder, FakedPanel.index] { try? tree.perform(.thaw(path)) } }
        let before = panel.snapshot
        try panel.install()
        #expect(try panel.troubles == [])
        let sight = try tree.look(at: [FakedPanel.index, folder])
        #expect(sight[FakedPanel.index]?.isFrozen == true && sight[folder]?.isFrozen == true)
        #expect(try panel.install() == 0)
        _ = try panel.installer().uninstall()
        #expect(panel.snapshot == before)
        let after = try tree.look(at: [FakedPanel.index, folder])
        #expect(after[FakedPanel.index]?.isFrozen == true && after[folder]?.isFrozen == true)
    }

    /// Runs a body that stops at the nth change, for n from 1 on, until it comes to its end; returns how many changes it has.
    private func edges(_ body: (Int) throws -> Void) throws -> Int {
        for stop in 1..<1_000 {
            do {
                try body(stop)
                return stop
            } catch is FakedPanel.Stopped { continue }
        }
        throw FakedPanel.Stopped()
    }
}
