extension BuiltInPolicy {
    /// Databases, mail, name servers, containers: their state, not their contents.
    static let storesText = #"""
        [
          {
            id: "allow.database-state", decision: "allow", program: ["mysqladmin", "mariadb-admin"],
            targets: ["mariadb-admin", "mysqladmin"],
            values: { local: ["localhost", "127.0.0.1", "::1"] },
            options: "-rEv -u:word -h:<local> -P:number -i:number -c:number --user:word --host:<local> --port:number --relative",
            operands: "=status|ping|version|extended-status|variables+",
            reason: "It shows the state of the database server.",
            matches: ["mysqladmin status", "mysqladmin -u root -h localhost extended-status", "mysqladmin ping version"],
            mustNotMatch: [
              "mysqladmin shutdown", "mysqladmin status shutdown", "mysqladmin -h evil.example status", "mysqladmin --defaults-file=/tmp/x status",
              "mysqladmin -psecret status", "mysqladmin processlist", "mysqladmin password x", "mysqladmin drop x", "mysqladmin -hevil.example ping"
            ]
          },
          {
            id: "allow.database-facts", decision: "allow", program: ["mysql", "mariadb"], targets: ["mariadb", "mysql"],
            values: {
              facts: [
                "SHOW DATABASES", "SHOW DATABASES;", "show databases", "show databases;", "SHOW STATUS", "SHOW STATUS;", "SHOW GLOBAL STATUS",
                "SHOW GLOBAL STATUS;", "show global status", "show global status;", "show status", "show status;", "SHOW VARIABLES",
                "SHOW VARIABLES;", "SHOW GLOBAL VARIABLES", "SHOW GLOBAL VARIABLES;", "show variables", "show variables;",
                "show global variables", "show global variables;", "SHOW ENGINES", "SHOW ENGINES;", "SHOW PLUGINS", "SHOW PLUGINS;",
                "SELECT VERSION()", "SELECT VERSION();", "select version()", "select version();", "SHOW SLAVE STATUS\\\\G",
                "SHOW REPLICA STATUS\\\\G", "SHOW MASTER STATUS", "SHOW MASTER STATUS;", "SHOW BINARY LOGS", "SHOW BINARY LOGS;", "SELECT 1", "SELECT 1;"
              ]
            },
            flags: ["-e --execute"], options: "-NBtsv -e:<facts> --execute:<facts> -u:word --user:word --table --batch",
            reason: "It shows facts of the database server, not its contents.",
            matches: ["mysql -e 'SHOW DATABASES'", "mysql -u root -Ne 'SHOW GLOBAL STATUS;'", "mariadb -e 'SELECT VERSION()'"],
            mustNotMatch: [
              "mysql", "mysql -e 'SELECT * FROM mysql.user'", "mysql -e 'DROP DATABASE x'", "mysql -e 'SHOW DATABASES; DROP DATABASE x'",
              "mysql -e '\\\\! id'", "mysql -e 'SHOW DATABASES' -e 'system id'", "mysql -h evil.example -e 'SELECT 1'",
              "mysql --defaults-file=/tmp/x -e 'SELECT 1'", "mysql -psecret -e 'SELECT 1'", "mysql -e 'SHOW PROCESSLIST'"
            ]
          },
          {
            id: "allow.postgres-state", decision: "allow", program: ["pg_isready", "pg_lsclusters"], targets: ["pg_wrapper"],
            reason: "It shows the state of the database server.", operands: "",
            matches: ["pg_isready", "pg_lsclusters"],
            mustNotMatch: ["pg_isready -h evil.example"]
          },
          {
            id: "allow.redis-state", decision: "allow", program: "redis-cli",
            operands: ["=ping|PING|dbsize|DBSIZE", "=info|INFO =server|clients|memory|persistence|stats|replication|cpu|keyspace?"],
            reason: "It shows the state of the cache.",
            matches: ["redis-cli ping", "redis-cli info memory"],
            mustNotMatch: ["redis-cli flushall", "redis-cli config get requirepass", "redis-cli -h evil.example ping", "redis-cli monitor", "redis-cli"]
          },
          {
            id: "allow.mail-queue", decision: "allow", program: ["mailq"], targets: ["sendmail", "sendmail.*", "exim", "exim4", "mailq.*"],
            reason: "It lists the mail queue.", operands: "",
            matches: ["mailq"],
            mustNotMatch: ["mailq -q", "mailq -C /tmp/x", "sendmail -q"]
          },
          {
            id: "allow.postqueue", decision: "allow", program: "postqueue", flags: ["-p -j"], options: "-pj",
            reason: "It lists the mail queue.",
            matches: ["postqueue -p", "postqueue -j"],
            mustNotMatch: ["postqueue -f", "postqueue -i ABC", "postqueue -s x", "postqueue -pf", "postqueue -c /tmp -p"]
          },
          {
            id: "allow.postfix-settings", decision: "allow", program: "postconf", options: "-nhdmMA", operands: "word*",
            reason: "It shows the settings of Postfix.",
            matches: ["postconf -n", "postconf -h myhostname", "postconf mail_version", "postconf -M"],
            mustNotMatch: ["postconf -e x=y", "postconf x=y", "postconf -X x", "postconf '-#' x", "postconf -c /tmp -n", "postconf -Me x", "postconf -P"]
          },
          {
            id: "allow.postfix-status", decision: "allow", fileSystem: "writable", program: "postfix", args: ["status"],
            reason: "It shows whether Postfix runs.",
            matches: ["postfix status"],
            mustNotMatch: ["postfix reload", "postfix check", "postfix -c /tmp status"]
          },
          {
            id: "allow.queue-shape", decision: "allow", program: "qshape",
            operands: "=deferred|active|incoming|hold|maildrop*",
            reason: "It counts the mail queue.",
            matches: ["qshape deferred", "qshape"],
            mustNotMatch: ["qshape -c /tmp", "qshape /tmp"]
          },
          {
            id: "allow.exim-queue", decision: "allow", fileSystem: "writable", program: ["exim", "exim4", "sendmail"], targets: ["exim", "exim4", "sendmail.*"],
            style: "words", flags: ["-bp -bpc -bpr -bpu -bpa -bV"], options: "-bp -bpc -bpr -bpu -bpa -bV",
            reason: "It lists the mail queue.",
            matches: ["exim -bp", "exim -bpc", "exim -bV", "sendmail -bp"],
            mustNotMatch: [
              "exim", "exim -bp -C /tmp/x", "exim -be '${run{/bin/id}}'", "exim -bP", "exim -Mrm x", "exim -qff", "exim -bpc -D X=y",
              "exim -bt -oMt x", "sendmail -bs", "exim -Mvb x"
            ]
          },
          {
            id: "allow.exim-route", decision: "allow", fileSystem: "writable", program: ["exim", "exim4"], targets: ["exim4"], style: "words",
            flags: ["-bt"], options: "-bt", operands: "word",
            reason: "It shows where mail for an address would go.",
            matches: ["exim -bt a@example.com"],
            mustNotMatch: ["exim -bt '${run{/bin/id}}@localhost'", "exim -bt", "exim -bt a -bs"]
          },
          {
            id: "allow.exim-search", decision: "allow", fileSystem: "writable", program: ["exiqgrep", "exiqsumm"], options: "-cizx -o:number -y:number -f:word -r:word",
            reason: "It lists the mail queue.",
            matches: ["exiqgrep -c", "exiqgrep -i -f example.com", "exiqsumm"],
            mustNotMatch: ["exiqgrep -E /tmp/x", "exiqgrep -C /tmp/x"]
          },
          {
            id: "allow.exigrep", decision: "allow", fileSystem: "writable", program: "exigrep", options: "-Iltv", operands: "word path+",
            reason: "It looks for messages in the mail log.",
            matches: ["exigrep a@example.com /var/log/exim_mainlog"],
            mustNotMatch: ["exigrep x", "exigrep -M x"]
          },
          {
            id: "allow.dovecot", decision: "allow", program: ["doveconf", "dovecot"], flags: ["-n -a"], options: "-na",
            reason: "It shows the settings of Dovecot without passwords.",
            matches: ["doveconf -n", "dovecot -n"],
            mustNotMatch: ["doveconf -P", "doveconf -nP", "doveconf -c /etc/shadow", "dovecot", "dovecot reload"]
          },
          {
            id: "allow.dovecot-state", decision: "allow", program: "doveadm",
            operands: ["=who", "=log =find|errors", "=service|process =status", "=stats =dump"],
            reason: "It shows the state of Dovecot.",
            matches: ["doveadm who", "doveadm log errors", "doveadm service status"],
            mustNotMatch: ["doveadm kick x", "doveadm fetch -u a text all", "doveadm pw -p x", "doveadm expunge x", "doveadm -c /etc/shadow who"]
          },
          {
            id: "allow.name-server-test", decision: "allow", program: "named-checkconf", options: "-z", operands: "path?",
            reason: "It tests the configuration.",
            matches: ["named-checkconf", "named-checkconf -z /etc/named.conf"],
            mustNotMatch: ["named-checkconf -p", "named-checkconf -px", "named-checkconf -t /tmp"]
          },
          {
            id: "allow.zone-test", decision: "allow", program: "named-checkzone", options: "-q", operands: "word path",
            reason: "It tests a zone.",
            matches: ["named-checkzone example.com /etc/bind/db.example"],
            mustNotMatch: ["named-checkzone -o /etc/passwd x y", "named-checkzone -D x /tmp/y"]
          },
          {
            id: "allow.name-server-state", decision: "allow", program: "rndc", operands: ["=status", "=zonestatus word"],
            reason: "It shows the state of the name server.",
            matches: ["rndc status", "rndc zonestatus example.com"],
            mustNotMatch: ["rndc reload", "rndc -k /etc/shadow status", "rndc flush", "rndc -s evil.example status", "rndc dumpdb"]
          },
          {
            id: "allow.other-name-servers", decision: "allow", program: ["pdns_control", "unbound-control", "unbound-checkconf"],
            operands: ["=ping|uptime|version|rping|status", ""],
            reason: "It shows the state of the name server.",
            matches: ["pdns_control uptime", "unbound-control status", "unbound-checkconf"],
            mustNotMatch: ["pdns_control quit", "unbound-control stop", "unbound-control dump_cache", "unbound-checkconf /etc/shadow"]
          },
          {
            id: "allow.containers", decision: "allow", fileSystem: "writable", program: ["docker", "podman"],
            options: "-aqs --all --no-trunc", operands: ["=ps|images|version"],
            reason: "It lists containers.",
            matches: ["docker ps -a", "docker images", "podman ps"],
            mustNotMatch: ["docker exec x sh", "docker inspect x", "docker run x", "docker -H tcp://x ps", "docker ps x", "docker rm x"]
          },
          {
            id: "allow.ssh-test", decision: "allow", program: "sshd", style: "words", flags: ["-t -T"], options: "-t -T",
            reason: "It tests or shows the settings of the SSH server.",
            matches: ["sshd -t", "/usr/sbin/sshd -T"],
            mustNotMatch: ["sshd", "sshd -d", "sshd -t -f /etc/shadow", "sshd -T -h /x"]
          }
        ]
        """#
}
