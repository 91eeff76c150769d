extension BuiltInPolicy {
    /// What destroys a machine or takes it from its owner.
    static let denyText = #"""
        [
          {
            id: "deny.remove-system", decision: "deny", program: "rm", flags: ["-r -R --recursive"],
            anyArgument: [
              "/", "/\\*",
              "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/root", "/run", "/sbin", "/srv",
              "/sys", "/usr", "/var", "/*/\\*", "/usr/bin", "/usr/lib", "/usr/sbin", "/var/lib", "/var/lib/mysql", "/var/www",
              "~", "~/", "~/\\*", "--no-preserve-root"
            ],
            reason: "It removes a directory that the system or its users need.",
            hint: "Name the one file or directory that is to go; list it first with ls.",
            matches: ["rm -rf /", "rm -r -f /*", "sudo rm -fr /etc/", "rm --recursive /usr", "env rm -R ///", "rm --recu /var/."],
            mustNotMatch: ["rm -rf /tmp/build", "rm /etc/motd", "ls -R /"]
          },
          {
            id: "deny.make-file-system", decision: "deny",
            program: ["mkfs", "mkfs.*", "mke2fs", "mkswap", "wipefs", "blkdiscard", "sgdisk", "shred", "badblocks"],
            reason: "It destroys what a disk or a file holds.",
            hint: "Look first: lsblk -f, blkid, df -h. An operator makes file systems by hand.",
            matches: ["mkfs.ext4 /dev/sdb1", "sudo wipefs -a /dev/sda", "shred -u /var/log/syslog", "timeout 5 mkfs /dev/vdb"],
            mustNotMatch: ["lsblk -f", "man mkfs"]
          },
          {
            id: "deny.overwrite-device", decision: "deny", program: ["dd", "tee", "cp", "cat", "mv", "install", "ddrescue"],
            anyArgument: [
              "of=/dev/sd*", "of=/dev/hd*", "of=/dev/vd*", "of=/dev/xvd*", "of=/dev/nvme*", "of=/dev/md*", "of=/dev/dm-*",
              "of=/dev/mapper/*", "of=/dev/mem", "/dev/sd*", "/dev/hd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/md[0-9]*",
              "/dev/dm-*", "/dev/mapper/*", "/dev/mem", "/dev/kmem"
            ],
            reason: "It reads or writes a disk past its file system.",
            hint: "Use files, or lsblk and smartctl to look at a disk.",
            matches: ["dd if=/dev/zero of=/dev/sda bs=1M", "cp image /dev/vda", "dd of=/dev//sda"],
            mustNotMatch: ["dd if=/dev/zero of=/tmp/x count=1", "cat /etc/fstab"]
          },
          {
            id: "deny.write-device", decision: "deny",
            writes: [
              "/dev/sd*", "/dev/hd*", "/dev/vd*", "/dev/xvd*", "/dev/nvme*", "/dev/md[0-9]*", "/dev/dm-*", "/dev/mapper/*", "/dev/mem",
              "/dev/kmem", "/proc/sysrq-trigger"
            ],
            reason: "It writes to a disk or to the kernel past the file system.",
            hint: "Write to a file.",
            matches: ["echo x > /dev/sda", "> /dev/nvme0n1", "cat a >> /dev/vda1", "echo b > /proc/sysrq-trigger"],
            mustNotMatch: ["echo x > /dev/null", "echo x > /tmp/sda"]
          },
          {
            id: "deny.open-permissions", decision: "deny", program: ["chmod", "chown", "chgrp"], flags: ["-R --recursive"],
            anyArgument: ["/", "/\\*", "/bin", "/boot", "/etc", "/home", "/lib", "/lib64", "/root", "/sbin", "/usr", "/var", "/usr/bin", "/usr/lib"],
            reason: "It changes the owners or permissions of a whole system directory, which breaks the machine.",
            hint: "Change the one directory that needs it, such as a site's document root.",
            matches: ["chmod -R 777 /", "chown -R www-data: /etc", "sudo chmod --recursive 755 /usr/"],
            mustNotMatch: ["chmod -R 755 /home/a/public_html", "chmod 644 /etc/motd"]
          },
          {
            id: "deny.remove-root", decision: "deny", program: ["userdel", "deluser"], anyArgument: ["root"],
            reason: "The machine cannot be managed without root.",
            hint: "Lock the one account that is to go: passwd -l NAME.",
            matches: ["userdel -r root", "deluser root"],
            mustNotMatch: ["userdel guest"]
          },
          {
            id: "deny.flush-firewall", decision: "deny", program: ["iptables", "ip6tables", "iptables-nft", "iptables-legacy"],
            flags: ["-F --flush"],
            reason: "It drops all rules of the firewall at once.",
            hint: "Look first with iptables -S, then remove the one rule with iptables -D.",
            matches: ["iptables -F", "iptables -t nat --flush", "sudo ip6tables -F INPUT"],
            mustNotMatch: ["iptables -S", "iptables -L -n"]
          },
          {
            id: "deny.flush-nftables", decision: "deny", program: "nft", words: ["flush", "ruleset"],
            reason: "It drops all rules of the firewall at once.",
            hint: "Look first with nft list ruleset, then delete the one rule.",
            matches: ["nft flush ruleset"],
            mustNotMatch: ["nft list ruleset"]
          },
          {
            id: "deny.wipe-history", decision: "deny", program: "history", flags: ["-c"],
            reason: "It removes the record of what was done.",
            hint: "Leave the history as it is.",
            matches: ["history -c", "history -cw"],
            mustNotMatch: ["history"]
          },
          {
            id: "deny.stop-server", decision: "deny", program: ["systemctl", "service"], words: ["stop"],
            anyArgument: ["deckhand", "deckhand.service", "deckhand.socket"],
            reason: "It would stop the server that runs this command, or keep it from starting.",
            hint: "An operator does this by hand.",
            matches: ["systemctl stop deckhand", "sudo systemctl --now stop deckhand.service"],
            mustNotMatch: ["systemctl status deckhand", "systemctl stop nginx"]
          },
          {
            id: "deny.disable-server", decision: "deny", program: ["systemctl", "service"], words: ["disable"],
            anyArgument: ["deckhand", "deckhand.service", "deckhand.socket"],
            reason: "It would stop the server that runs this command, or keep it from starting.",
            hint: "An operator does this by hand.",
            matches: ["systemctl disable deckhand", "sudo systemctl --now disable deckhand.service"],
            mustNotMatch: ["systemctl status deckhand", "systemctl disable nginx"]
          },
          {
            id: "deny.mask-server", decision: "deny", program: ["systemctl", "service"], words: ["mask"],
            anyArgument: ["deckhand", "deckhand.service", "deckhand.socket"],
            reason: "It would stop the server that runs this command, or keep it from starting.",
            hint: "An operator does this by hand.",
            matches: ["systemctl mask deckhand", "sudo systemctl --now mask deckhand.service"],
            mustNotMatch: ["systemctl status deckhand", "systemctl mask nginx"]
          },
          {
            id: "deny.kill-server", decision: "deny", program: ["systemctl", "service"], words: ["kill"],
            anyArgument: ["deckhand", "deckhand.service", "deckhand.socket"],
            reason: "It would stop the server that runs this command, or keep it from starting.",
            hint: "An operator does this by hand.",
            matches: ["systemctl kill deckhand", "sudo systemctl --now kill deckhand.service"],
            mustNotMatch: ["systemctl status deckhand", "systemctl kill nginx"]
          }
        ]
        """#
}
