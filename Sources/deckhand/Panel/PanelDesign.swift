import Core

/// A file that is put into a panel's tree.
struct PanelFile: Sendable, Equatable {
    /// From the root of the panel's file system.
    let path: String
    let bytes: [UInt8]
    var mode: UInt32 = 0o644
}

/// A page of the panel that is shown through one of ours.
struct PanelInjection: Sendable, Equatable {
    /// The page, which becomes ours.
    let index: String
    /// Where the panel's own page lies meanwhile.
    let second: String
    let wrapper: [UInt8]
}

/// Programs of the panel that make our pages known to it.
struct PanelRegistration: Sendable, Equatable {
    let install: [[String]]
    /// The last one takes the witness away.
    let remove: [[String]]
    /// A file that is there while we are registered.
    let witness: String
}

/// What a panel's tree looks like with the assistant in it.
struct PanelDesign: Sendable, Equatable {
    /// By this word in its first line a page of ours is known.
    static let mark = Array("deckhand-panel".utf8)

    var files: [PanelFile] = []
    var injection: PanelInjection?
    var registration: PanelRegistration?
    /// The root of the panel's file system, without a slash at its end.
    let root: String

    /// Where the pages find the server, and where browsers do.
    struct Values: Sendable, Equatable {
        var socket: String
        var server: String
        /// The root of the panel's file system, without a slash at its end.
        var root = ""
    }

    init(_ kind: PanelKind, _ values: Values) {
        root = values.root
        switch kind {
        case .cwp: makeCWP(values)
        case .cpanel: makeCPanel(values)
        case .generic: break
        }
    }

    private mutating func makeCWP(_ values: Values) {
        let resources = "/usr/local/cwpsrv/htdocs/resources/admin"
        let admin = "/usr/local/cwpsrv/htdocs/admin/admin"
        files = Self.library(in: resources + "/include/deckhand", values)
        files.append(
            PanelFile(
                path: resources + "/addons/ajax/ajax_deckhand.php",
                bytes: PackageResources.cwp_ajax_php
            )
        )
        let wrapper = String(decoding: PackageResources.cwp_index_php, as: UTF8.self)
            .replacing("'{{RESOURCES}}/", with: "\(Self.quoted(values.root + resources)) . '/")
        injection = PanelInjection(
            index: admin + "/index.php",
            second: admin + "/index2.php",
            wrapper: Array(wrapper.utf8)
        )
    }

    private mutating func makeCPanel(_ values: Values) {
        let cpanel = "/usr/local/cpanel"
        let user = cpanel + "/base/frontend/jupiter/deckhand"
        let root = cpanel + "/whostmgr/docroot/cgi/deckhand"
        let plugin = cpanel + "/3rdparty/deckhand"
        files = Self.library(in: user, values) + Self.library(in: root, values)
        let pages: [(String, [UInt8])] = [
            (user + "/index.live.php", PackageResources.cpanel_page_php),
            (user + "/assertion.php", PackageResources.cpanel_assertion_php),
            (root + "/index.php", PackageResources.whm_page_php),
            (root + "/assertion.php", PackageResources.whm_assertion_php),
            (plugin + "/plugin/install.json", PackageResources.cpanel_plugin_json),
            (plugin + "/plugin/deckhand.svg", PackageResources.panel_icon_svg),
            (plugin + "/deckhand.conf", PackageResources.whm_app_conf),
        ]
        files += pages.map { PanelFile(path: $0, bytes: $1) }
        let own = { (path: String) in values.root + path }
        let theme = [own(plugin + "/plugin"), "--theme", "jupiter"]
        registration = PanelRegistration(
            install: [
                [own(cpanel + "/bin/register_appconfig"), own(plugin + "/deckhand.conf")],
                [own(cpanel + "/scripts/install_plugin")] + theme,
            ],
            remove: [
                [own(cpanel + "/scripts/uninstall_plugin")] + theme,
                [own(cpanel + "/bin/unregister_appconfig"), own(plugin + "/deckhand.conf")],
            ],
            witness: "/var/cpanel/apps/deckhand.conf"
        )
    }

    /// What pages of any panel include.
    private static func library(in folder: String, _ values: Values) -> [PanelFile] {
        let config = """
            <?php
            // Written by deckhand panel install, which overwrites changes. Nothing in it is secret.
            return ['socket' => \(quoted(values.socket)), 'server' => \(quoted(values.server))];

            """
        return [
            PanelFile(path: folder + "/deckhand.php", bytes: PackageResources.deckhand_php),
            PanelFile(path: folder + "/config.php", bytes: Array(config.utf8)),
        ]
    }

    /// A text as PHP writes it.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
