internal import Core

/// Files whose content is secret, by their names and places.
///
/// Reading one asks a person; the installation's own data is not read at all. The lists err on the side of asking.
public struct SensitivePaths: Sendable {
    /// What a path touches.
    enum Finding: Sendable, Equatable {
        case nothing
        case secret
        /// The installation's own data.
        case own
    }

    let own: [String]
    private static let names = Set(Self.wholeNames)
    private static let globs = Self.nameGlobs.map { Glob($0) }
    private static let places = Self.anchored.map { Glob($0, path: true) }
    private static let openPlaces = Self.readable.map { Glob($0, path: true) }

    /// `own` are the directories of this installation: absolute, with links resolved and not.
    public init(own: [String]) { self.own = own.map(PolicyPath.tidied).filter { $0 != "/" && !$0.isEmpty } }

    /// What reading an absolute path touches.
    func finding(_ path: String) -> Finding {
        let path = PolicyPath.tidied(path)
        if isOwn(path) { return .own }
        for bytes in path.utf8.split(separator: UInt8(ascii: "/")) {
            let part = String(Substring(bytes))
            if Self.names.contains(part) || Self.globs.contains(where: { $0.matches(part) }) {
                return .secret
            }
        }
        if Self.openPlaces.contains(where: { $0.matches(path) }) { return .nothing }
        return Self.places.contains { $0.matches(path) } ? .secret : .nothing
    }

    /// Says whether a path lies in this installation's own directories.
    func isOwn(_ path: String) -> Bool {
        let path = PolicyPath.tidied(path)
        return own.contains { path == $0 || path.hasBytePrefix($0 + "/") }
    }

    /// Says whether a text names one of this installation's directories.
    func mentionsOwn(_ text: String) -> Bool {
        // They are absolute.
        guard text.utf8.contains(UInt8(ascii: "/")) else { return false }
        let tidied = PolicyPath.tidied(text)
        return own.contains { text.containsBytes(of: $0) || tidied.containsBytes(of: $0) }
    }

    /// Says whether a pattern for absolute paths can stand for a place that is secret as a whole.
    func canReach(_ pattern: String) -> Bool {
        let glob = Glob(pattern, path: true)
        if own.contains(where: { Glob($0 + "/**", path: true).canOverlap(glob) || Glob($0).canOverlap(glob) })
        {
            return true
        }
        return Self.places.contains { $0.canOverlap(glob) }
            && !Self.openPlaces.contains { $0.text.hasSuffix("**") && pattern.hasPrefix($0.text.dropLast(2)) }
    }

    /// Says whether everything below a directory may be read at once.
    func isOpenTree(_ path: String) -> Bool {
        let path = PolicyPath.tidied(path)
        return Self.openTrees.contains { path == $0 || path.hasBytePrefix($0 + "/") }
            && finding(path) == .nothing
    }

    /// Directories in which no secrets are expected, as far as the names in them say so too.
    private static let openTrees = [
        "/var/log", "/usr/share/doc", "/usr/share/man", "/usr/include", "/usr/lib/systemd", "/lib/systemd",
        "/usr/share/zoneinfo", "/etc/logrotate.d", "/etc/init.d", "/etc/nginx", "/etc/httpd", "/etc/apache2",
        "/etc/php.d", "/usr/local/apache/conf", "/usr/local/apache/conf.d", "/usr/local/apache/logs",
        "/usr/local/cwpsrv/logs", "/usr/local/cpanel/logs",
    ]

