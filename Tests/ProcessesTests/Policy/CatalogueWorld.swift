import Domain

/// A server as it is usual: programs in the system's directories, some of them links, and a few traps for readers.
struct CatalogueWorld: PolicyWorld {
    /// Links among programs, by the name of the link.
    private static let programs = [
        "php": "php8.2", "php-fpm": "php-fpm8.2", "awk": "mawk", "nc": "nc.openbsd",
        "which": "which.debianutils",
        "mysql": "mariadb", "mysqladmin": "mariadb-admin", "mailq": "exim4", "exim": "exim4", "xzcat": "xz",
        "w": "w.procps", "pidof": "killall5", "iptables": "xtables-nft-multi", "yum": "dnf-3",
        "lsmod": "kmod",
        "whmapi1": "apitool", "python3": "python3.11", "sh": "dash", "view": "vim",
        "apache2ctl": "apache2ctl",
    ]

    /// Links that look like programs which may be run.
    private static let traps = [
        "/usr/local/bin/ls": "rm", "/usr/local/bin/cat": "bash", "/usr/local/sbin/grep": "busybox",
        "/usr/local/bin/df": "python3",
    ]

    private static let folders = [
        "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/cpanel/", "/usr/local/cwpsrv/bin/",
        "/usr/local/cwp/php71/bin/",
        "/opt/cpanel/ea-php81/root/usr/bin/",
    ]

    /// Links among files.
    private static let links = [
        "/etc/os-release": "/usr/lib/os-release", "/var/log/nginx/trap.log": "/etc/shadow",
        "/etc/nginx/trap.conf": "/root/.ssh/id_rsa",
        "/usr/share/doc/trap": "/etc", "/var/log/data.log": "/var/lib/deckhand/keys/master",
        "/etc/motd.link": "/proc/self/environ",
        "/etc/letsencrypt/live/example.com/cert.pem": "/etc/letsencrypt/archive/example.com/cert1.pem",
        "/etc/letsencrypt/live/example.com/fullchain.pem":
            "/etc/letsencrypt/archive/example.com/fullchain1.pem",
        "/etc/letsencrypt/live/example.com/privkey.pem": "/etc/letsencrypt/archive/example.com/privkey1.pem",
        "/var/run": "/run", "/usr/share/doc/loop": "/usr/share/doc/loop",
    ]

    private static let files = [
        "/etc/hosts", "/etc/nginx", "/etc/nginx/conf.d", "/etc/nginx/nginx.conf", "/etc/nginx/trap.conf",
        "/etc/nginx/conf.d/a.conf", "/etc/nginx/conf.d/b.conf",
        "/var/log/nginx/access.log", "/var/log/nginx/error.log", "/var/log/nginx/trap.log",
        "/var/log/messages", "/var/log/data.log",
        "/var/log/httpd/error_log", "/var/log/btmp", "/var/log/audit", "/var/log/audit/audit.log",
        "/etc/php.d/10-opcache.ini", "/home/shop/access-logs/shop.log", "/etc/shadow", "/etc/passwd",
    ]

    func program(_ name: String) -> ProgramResolution {
        if let target = Self.traps[name] { return .trusted(name: target) }
        guard name.hasPrefix("/") else { return .trusted(name: Self.programs[name] ?? name) }
        guard let folder = Self.folders.first(where: { name.hasPrefix($0) }),
            !name.dropFirst(folder.count).contains("/")
        else { return .untrusted("Somebody else can change \(name).") }
        let plain = String(name.dropFirst(folder.count))
        return .trusted(name: Self.programs[plain] ?? plain)
    }

    func realPath(_ path: String) -> String? {
        var parts: [String] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default:
                parts.append(String(part))
                let whole = "/" + parts.joined(separator: "/")
                guard let target = Self.links[whole] else { continue }
                if target == whole { return nil }
                parts = target.split(separator: "/").map(String.init)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    func matches(_ pattern: String) -> [String]? {
        let glob = Glob(pattern, path: true)
        return Self.files.filter { glob.matches($0) }
    }
}
