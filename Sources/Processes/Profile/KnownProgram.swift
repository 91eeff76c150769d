/// A program of a web server's stack, and how it is asked for its version without doing anything else.
struct KnownProgram: Sendable {
    /// The line of the profile it belongs to.
    enum Part: String, Sendable, CaseIterable {
        case panel, web, php, database, mail, dns, cache, containers
    }

    let part: Part
    /// For people and models.
    let name: String
    /// Where it may be, in the order of asking; a component `*` stands for any name.
    let paths: [String]
    let arguments: [String]
    /// What its version stands behind.
    let mark: String
    /// Each of several installed versions counts, not only the first that is there.
    var isEach = false

    init(
        _ part: Part,
        _ name: String,
        _ paths: [String],
        _ arguments: [String],
        mark: String,
        isEach: Bool = false
    ) {
        self.part = part
        self.name = name
        self.paths = paths
        self.arguments = arguments
        self.mark = mark
        self.isEach = isEach
    }

    /// What is said of it: name and version; nil when the output is not understood.
    func description(of output: String) -> String? {
        guard let version = ProgramVersion.after(mark, in: output) else { return nil }
        // mysqld of a MariaDB installation says so in its version only.
        let isMariaDB = name == "MySQL" && output.contains("MariaDB")
        return "\(isMariaDB ? "MariaDB" : name) \(version)"
    }

    /// All that are looked for, in the order of the profile.
    static let all = [
        KnownProgram(
            .panel,
            "DirectAdmin",
            ["/usr/local/directadmin/directadmin"],
            ["v"],
            mark: "DirectAdmin"
        ),
        KnownProgram(
            .web,
            "nginx",
            ["/usr/sbin/nginx", "/usr/local/nginx/sbin/nginx"],
            ["-v"],
            mark: "nginx/"
        ),
        KnownProgram(
            .web,
            "Apache",
            ["/usr/local/apache/bin/httpd", "/usr/sbin/apache2", "/usr/sbin/httpd"],
            ["-v"],
            mark: "Apache/"
        ),
        KnownProgram(
            .web,
            "LiteSpeed",
            ["/usr/local/lsws/bin/litespeed", "/usr/local/lsws/bin/lshttpd"],
            ["-v"],
            mark: "LiteSpeed/"
        ),
        KnownProgram(.web, "Caddy", ["/usr/bin/caddy"], ["version"], mark: ""),
        KnownProgram(.web, "HAProxy", ["/usr/sbin/haproxy"], ["-v"], mark: "version "),
        KnownProgram(.web, "Varnish", ["/usr/sbin/varnishd"], ["-V"], mark: "varnish-"),
        KnownProgram(
            .php,
            "PHP",
            [
                "/usr/local/bin/php", "/usr/bin/php", "/opt/cpanel/*/root/usr/bin/php",
                "/opt/plesk/php/*/bin/php",
                "/opt/alt/*/usr/bin/php", "/usr/local/*/bin/php", "/opt/remi/*/root/usr/bin/php",
            ],
            ["-n", "-v"],
            mark: "PHP ",
            isEach: true
        ),
        KnownProgram(
            .database,
            "MariaDB",
            ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd"],
            ["--no-defaults", "--version"],
            mark: "Ver "
        ),
        KnownProgram(
            .database,
            "MySQL",
            ["/usr/sbin/mysqld", "/usr/libexec/mysqld"],
            ["--no-defaults", "--version"],
            mark: "Ver "
        ),
        KnownProgram(
            .database,
            "PostgreSQL",
            [
                "/usr/lib/postgresql/*/bin/postgres", "/usr/pgsql-*/bin/postgres", "/usr/bin/postgres",
            ],
            ["--version"],
            mark: "(PostgreSQL) ",
            isEach: true
        ),
        KnownProgram(.database, "MongoDB", ["/usr/bin/mongod"], ["--version"], mark: "db version "),
        KnownProgram(
            .mail,
            "Exim",
            ["/usr/sbin/exim", "/usr/sbin/exim4"],
            ["--version"],
            mark: "Exim version "
        ),
        // With -d it names its defaults and reads no configuration.
        KnownProgram(
            .mail,
            "Postfix",
            ["/usr/sbin/postconf"],
            ["-d", "mail_version"],
            mark: "mail_version = "
        ),
        KnownProgram(.mail, "Dovecot", ["/usr/sbin/dovecot"], ["--version"], mark: ""),
        KnownProgram(.dns, "BIND", ["/usr/sbin/named"], ["-v"], mark: "BIND "),
        KnownProgram(.dns, "PowerDNS", ["/usr/sbin/pdns_server"], ["--version"], mark: "Server "),
        KnownProgram(.cache, "Redis", ["/usr/bin/redis-server"], ["--version"], mark: "v="),
        KnownProgram(.cache, "Memcached", ["/usr/bin/memcached"], ["--version"], mark: "memcached "),
        KnownProgram(.containers, "Docker", ["/usr/bin/docker"], ["--version"], mark: "version "),
        KnownProgram(.containers, "Podman", ["/usr/bin/podman"], ["--version"], mark: "version "),
    ]
}

/// A panel that says its version in a file.
struct KnownPanel: Sendable {
    let name: String
    /// It is installed when this is there.
    let directory: String
    /// Holds the version; its first line is enough.
    let versionFile: String

    /// What is said of it; `text` is what stands in the file, nil when it cannot be read.
    func description(of text: String?) -> String {
        guard let version = text.flatMap({ ProgramVersion.after("", in: $0) }) else { return name }
        return "\(name) \(version)"
    }

    static let all = [
        KnownPanel(
            name: "CWP",
            directory: "/usr/local/cwpsrv",
            versionFile: "/usr/local/cwpsrv/htdocs/resources/admin/include/version.php"
        ),
        KnownPanel(name: "cPanel", directory: "/usr/local/cpanel", versionFile: "/usr/local/cpanel/version"),
        KnownPanel(name: "Plesk", directory: "/usr/local/psa", versionFile: "/usr/local/psa/version"),
        KnownPanel(name: "Webmin", directory: "/etc/webmin", versionFile: "/etc/webmin/version"),
    ]
}