    /// Names that are secret wherever they are, for a file or a directory.
    private static let wholeNames = [
        ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".config", ".password-store", ".mozilla",
        ".thunderbird",
        ".pki", ".subversion", ".gcloud", ".putty", ".local", ".minikube", ".terraform.d", ".vault-token",
        ".netrc", "_netrc",
        ".pgpass", ".my.cnf", ".mylogin.cnf", "my.cnf", "debian.cnf", ".git-credentials", ".gitconfig",
        ".git", ".svn", ".hg", ".npmrc",
        ".yarnrc", ".yarnrc.yml", ".pypirc", ".s3cfg", ".boto", ".rclone.conf", "rclone.conf", ".dockercfg",
        ".htpasswd", "htpasswd",
        ".htdigest", ".accesshash", "accesshash", ".env", ".envrc", "wp-config.php", "configuration.php",
        "settings.php",
        "settings.local.php", "config.inc.php", "LocalSettings.php", "parameters.yml", "parameters.yaml",
        "database.yml",
        "database.php", "secrets.yml", "secrets.yaml", "secrets.json", "secret.key", "master.key",
        "credentials",
        "credentials.json", "auth.json", "localsettings.inc", "sasl_passwd", "sasl_passwd.db",
        "passwd.client",
        "dovecot.passwd", "users.passwd", "cram-md5.pwd", "smbpasswd", "passdb.tdb", "secrets.tdb", "opasswd",
        "chap-secrets", "pap-secrets", "shadow", "shadow-", "gshadow", "gshadow-", "master.passwd", "sudoers",
        "sudoers.d",
        "rndc.key", "krb5.keytab", "authorized_keys", "known_hosts", "environ", "kcore", "kmem",
        "auth-sql.conf.ext",
        "dovecot-sql.conf.ext", "dovecot-sql.conf", "dovecot-mysql.conf", "proftpd_sql.conf", "pure-ftpd.pdb",
        "pureftpd.passwd",
        "proftpd.passwd", "ftpasswd", "tsig.key", "keyrings", "keychain", "Maildir", "maildir", "mail.key",
        "key.pem", "app.ini",
        ".viminfo", ".lesshst", ".sqlite_history", ".psqlrc", ".muttrc", ".fetchmailrc", ".msmtprc",
        ".mailrc", ".procmailrc",
        ".Xauthority", ".ICEauthority", ".cargo", ".gem", ".m2", ".gradle", ".claude", ".codex", ".gemini",
        ".openai",
        "cookies.sqlite", "logins.json", "key4.db", "Login Data", "Cookies", "lost+found", "php_sessions",
        "nvram",
        "wallet.dat", "hosts.equiv", ".rhosts", ".shosts", "storage.php", "env.php", "local.xml",
        "connection_strings.config", "config.php", "db.php", "db_conn.php", "connect.php", "connection.php",
        "tcp_fastopen_key", "stable_secret",
    ]

    /// The same, as patterns.
    private static let nameGlobs = [
        "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "id_xmss*", "*_rsa", "*_ed25519", "ssh_host_*",
        "*.key", "*.key.*", "privkey*",
        "*privkey*.pem", "*private*.pem", "*-key.pem", "*_key.pem", "*.p12", "*.pfx", "*.jks", "*.keystore",
        "*.kdbx", "*.kdb",
        "*.ppk", "*.gpg", "*.asc", "*.pgp", "*.keytab", "*.ovpn", "*.env", ".env.*", "env.*.local",
        "wp-config*", "configuration.php*", "*_history", ".*_history",
        "*history", "*.sql", "*.sql.*", "*.dump", "*.dmp", "*.bak", "*.pwd", "*.passwd", "*passwords*",
        "*password*", "*secret*", "*credential*",
        "*.sqlite", "*.sqlite3", "*.db", "sess_*", "shadow.*", "passwd-*", "my.cnf*", "*.my.cnf", "*.cnf.bak",
        "*.token", "*token*.json",
        "*apikey*", "*api_key*", "*.swp", "*~", "core", "core.[0-9]*", "*.mdb", "*.ibd", "*.MYD", "*.frm",
        "*.csr.key", "*.rdb", "*.aof",
    ]

