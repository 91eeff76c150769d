extension BuiltInPolicy {
    /// Web servers, PHP, certificates, panels.
    static let webText = #"""
        [
          {
            id: "allow.nginx", decision: "allow", program: ["nginx", "cwpsrv", "openresty", "angie", "tengine"],
            flags: ["-t -v -V"], options: "-tvVq", fileSystem: "writable",
            reason: "It tests the configuration or shows the version.",
            matches: ["nginx -t", "nginx -tq", "nginx -V", "/usr/local/cwpsrv/bin/cwpsrv -t"],
            mustNotMatch: ["nginx", "nginx -q", "nginx -T", "nginx -tT", "nginx -s reload", "nginx -t -c /tmp/x", "nginx -t -g 'user root;'", "nginx -tp /tmp"]
          },
          {
            id: "allow.apache", decision: "allow", program: ["httpd", "apache2", "apachectl", "apache2ctl"], targets: ["apache2ctl"],
            flags: ["-t -S -M -v -V -l -L"], options: "-tSMvVlL -D:DUMP_VHOSTS|DUMP_MODULES|DUMP_RUN_CFG|DUMP_INCLUDES",
            fileSystem: "writable",
            reason: "It tests or shows the configuration.",
            matches: ["httpd -t", "apachectl -S", "apache2ctl -M", "httpd -V", "apachectl -t -D DUMP_VHOSTS"],
            mustNotMatch: ["httpd", "apachectl -k graceful", "httpd -t -f /tmp/x", "httpd -tC 'Include /etc/shadow'", "httpd -X", "httpd -D DUMP_VHOSTS"]
          },
          {
            id: "allow.apache-test", decision: "allow", program: ["apachectl", "apache2ctl"], targets: ["apache2ctl"], args: ["configtest"],
            fileSystem: "writable",
            reason: "It tests the configuration.",
            matches: ["apachectl configtest"],
            mustNotMatch: ["apachectl graceful", "apachectl status", "apachectl configtest x"]
          },
          {
            id: "allow.php", decision: "allow",
            program: [
              "php", "php5.6", "php7.0", "php7.1", "php7.2", "php7.3", "php7.4", "php8.0", "php8.1", "php8.2", "php8.3", "php8.4", "php8.5",
              "ea-php56", "ea-php70", "ea-php71", "ea-php72", "ea-php73", "ea-php74", "ea-php80", "ea-php81", "ea-php82", "ea-php83",
              "ea-php84", "php56", "php70", "php71", "php72", "php73", "php74", "php80", "php81", "php82", "php83", "php84"
            ],
            targets: ["php[0-9]*[0-9]", "php.cli", "php-cli"], style: "words",
            flags: ["-v -m --version --ini --ri -l"],
            options: "-v -m --version --ini -l:path --ri:opcache|apcu|bcmath|calendar|ctype|curl|date|dom|exif|ffi|fileinfo|filter|ftp|gd|gettext|\#
        gmp|hash|iconv|imagick|imap|intl|json|libxml|mbstring|openssl|pcre|pcntl|phar|posix|readline|simplexml|soap|sockets|sodium|spl|sqlite3|\#
        standard|tokenizer|xml|xmlreader|xmlwriter|xsl|zip|zlib",
            reason: "It shows PHP's version and an extension's settings, or checks a file without running it.",
            matches: ["php -v", "php -m", "php --ri opcache", "php8.2 --ini", "php -l /etc/php.d/test.inc", "/opt/cpanel/ea-php81/root/usr/bin/php -v"],
            mustNotMatch: [
              "php", "php -r 'phpinfo();'", "php /tmp/x.php", "php -d x=y -v", "php -v -f /tmp/x.php", "php -c /tmp -i", "php -z /tmp/x -v",
              "php -vr 'x'", "php -i", "php -mi", "php --ri mysqli", "php --ri Core -i", "php -S 0:80", "php -a", "php -B x -v", "php -v x"
            ]
          },
          {
            id: "allow.php-fpm", decision: "allow",
            program: [
              "php-fpm", "php-fpm5.6", "php-fpm7.0", "php-fpm7.1", "php-fpm7.2", "php-fpm7.3", "php-fpm7.4", "php-fpm8.0", "php-fpm8.1",
              "php-fpm8.2", "php-fpm8.3", "php-fpm8.4", "php-fpm8.5"
            ],
            targets: ["php-fpm[0-9]*[0-9]"], style: "words", flags: ["-t -v -m"], options: "-t -v -m", fileSystem: "writable",
            reason: "It tests the configuration or shows the version.",
            matches: ["php-fpm -t", "php-fpm8.2 -v"],
            mustNotMatch: ["php-fpm", "php-fpm -i", "php-fpm -tt", "php-fpm -t -y /tmp/x", "php-fpm -F", "php-fpm -R -t"]
          },
          {
            id: "allow.certificate", decision: "allow", program: "openssl", style: "words", flags: ["-noout"],
            options: "-in:path -noout -text -dates -startdate -enddate -subject -issuer -serial -fingerprint -sha256 -sha1 -modulus -email \#
        -purpose -ocsp_uri -checkend:number -checkhost:word -checkip:word -ext:word -nameopt:word -inform:PEM|DER|pem|der -hash",
            operands: "=x509",
            reason: "It shows a certificate.",
            matches: ["openssl x509 -in /etc/pki/tls/certs/localhost.crt -noout -dates", "openssl x509 -noout -checkend 86400 -in /etc/letsencrypt/live/a/cert.pem"],
            mustNotMatch: [
              "openssl x509 -in x -out /etc/passwd -noout", "openssl rsa -in /etc/ssl/private/a.key -noout -text", "openssl enc -in /etc/shadow -noout",
              "openssl x509 -in x -signkey y -noout", "openssl x509 -engine /tmp/x.so -noout", "openssl x509 -text -in x"
            ]
          },
          {
            id: "allow.certificate-request", decision: "allow", program: "openssl", style: "words", flags: ["-noout"],
            options: "-in:path -noout -text -subject -verify -modulus", operands: "=req",
            reason: "It shows a request for a certificate.",
            matches: ["openssl req -in /etc/pki/tls/a.csr -noout -text"],
            mustNotMatch: ["openssl req -new -noout", "openssl req -in a -out b -noout", "openssl req -noout -key x"]
          },
          {
            id: "allow.openssl-version", decision: "allow", program: "openssl", style: "words", options: "-a -v",
            operands: "=version",
            reason: "It shows the version.",
            matches: ["openssl version", "openssl version -a"],
            mustNotMatch: ["openssl", "openssl s_client -connect x:443", "openssl version -engine x"]
          },
          {
            id: "allow.cpanel-facts", decision: "allow", fileSystem: "writable", program: "whmapi1", targets: ["apitool"],
            options: "--output:json|jsonpretty|yaml",
            operands: [
              "=version|gethostname|systemloadavg|loadavg|listaccts|listips|getdiskusage|get_current_lts_expiration_status|\#
        php_get_installed_versions|php_get_system_default_version|php_get_vhost_versions|servicestatus|get_update_availability"
            ],
            reason: "It shows facts of the panel.",
            matches: ["whmapi1 version", "whmapi1 --output=json servicestatus"],
            mustNotMatch: ["whmapi1 createacct username=x", "whmapi1 restartservice service=httpd", "whmapi1 version --output=x", "whmapi1 passwd user=root"]
          },
          {
            id: "allow.cpanel-version", decision: "allow", program: "cpanel", args: ["-V"],
            reason: "It shows the panel's version.",
            matches: ["/usr/local/cpanel/cpanel -V"],
            mustNotMatch: ["/usr/local/cpanel/cpanel -x", "cpanel"]
          },
          {
            id: "allow.versions", decision: "allow",
            program: [
              "bash", "python", "python3", "perl", "ruby", "node", "git", "curl", "wget", "tar", "gcc", "make", "mysql", "mariadb", "mysqld",
              "mariadbd", "mysqldump", "psql", "postgres", "redis-server", "redis-cli", "docker", "podman", "dovecot", "rsync", "sudo",
              "rpm", "dpkg", "apt", "yum", "dnf", "systemctl", "nft", "iptables", "ss", "openssl", "sed", "awk", "gawk", "grep", "find",
              "jq", "fail2ban-client", "firewall-cmd", "logrotate", "spamassassin", "clamscan", "freshclam", "ssh-keygen", "varnishadm",
              "memcached", "haproxy", "caddy", "rspamd", "shfmt", "sqlite3"
            ],
            targets: ["python[0-9]*[0-9]", "perl[0-9]*[0-9]", "ruby[0-9]*[0-9]", "nodejs", "mariadb*", "mysql*", "gcc-*", "*-gcc-*", "gawk",
                      "mawk", "xtables-*", "redis-check-rdb", "dnf-[0-9]", "pg_wrapper", "x86_64-linux-gnu-gcc-[0-9]*"],
            args: ["--version"],
            reason: "It shows the version of a program.",
            matches: ["python3 --version", "mysqld --version", "docker --version"],
            mustNotMatch: ["python3 --version x", "python3 -c 1", "mysqld"]
          },
          {
            id: "allow.short-versions", decision: "allow",
            program: ["mysql", "mariadb", "mysqld", "mariadbd", "python", "python3", "ssh", "named", "psql", "postgres", "curl", "sudo", "wget",
                      "pure-ftpd", "varnishd", "perl"],
            targets: ["mariadb*", "mysql*", "python[0-9]*[0-9]", "perl[0-9]*[0-9]", "pg_wrapper"], args: ["-V"],
            reason: "It shows the version of a program.",
            matches: ["mysql -V", "ssh -V", "named -V"],
            mustNotMatch: ["ssh -V x", "python3 -Vc 1", "perl -V:x"]
          },
          {
            id: "allow.small-v-versions", decision: "allow", program: ["named", "perl", "ruby", "node", "npm", "haproxy", "docker", "postconf"],
            targets: ["nodejs", "perl[0-9]*[0-9]", "ruby[0-9]*[0-9]"], args: ["-v"],
            reason: "It shows the version of a program.",
            matches: ["named -v", "perl -v"],
            mustNotMatch: ["perl -ve 1", "node -v x"]
          }
        ]
        """#
}
