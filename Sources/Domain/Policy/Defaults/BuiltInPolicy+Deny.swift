extension BuiltInPolicy {
    /// What destroys data or the system.
    static let denyText = #"""
        [
          {
            id: "deny.remove-system", decision: "deny", program: "rm", flags: ["-r -R --recursive"],
            anyArgument: [
              "/", "/\\*", "/.\\*", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/opt", "/proc", "/root", "/run", "/sbin",
              "/srv", "/sys", "/usr", "/var", "/bin/\\*", "/boot/\\*", "/dev/\\*", "/etc/\\*", "/home/\\*", "/lib/\\*", "/lib64/\\*", "/opt/\\*",
              "/root/\\*", "/sbin/\\*", "/srv/\\*", "/usr/\\*", "/var/\\*", "/usr/bin", "/usr/bin/\\*", "/usr/lib", "/usr/lib/\\*", "/usr/lib64",
              "/usr/local", "/usr/local/\\*", "/usr/sbin", "/usr/sbin/\\*", "/usr/share", "/usr/local/cpanel", "/usr/local/cwp", "/usr/local/cwpsrv",
              "/usr/local/apache", "/var/cpanel", "/var/lib", "/var/lib/\\*", "/var/lib/mysql", "/var/lib/mysql/\\*", "/var/lib/pgsql",
              "/var/lib/postgresql", "/var/lib/rpm", "/var/lib/dpkg", "/var/log", "/var/log/\\*", "/var/mail", "/var/spool", "/var/spool/\\*",
              "/var/vmail", "/var/www", "/var/www/\\*", "/var/named", "/etc/ssh", "/etc/ssl", "/etc/pki", "/etc/systemd", "/etc/pam.d", "/etc/nginx",
              "/etc/httpd", "/etc/apache2", "/etc/mysql", "/etc/postfix", "/etc/letsencrypt", "/root/.ssh", "~", "~/", "~/\\*", "~root",
              "--no-preserve-root"
            ],
            reason: "It removes a directory that the system or its users need.",
            hint: "Name the one file or directory that is to go; list it first with ls.",
            matches: [
              "rm -rf /", "rm -r -f /*", "sudo rm -fr /etc/", "rm --recursive /usr", "env rm -R ///", "rm --recu /var/.", "rm -rf /e*", "rm -rf /var/log/*",
              "rm -rf /./", "rm -rf /tmp/../etc", "rm -rf / --no-preserve-root"
            ],
            mustNotMatch: ["rm -rf /tmp/build", "rm -rf /tmp/build/*", "rm /etc/motd", "ls -R /", "rm -rf /home/a/public_html/cache/*", "rm -rf *"]
          },
          {
            id: "deny.remove-files", decision: "deny", program: ["rm", "unlink", "shred", "truncate"],
            anyArgument: [
              "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/fstab", "/etc/ssh/sshd_config", "/bin/*", "/sbin/*",
              "/boot/*", "/lib/*", "/lib64/*", "/usr/bin/*", "/usr/sbin/*", "/usr/lib64/*", "/var/lib/mysql/ib*", "/var/lib/mysql/mysql/*",
              "/var/lib/mysql/mysql", "/root/.ssh/authorized_keys", "/etc/systemd/system/*", "/lib/systemd/*"
            ],
            reason: "The system or its databases cannot work without this file.",
            hint: "Move a file aside under another name rather than removing it; an operator does so by hand.",
            matches: ["rm /etc/passwd", "rm -f /boot/vmlinuz", "sudo truncate -s0 /etc/shadow", "unlink /usr/bin/bash", "rm -f /var/lib/mysql/ibdata1"],
            mustNotMatch: ["rm /etc/motd", "ls /etc/passwd", "rm /usr/share/x"]
          },
          {
            id: "deny.move-system", decision: "deny", program: ["mv", "rename"],
            words: ["/bin|/boot|/dev|/etc|/home|/lib|/lib64|/opt|/root|/sbin|/srv|/usr|/usr/bin|/usr/lib|/usr/lib64|/usr/sbin|/usr/local|/var|/var/lib|/var/lib/mysql|\#
        /var/lib/pgsql|/var/lib/postgresql|/var/www|/var/spool|/etc/ssh|/etc/pam.d|/etc/systemd|/bin/\\*|/etc/\\*|/home/\\*|/lib/\\*|/usr/\\*|/var/\\*|/\\*", "*"],
            reason: "It takes a directory away that the system or its users need.",
            hint: "Copy what is needed with cp -a; name the one file or directory that is to move.",
            matches: ["mv /etc /tmp/etc", "sudo mv -f /usr/ /usr.old", "mv /tmp/a /var /mnt", "mv /* /tmp"],
            mustNotMatch: ["mv /tmp/x /etc", "mv /etc/motd /etc/motd.old", "mv a b /usr"]
          },
          {
            id: "deny.move-system-into", decision: "deny", program: "mv", flags: ["-t --target-directory"],
            words: ["*", "/bin|/boot|/dev|/etc|/home|/lib|/lib64|/opt|/root|/sbin|/srv|/usr|/usr/bin|/usr/lib|/usr/lib64|/usr/sbin|/usr/local|/var|/var/lib|/var/lib/mysql|\#
        /var/lib/pgsql|/var/lib/postgresql|/var/www|/var/spool|/etc/ssh|/etc/pam.d|/etc/systemd|/bin/\\*|/etc/\\*|/home/\\*|/lib/\\*|/usr/\\*|/var/\\*|/\\*"],
            reason: "It takes a directory away that the system or its users need.",
            hint: "Copy what is needed with cp -a; name the one file or directory that is to move.",
            matches: ["mv -t /mnt /etc", "mv --target-directory /mnt a /usr"],
            mustNotMatch: ["mv -t /etc a", "mv --target-directory=/etc a b"]
          },
          {
            id: "deny.move-system-joined", decision: "deny", program: "mv", anyArgument: ["-t?*", "--target-directory=*"],
            words: ["/bin|/boot|/dev|/etc|/home|/lib|/lib64|/opt|/root|/sbin|/srv|/usr|/usr/bin|/usr/lib|/usr/lib64|/usr/sbin|/usr/local|/var|/var/lib|/var/lib/mysql|\#
        /var/lib/pgsql|/var/lib/postgresql|/var/www|/var/spool|/etc/ssh|/etc/pam.d|/etc/systemd|/bin/\\*|/etc/\\*|/home/\\*|/lib/\\*|/usr/\\*|/var/\\*|/\\*"],
            reason: "It takes a directory away that the system or its users need.",
            hint: "Copy what is needed with cp -a; name the one file or directory that is to move.",
            matches: ["mv -t/mnt /etc", "mv --target-directory=/mnt /usr"],
            mustNotMatch: ["mv -t/etc a", "mv --target-directory=/usr a"]
          },
          {
            id: "deny.find-remove", decision: "deny", program: "find", flags: ["-delete -exec -execdir -ok -okdir"],
            anyArgument: ["/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/root", "/sbin", "/srv", "/usr", "/usr/bin", "/usr/lib", "/var", "/var/lib", "/var/lib/mysql"],
            reason: "It deletes files, or runs a program for every file, below a directory that the system or its users need.",
            hint: "The same find without that action lists the files; then name a narrower directory.",
            matches: ["find / -delete", "find /etc -type f -exec rm -f {} +", "sudo find /var/lib/mysql -delete", "find / -name x -exec rm {} \\;"],
            mustNotMatch: ["find / -name x", "find /tmp -delete", "find /var/log/nginx -name x -exec gzip {} +"]
          },
          {
            id: "deny.make-file-system", decision: "deny",
            program: ["mkfs", "mkfs.*", "mke2fs", "mkswap", "blkdiscard", "badblocks", "mkdosfs", "mkntfs"],
            reason: "It destroys what a disk or a file holds.",
            hint: "Look first: lsblk -f, df -h. An operator makes file systems by hand.",
            matches: ["mkfs.ext4 /dev/sdb1", "timeout 5 mkfs /dev/vdb", "mkswap /dev/sda2", "nice mkfs.xfs -f /dev/sdb"],
            mustNotMatch: ["lsblk -f", "man mkfs", "command -v mkfs.ext4"]
          },
          {
            id: "deny.wipe", decision: "deny", program: ["wipefs", "shred", "wipe", "srm", "scrub", "nwipe", "dban"],
            reason: "It destroys what a disk or a file holds, for good.",
            hint: "Look first: lsblk -f. To free space name one file and remove it with rm.",
            matches: ["sudo wipefs -a /dev/sda", "shred -u /var/log/syslog"],
            mustNotMatch: ["lsblk -f", "which shred"]
          },
          {
            id: "deny.partition", decision: "deny", program: ["sgdisk", "parted", "sfdisk", "gdisk"],
            anyArgument: ["-Z", "-z", "-o", "--zap-all", "--zap", "--clear", "mklabel", "mktable", "rm", "--delete", "--wipe", "--wipe=always", "-d", "--delete=*"],
            reason: "It destroys the partitions of a disk.",
            hint: "Look first: lsblk -f, parted -l. An operator changes partitions by hand.",
            matches: ["sgdisk -Z /dev/sda", "parted -s /dev/sda mklabel gpt", "sfdisk --delete /dev/sda 1"],
            mustNotMatch: ["parted -l", "sgdisk -p /dev/sda", "sfdisk -l"]
          },
          {
            id: "deny.remove-volumes", decision: "deny", program: ["lvremove", "vgremove", "pvremove"],
            reason: "It destroys a volume with everything on it.",
            hint: "Look first: lsblk, lvs. An operator removes volumes by hand.",
            matches: ["lvremove -f vg0/data", "vgremove vg0"],
            mustNotMatch: ["lvs", "lvdisplay"]
          },
          {
            id: "deny.erase-volumes", decision: "deny",
            program: ["zpool", "zfs", "cryptsetup", "mdadm", "nvme", "hdparm"],
            anyArgument: ["destroy", "luksFormat", "erase", "luksErase", "--zero-superblock", "format", "sanitize", "--security-erase*", "--trim-sector-ranges*"],
            reason: "It destroys a volume with everything on it.",
            hint: "Look first: lsblk, zpool list. An operator removes volumes by hand.",
            matches: ["zpool destroy tank", "cryptsetup luksFormat /dev/sda", "mdadm --zero-superblock /dev/sda1", "nvme format /dev/nvme0n1"],
            mustNotMatch: ["zpool list", "zpool status tank", "mdadm --detail --scan"]
          },
          {
            id: "deny.overwrite-device", decision: "deny", program: ["dd", "ddrescue", "dcfldd"],
            anyArgument: [
              "of=/dev/sd*", "of=/dev/hd[a-z]*", "of=/dev/vd*", "of=/dev/xvd*", "of=/dev/nvme*", "of=/dev/md[0-9]*", "of=/dev/dm-*", "of=/dev/mmcblk*",
              "of=/dev/mapper/*", "of=/dev/disk/*", "of=/dev/mem", "of=/dev/kmem", "of=/dev/port", "of=/etc/passwd", "of=/etc/shadow", "of=/boot/*"
            ],
            reason: "It overwrites a disk past its file system, or a file that the system needs.",
            hint: "Write to a file; lsblk and smartctl show disks.",
            matches: ["dd if=/dev/zero of=/dev/sda bs=1M", "dd of=/dev//sda", "sudo dd if=x of=/dev/nvme0n1", "dd of=/dev/disk/by-id/x"],
            mustNotMatch: ["dd if=/dev/zero of=/tmp/x count=1", "dd if=/dev/sda of=/dev/null", "dd if=x of=/dev/stdout", "cat /etc/fstab"]
          },
          {
            id: "deny.copy-to-device", decision: "deny", program: ["tee", "cp", "mv", "install", "truncate", "sponge", "ln"],
            anyArgument: [
              "/dev/sd[a-z]", "/dev/sd[a-z][0-9]*", "/dev/hd[a-z]*", "/dev/vd[a-z]*", "/dev/xvd[a-z]*", "/dev/nvme[0-9]*", "/dev/md[0-9]*", "/dev/dm-[0-9]*",
              "/dev/mmcblk[0-9]*", "/dev/mapper/*", "/dev/disk/*", "/dev/mem", "/dev/kmem", "/dev/port"
            ],
            reason: "It writes to a disk past its file system, or replaces a device.",
            hint: "Write to a file; lsblk and smartctl show disks.",
            matches: ["cp image /dev/vda", "tee /dev/sda", "sudo mv x /dev/nvme0n1", "cp x /dev/sd?"],
            mustNotMatch: ["tee /dev/null", "tee /dev/stderr", "tee /dev/tty", "tee /dev/fd/2", "cp a /dev/shm/b", "cat /dev/mem", "cp /dev/null /tmp/x"]
          },
          {
            id: "deny.write-device", decision: "deny",
            writes: [
              "/dev/sd*", "/dev/hd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/md[0-9]*", "/dev/dm-*", "/dev/mapper/*", "/dev/disk/*", "/dev/mmcblk*",
              "/dev/mem", "/dev/kmem", "/dev/port", "/proc/sysrq-trigger", "/proc/kcore"
            ],
            reason: "It writes to a disk or to the kernel past the file system.",
            hint: "Write to a file.",
            matches: ["echo x > /dev/sda", "> /dev/nvme0n1", "cat a >> /dev/vda1", "echo b > /proc/sysrq-trigger"],
            mustNotMatch: ["echo x > /dev/null", "echo x > /tmp/sda", "echo x > /dev/stderr", "echo x > /dev/tty"]
          },
          {
            id: "deny.write-accounts", decision: "deny",
            writes: ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d/*", "/etc/ld.so.preload", "/boot/*"],
            reason: "It writes past the tools to a file on which every sign-in, or the start of the machine, depends.",
            hint: "Use useradd, usermod, passwd, gpasswd or visudo.",
            matches: ["echo x >> /etc/passwd", "> /etc/shadow", "echo x > /etc/sudoers.d/a"],
            mustNotMatch: ["echo x > /etc/motd", "cat < /etc/passwd"]
          },
          {
            id: "deny.tee-accounts", decision: "deny", program: ["tee", "sponge", "chattr"],
            anyArgument: ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d/*", "/etc/ld.so.preload"],
            reason: "It writes past the tools to a file on which every sign-in depends.",
            hint: "Use useradd, usermod, passwd, gpasswd or visudo.",
            matches: ["tee -a /etc/passwd", "sudo tee /etc/sudoers.d/x"],
            mustNotMatch: ["tee /etc/motd"]
          },
          {
            id: "deny.open-permissions", decision: "deny", program: ["chmod", "chown", "chgrp", "setfacl", "chattr"], flags: ["-R --recursive"],
            anyArgument: [
              "/", "/\\*", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/root", "/sbin", "/srv", "/usr", "/var", "/usr/bin", "/usr/lib",
              "/usr/lib64", "/usr/sbin", "/usr/local", "/var/lib", "/var/lib/mysql", "/var/log", "/var/spool", "/etc/ssh", "/etc/\\*", "/usr/\\*", "/var/\\*"
            ],
            reason: "It changes the owners or permissions of a whole system directory, which breaks the machine.",
            hint: "Change the one directory that needs it, such as a site's document root.",
            matches: ["chmod -R 777 /", "chown -R www-data: /etc", "sudo chmod --recursive 755 /usr/", "chown --from=a -R b /var/lib/mysql"],
            mustNotMatch: ["chmod -R 755 /home/a/public_html", "chmod 644 /etc/motd"]
          },
          {
            id: "deny.open-directory", decision: "deny", program: "chmod",
            words: ["777|0777|000|0|a+rwx|ugo+rwx|+rwx|o+w|a+w|a-x|a-rwx|u-x|666", "/|/bin|/boot|/etc|/home|/lib|/lib64|/root|/root/.ssh|/sbin|/usr|/usr/bin|/usr/lib|/var|\#
        /var/lib|/etc/passwd|/etc/shadow|/etc/sudoers|/etc/ssh|/bin/chmod|/usr/bin/chmod"],
            reason: "It opens or closes a part of the system for everybody.",
            hint: "Change the one file that needs it, to the least that it needs.",
            matches: ["chmod 777 /", "chmod 000 /etc/passwd", "sudo chmod 0777 /etc/"],
            mustNotMatch: ["chmod 755 /etc", "chmod 777 /tmp/x"]
          },
          {
            id: "deny.drop-database", decision: "deny", program: ["mysql", "mariadb", "psql", "sqlite3"],
            anyArgument: [
              "*DROP[ \t\n]DATABASE*", "*DROP  DATABASE*", "*DROP/\\**\\*/DATABASE*",
              "*DROP[ \t\n]database*", "*DROP  database*", "*DROP/\\**\\*/database*",
              "*DROP[ \t\n]SCHEMA*", "*DROP  SCHEMA*", "*DROP/\\**\\*/SCHEMA*",
              "*DROP[ \t\n]schema*", "*DROP  schema*", "*DROP/\\**\\*/schema*",
              "*drop[ \t\n]DATABASE*", "*drop  DATABASE*", "*drop/\\**\\*/DATABASE*",
              "*drop[ \t\n]database*", "*drop  database*", "*drop/\\**\\*/database*",
              "*drop[ \t\n]SCHEMA*", "*drop  SCHEMA*", "*drop/\\**\\*/SCHEMA*",
              "*drop[ \t\n]schema*", "*drop  schema*", "*drop/\\**\\*/schema*",
              "*Drop[ \t\n]Database*", "*Drop  Database*", "*Drop/\\**\\*/Database*",
              "*Drop[ \t\n]database*", "*Drop  database*", "*Drop/\\**\\*/database*",
              "*Drop[ \t\n]Schema*", "*Drop  Schema*", "*Drop/\\**\\*/Schema*",
              "*Drop[ \t\n]schema*", "*Drop  schema*", "*Drop/\\**\\*/schema*"
            ],
            reason: "It removes a whole database.",
            hint: "Dump it first with mysqldump; an operator removes databases by hand.",
            matches: ["mysql -e 'DROP DATABASE shop'", "mysql -u root -e 'use a; drop  database a'", "psql -c 'drop schema public cascade'", "sudo mysql -e 'drop/**/database x'"],
            mustNotMatch: ["mysql -e 'SHOW DATABASES'", "mysql -e 'DROP TABLE database_log'"]
          },
          {
            id: "deny.drop-database-text", decision: "deny", program: ["mysql", "mariadb", "psql", "sqlite3"],
            reads: [
              "*DROP[ \t\n]DATABASE*", "*DROP  DATABASE*", "*DROP/\\**\\*/DATABASE*",
              "*DROP[ \t\n]database*", "*DROP  database*", "*DROP/\\**\\*/database*",
              "*DROP[ \t\n]SCHEMA*", "*DROP  SCHEMA*", "*DROP/\\**\\*/SCHEMA*",
              "*DROP[ \t\n]schema*", "*DROP  schema*", "*DROP/\\**\\*/schema*",
              "*drop[ \t\n]DATABASE*", "*drop  DATABASE*", "*drop/\\**\\*/DATABASE*",
              "*drop[ \t\n]database*", "*drop  database*", "*drop/\\**\\*/database*",
              "*drop[ \t\n]SCHEMA*", "*drop  SCHEMA*", "*drop/\\**\\*/SCHEMA*",
              "*drop[ \t\n]schema*", "*drop  schema*", "*drop/\\**\\*/schema*",
              "*Drop[ \t\n]Database*", "*Drop  Database*", "*Drop/\\**\\*/Database*",
              "*Drop[ \t\n]database*", "*Drop  database*", "*Drop/\\**\\*/database*",
              "*Drop[ \t\n]Schema*", "*Drop  Schema*", "*Drop/\\**\\*/Schema*",
              "*Drop[ \t\n]schema*", "*Drop  schema*", "*Drop/\\**\\*/schema*"
            ],
            reason: "It removes a whole database.",
            hint: "Dump it first with mysqldump; an operator removes databases by hand.",
            matches: [
              "echo 'DROP DATABASE shop' | mysql", "printf 'drop database %s' shop | sudo mysql -u root", "mysql <<< 'DROP SCHEMA shop'",
              "echo DROP DATABASE shop | psql"
            ],
            mustNotMatch: ["echo 'SHOW DATABASES' | mysql", "echo 'DROP DATABASE shop'", "mysql <<< 'DROP TABLE database_log'"]
          },
          {
            id: "deny.drop-database-tool", decision: "deny", program: ["mysqladmin", "mariadb-admin"], words: ["drop"],
            reason: "It removes a whole database.",
            hint: "Dump it first with mysqldump; an operator removes databases by hand.",
            matches: ["mysqladmin drop shop", "mysqladmin -u root -f drop shop"],
            mustNotMatch: ["mysqladmin status"]
          },
          {
            id: "deny.drop-postgres", decision: "deny", program: ["dropdb", "pg_dropcluster"],
            reason: "It removes a whole database.",
            hint: "Dump it first with pg_dump; an operator removes databases by hand.",
            matches: ["dropdb shop", "sudo -u postgres dropdb shop"],
            mustNotMatch: ["psql -l"]
          },
          {
            id: "deny.flush-cache-store", decision: "deny", program: "redis-cli", words: ["flushall|FLUSHALL|FlushAll"],
            reason: "It removes everything that the store holds.",
            hint: "Look first with redis-cli info keyspace, then remove the keys of one application.",
            matches: ["redis-cli flushall", "redis-cli -n 1 FLUSHALL"],
            mustNotMatch: ["redis-cli info"]
          },
          {
            id: "deny.remove-base", decision: "deny", program: ["apt", "apt-get", "aptitude", "yum", "dnf"],
            words: ["remove|purge|erase|autoremove|rm", "glibc*|libc6*|systemd|openssh-server|ssh|bash|coreutils|kernel|kernel-core|linux-image*|dpkg|apt|rpm|yum|dnf|sudo|util-linux|pam|\#
        libpam-modules|base-files|init|\\*|deckhand"],
            reason: "The machine cannot be used without this package.",
            hint: "Remove the one package that is to go.",
            matches: ["apt-get purge -y systemd", "yum remove glibc", "sudo dnf -y remove openssh-server"],
            mustNotMatch: ["apt remove nginx", "yum info glibc"]
          },
          {
            id: "deny.erase-base", decision: "deny", program: ["rpm", "dpkg"], flags: ["-e -r -P --erase --remove --purge"],
            anyArgument: ["glibc*", "libc6*", "systemd", "openssh-server", "bash", "coreutils", "kernel", "kernel-core", "linux-image*", "dpkg", "apt", "rpm", "yum", "dnf", "sudo", "util-linux", "base-files", "deckhand"],
            reason: "The machine cannot be used without this package.",
            hint: "Remove the one package that is to go.",
            matches: ["rpm -e --nodeps glibc", "dpkg -P bash"],
            mustNotMatch: ["rpm -q glibc", "dpkg -s bash"]
          }
        ]
        """#
}