    /// Places that are secret as a whole.
    private static let anchored = [
        "/etc/shadow*", "/etc/gshadow*", "/etc/security/opasswd", "/etc/sudoers*", "/etc/sudoers.d/**",
        "/etc/ssh/ssh_host_*",
        "/etc/ssl/private", "/etc/ssl/private/**", "/etc/pki/tls/private/**", "/etc/pki/private/**",
        "/etc/pki/CA/private/**",
        "/etc/letsencrypt/archive/**", "/etc/letsencrypt/keys/**", "/etc/letsencrypt/accounts/**",
        "/etc/letsencrypt/live/*/privkey*", "/etc/wireguard/**", "/etc/openvpn/**", "/etc/ipsec.secrets",
        "/etc/ipsec.d/**",
        "/etc/ppp/*-secrets", "/etc/krb5.keytab", "/etc/opendkim/**", "/etc/dkim/**", "/etc/domainkeys/**",
        "/etc/exim/dkim/**",
        "/etc/mysql/**", "/etc/my.cnf", "/etc/my.cnf.d/**", "/etc/NetworkManager/system-connections/**",
        "/etc/credstore*/**",
        "/etc/bacula/**", "/etc/zabbix/**", "/etc/cups/**", "/etc/pam.d/**", "/etc/security/**",
        "/etc/polkit-1/**", "/etc/cron*/**",
        "/etc/wpa_supplicant/**", "/etc/samba/**", "/etc/ldap/**", "/etc/sssd/**", "/etc/docker/**",
        "/etc/kubernetes/**",
        "/etc/named*/**.key", "/etc/bind/*.key", "/etc/rndc*", "/etc/pure-ftpd/**", "/etc/proftpd/**",
        "/etc/vsftpd/**",
        "/etc/postfix/**.cf", "/etc/postfix/sasl/**", "/etc/dovecot/private/**", "/etc/dovecot/**passwd*",
        "/etc/virtual/**",
        "/etc/exim*/passwd*", "/etc/exim4/passwd.client", "/etc/valiases/**", "/etc/vfilters/**",
        "/etc/environment",
        "/etc/machine-id", "/etc/roundcube*/**", "/etc/phpmyadmin/**", "/etc/phpMyAdmin/**",
        "/etc/grafana/**", "/etc/redis/**", "/etc/redis*.conf",
        "/root", "/root/**", "/home/*/.*", "/home/*/.*/**", "/home/*/etc/**", "/home/*/mail/**",
        "/home/*/ssl/**", "/home/*/backup*/**",
        "/home/*/Maildir/**", "/home/*/mail", "/home/vmail/**", "/var/cpanel/**", "/usr/local/cpanel/**",
        "/usr/local/cwpsrv/**",
        "/usr/local/cwp/**", "/usr/local/psa/**", "/opt/psa/**", "/usr/local/directadmin/**",
        "/usr/local/hestia/**",
        "/usr/local/vesta/**", "/usr/local/CyberCP/**", "/var/lib/mysql/**", "/var/lib/mysql-files/**",
        "/var/lib/pgsql/**",
        "/var/lib/postgresql/**", "/var/lib/redis/**", "/var/lib/mongodb/**", "/var/lib/php/session*/**",
        "/var/lib/php/sessions/**",
        "/var/lib/dhcp/**", "/var/lib/NetworkManager/**", "/var/lib/private/**", "/var/lib/systemd/**",
        "/var/lib/docker/**",
        "/var/lib/kubelet/**", "/var/lib/sss/**", "/var/lib/samba/**", "/var/lib/roundcube/**",
        "/var/lib/phpmyadmin/**",
        "/var/lib/fail2ban/**", "/var/lib/jenkins/**", "/var/lib/dovecot/**", "/var/lib/cloud/**",
        "/var/lib/named/**",
        "/var/mail/**", "/var/spool/mail/**", "/var/spool/cron/**", "/var/spool/exim*/**",
        "/var/spool/postfix/**", "/var/vmail/**",
        "/var/qmail/**", "/var/backups/**", "/var/backup/**", "/backup*/**", "/var/tmp/**", "/tmp/**",
        "/dev/shm/**", "/mnt/**", "/media/**",
        "/run/secrets/**", "/run/credentials/**", "/run/user/**", "/var/run/secrets/**", "/var/run/user/**",
        "/run/log/**",
        "/var/log/sudo-io/**", "/var/log/tallylog", "/var/log/btmp*", "/var/log/audit/**",
        "/var/log/installer/**", "/var/log/anaconda/**",
        "/proc/**", "/sys/**", "/dev/**", "/boot/**", "/lost+found/**", "/srv/**", "/opt/**", "/snap/**",
        "/run/*.sock*", "/run/sudo/**", "/run/initramfs/**", "/run/cloud-init/**", "/selinux/**",
        "/usr/share/phpmyadmin/**", "/usr/share/phpMyAdmin/**", "/usr/share/roundcube*/**",
        // Sites: their programs name the databases' passwords in files of any name.
        "/home/**", "/var/www/**", "/usr/local/apache/htdocs/**", "/usr/share/nginx/html/**",
        // Settings that are put into the environment of services.
        "/etc/systemd/system/**", "/etc/default/**", "/etc/sysconfig/**",
        // What gawk takes for connections.
        "/inet/**", "/inet4/**", "/inet6/**",
    ]

