/// The hosting panels that the assistant can be put into.
enum PanelKind: String, Sendable, CaseIterable {
    case cwp
    case cpanel
    case generic

    var title: String {
        switch self {
        case .cwp: "CWP"
        case .cpanel: "cPanel and WHM"
        case .generic: "any other page"
        }
    }

    /// A folder that only this panel has.
    var landmark: String? {
        switch self {
        case .cwp: "/usr/local/cwpsrv/htdocs/admin"
        case .cpanel: "/usr/local/cpanel/base/frontend/jupiter"
        case .generic: nil
        }
    }

    /// The ports of its pages over HTTPS.
    var ports: [Int] {
        switch self {
        case .cwp: [2031]
        case .cpanel: [2083, 2087]
        case .generic: []
        }
    }

    /// Certificate and key of the panel's own pages, in the order in which they are looked for.
    var certificates: [(chain: String, key: String)] {
        switch self {
        case .cwp:
            [
                ("/etc/pki/tls/certs/hostname.bundle", "/etc/pki/tls/private/hostname.key"),
                ("/etc/pki/tls/certs/hostname.crt", "/etc/pki/tls/private/hostname.key"),
            ]
        case .cpanel:
            // Key and chain in one file.
            ["mycpanel", "cpanel"].map { name in
                ("/var/cpanel/ssl/cpanel/\(name).pem", "/var/cpanel/ssl/cpanel/\(name).pem")
            }
        case .generic: []
        }
    }
}
