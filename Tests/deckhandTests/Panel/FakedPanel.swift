import CLinux
import Core
import FoundationEssentials
import Synchronization

@testable import deckhand

/// A tree as a panel has it, on a folder of the test's own, with all that can be compared of its files.
struct FakedPanel {
    // In memory where it can be: the tests install hundreds of times, synced each time.
    let folder = TemporaryFolder(in: unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
    let kind: PanelKind

    var root: String { folder.path + "/root" }
    static let values = (socket: "/run/deckhand/panel.sock", server: "https://panel.example:8443")
    static let index = "/usr/local/cwpsrv/htdocs/admin/admin/index.php"
    static let second = "/usr/local/cwpsrv/htdocs/admin/admin/index2.php"

    init(_ kind: PanelKind) {
        self.kind = kind
        switch kind {
        case .cwp:
            put("<?php echo 'admin'; ?>\n</body></html>", at: Self.index, mode: 0o640)
            put("logo", at: "/usr/local/cwpsrv/htdocs/admin/design/img/logo.png")
            put("<?php", at: "/usr/local/cwpsrv/htdocs/resources/admin/addons/ajax/ajax_dashboard.php")
        case .cpanel:
            put("page", at: "/usr/local/cpanel/base/frontend/jupiter/index.tmpl")
            put("x", at: "/usr/local/cpanel/whostmgr/docroot/cgi/addon.cgi")
            let apps = root + "/var/cpanel/apps"
            put("", at: "/var/cpanel/apps/other.conf")
            put("", at: "/var/cpanel/plugins/keep")
            let plugins = root + "/var/cpanel/plugins"
            put(
                "#!/bin/sh\ncp \"$1\" '\(apps)'\n",
                at: "/usr/local/cpanel/bin/register_appconfig",
                mode: 0o755
            )
            put(
                "#!/bin/sh\nrm \"\(apps)/${1##*/}\"\n",
                at: "/usr/local/cpanel/bin/unregister_appconfig",
                mode: 0o755
            )
            put(
                "#!/bin/sh\n[ \"$2 $3\" = '--theme jupiter' ] && cp \"$1/install.json\" '\(plugins)'\n",
                at: "/usr/local/cpanel/scripts/install_plugin",
                mode: 0o755
            )
            put(
                "#!/bin/sh\nrm '\(plugins)/install.json'\n",
                at: "/usr/local/cpanel/scripts/uninstall_plugin",
                mode: 0o755
            )
        case .generic: break
        }
    }

    func put(_ text: String, at path: String, mode: mode_t = 0o644) {
        try? FileManager.default.createDirectory(
            atPath: root + deckhand.folder(of: path),
            withIntermediateDirectories: true
        )
        folder.write(text, to: "root" + path, mode: mode)
    }

    func read(_ path: String) -> String? { folder.read("root" + path) }

    /// An installer that stops at its nth change of a file, as if it were killed there.
    func installer(stoppingAt stop: Int = .max) -> PanelInstaller {
        var tree = PanelTree(root: root, home: folder.path + "/data/panel/\(kind.rawValue)")
        try? FileManager.default.createDirectory(
            atPath: folder.path + "/data/panel",
            withIntermediateDirectories: true
        )
        let count = Counter()
        tree.edge = { if count.next() == stop { throw Stopped() } }
        return PanelInstaller(kind: kind, tree: tree)
    }

    @discardableResult
    func install(stoppingAt stop: Int = .max) throws -> Int {
        try installer(stoppingAt: stop).install(socket: Self.values.socket, server: Self.values.server)
    }

    var troubles: [String] { get throws { try installer().standing().troubles } }

    /// Every file and folder with its bytes, mode, number and time of change.
    var snapshot: [String: String] {
        var result: [String: String] = [:]
        add("", to: &result)
        return result
    }

    private func add(_ path: String, to result: inout [String: String]) {
        for (name, kind) in (try? FileCopy.entries(of: root + path)) ?? [] {
            let entry = path + "/" + name
            var status = stat()
            _ = unsafe lstat(root + entry, &status)
            guard kind != .folder else {
                // Folders have new times when something was in them for a while.
                result[entry] = "folder \(status.st_mode)"
                add(entry, to: &result)
                continue
            }
            let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
            result[entry] =
                "\(status.st_mode) \(status.st_ino) \(time) \(status.st_nlink) \(read(entry) ?? "")"
        }
    }

    struct Stopped: Error {}

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }
}