    /// Places that may be read although they lie in one of those.
    private static let readable = [
        "/dev/null", "/proc/cpuinfo", "/proc/meminfo", "/proc/loadavg", "/proc/uptime", "/proc/version",
        "/proc/mounts", "/proc/stat",
        "/proc/vmstat", "/proc/swaps", "/proc/partitions", "/proc/diskstats", "/proc/filesystems",
        "/proc/modules", "/proc/interrupts",
        "/proc/softirqs", "/proc/mdstat", "/proc/cmdline", "/proc/buddyinfo", "/proc/zoneinfo",
        "/proc/slabinfo", "/proc/locks",
        "/proc/pressure/*", "/proc/sys/fs/*", "/proc/sys/vm/*", "/proc/sys/net/**", "/proc/sys/kernel/*",
        "/proc/net/*",
        "/proc/[0-9]*/net/*", "/proc/[0-9]*/mounts", "/proc/[0-9]*/status", "/proc/[0-9]*/stat",
        "/proc/[0-9]*/statm", "/proc/[0-9]*/limits", "/proc/[0-9]*/io",
        "/proc/[0-9]*/oom_score", "/proc/[0-9]*/oom_score_adj", "/proc/[0-9]*/cgroup", "/proc/[0-9]*/sched",
        "/proc/[0-9]*/comm",
        "/sys/class/net/*/*", "/sys/class/net/*/statistics/*", "/sys/devices/**/net/*/*",
        "/sys/devices/**/net/*/statistics/*", "/sys/block/*/queue/*", "/sys/block/*/size",
        "/sys/class/thermal/*/temp",
        "/sys/devices/system/cpu/**", "/sys/fs/cgroup/**", "/sys/kernel/mm/transparent_hugepage/*",
        "/var/log/exim*/**", "/etc/cron.allow", "/etc/cron.deny", "/etc/security/limits.conf",
        "/etc/security/limits.d/*",
        "/etc/postfix/main.cf", "/etc/postfix/master.cf",
        "/home/*/logs/*", "/home/*/access-logs/*", "/home/*/public_html/**error_log",
        "/home/*/public_html/**.log",
        "/home/*/public_html/**.htaccess", "/home/*/public_html/**.html", "/home/*/public_html/**robots.txt",
        "/var/www/**/logs/*", "/var/www/**error_log", "/var/www/**.log", "/var/www/**.htaccess",
        "/var/www/**.html",
        "/var/www/**robots.txt", "/etc/default/grub", "/etc/default/locale", "/etc/default/useradd",
        "/etc/default/nginx",
        "/etc/default/cron", "/etc/default/ssh", "/etc/sysconfig/network", "/etc/sysconfig/selinux",
        "/etc/sysconfig/network-scripts/ifcfg-*", "/etc/letsencrypt/archive/*/cert*.pem",
        "/etc/letsencrypt/archive/*/chain*.pem", "/etc/letsencrypt/archive/*/fullchain*.pem",
        "/usr/local/cpanel/version", "/usr/local/cpanel/logs/*", "/usr/local/cwpsrv/logs/*", "/boot/config-*",
        "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg",
    ]
}
