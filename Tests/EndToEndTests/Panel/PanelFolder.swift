import Testing

/// What of a panel's tree its pages need, as files of a test's folder.
struct PanelFolder: Sendable {
    let root: String
    private let folder: WorkFolder

    init(_ folder: WorkFolder) throws {
        self.folder = folder
        root = try folder.makeDirectory("panel")
    }

    func put(_ text: String, at path: String) throws {
        let parent = "panel" + path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        _ = try folder.makeDirectory(parent)
        try folder.write(text, to: "panel" + path)
    }

    /// Every file with its bytes.
    func snapshot() async throws -> String {
        try await folder.shell(
            "cd '\(root)' && find . -type f -exec sha256sum {} + | sort; find . -type d | sort"
        ).text
    }

    /// CWP: its admin page, which needs somebody who signed in, and the loader of its add-ons.
    static func cwp(_ folder: WorkFolder) throws -> PanelFolder {
        let tree = try PanelFolder(folder)
        let admin = "/usr/local/cwpsrv/htdocs/admin/admin"
        try tree.put(
            """
            <?php
            if (($_COOKIE['cwp'] ?? '') !== 'in') { header('Location: /login.php', true, 302); exit; }
            $title = 'CWP';
            if (isset($_GET['download'])) { header('Content-Type: text/csv'); echo "a,</body>\\n"; exit; }
            ?>
            <!doctype html><html><head><title><?= $title ?></title><link rel="icon" href="data:,"></head>
            <body><h1>Control panel</h1><p><?= basename($_SERVER['SCRIPT_NAME']) ?></p></body></html>
            """,
            at: admin + "/index.php"
        )
        try tree.put(
            "<!doctype html><title>Login</title><link rel=icon href='data:,'><h1>Login</h1>",
            at: admin + "/login.php"
        )
        try tree.put(
            """
            <?php
            if (($_COOKIE['cwp'] ?? '') !== 'in') { http_response_code(403); exit; }
            include '\(tree.root)/usr/local/cwpsrv/htdocs/resources/admin/addons/ajax/ajax_' . basename($_GET['ajax']) . '.php';
            """,
            at: admin + "/loader_ajax.php"
        )
        try tree.put("<?php", at: "/usr/local/cwpsrv/htdocs/resources/admin/addons/ajax/ajax_other.php")
        return tree
    }

    /// cPanel and WHM, with programs that register what is installed.
    static func cpanel(_ folder: WorkFolder) async throws -> PanelFolder {
        let tree = try PanelFolder(folder)
        try tree.put("", at: "/usr/local/cpanel/base/frontend/jupiter/index.tmpl")
        try tree.put("", at: "/usr/local/cpanel/whostmgr/docroot/cgi/other.cgi")
        try tree.put("", at: "/usr/local/cpanel/whostmgr/docroot/favicon.ico")
        try tree.put("", at: "/var/cpanel/apps/other.conf")
        try tree.put(
            """
            <?php
            class CPANEL {
                function header($title) { return "<!doctype html><html><head><title>$title</title><link rel='icon' href='data:,'></head><body><h1>cPanel</h1>"; }
                function footer() { return '</body></html>'; }
                function end() {}
            }
            """,
            at: "/usr/local/cpanel/php/cpanel.php"
        )
        let apps = tree.root + "/var/cpanel/apps"
        let programs = [
            "/usr/local/cpanel/bin/register_appconfig": "cp \"$1\" '\(apps)'",
            "/usr/local/cpanel/bin/unregister_appconfig": "rm \"\(apps)/${1##*/}\"",
            "/usr/local/cpanel/scripts/install_plugin": "test -f \"$1/install.json\"",
            "/usr/local/cpanel/scripts/uninstall_plugin": "test -f \"$1/install.json\"",
        ]
        for (path, text) in programs { try tree.put("#!/bin/sh\n\(text)\n", at: path) }
        let made = try await folder.shell(
            "chmod 755 '\(tree.root)'/usr/local/cpanel/bin/* '\(tree.root)'/usr/local/cpanel/scripts/*"
        )
        #expect(made.code == 0)
        return tree
    }
}
