extension BuiltInPolicy {
    /// What takes a machine from its owner, ends it, or hides what was done.
    static let denyControlText = #"""
        [
          {
            id: "deny.remove-root", decision: "deny", program: ["userdel", "deluser"], anyArgument: ["root"],
            reason: "The machine cannot be managed without root.",
            hint: "Lock the one account that is to go: passwd -l NAME.",
            matches: ["userdel -r root", "deluser root"],
            mustNotMatch: ["userdel guest"]
          },
          {
            id: "deny.change-root", decision: "deny", program: ["passwd", "usermod", "chsh", "chage"], anyArgument: ["root"],
            reason: "It changes how root signs in, which can lock the owner out or let others in.",
            hint: "An operator changes root's account by hand.",
            matches: ["passwd root", "passwd -d root", "sudo usermod -L root", "chsh -s /sbin/nologin root"],
            mustNotMatch: ["passwd guest", "id root"]
          },
          {
            id: "deny.flush-firewall", decision: "deny", program: ["iptables", "ip6tables", "iptables-nft", "iptables-legacy"],
            flags: ["-F --flush"],
            reason: "It drops all rules of a chain or of the firewall at once, and can lock everybody out.",
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
            id: "deny.lock-out", decision: "deny", program: ["iptables", "ip6tables", "iptables-nft", "firewall-cmd", "nft"],
            anyArgument: ["--panic-on"],
            reason: "It drops all connections at once, this one too.",
            hint: "Block the one address that is to be blocked.",
            matches: ["firewall-cmd --panic-on"],
            mustNotMatch: ["firewall-cmd --state"]
          },
          {
            id: "deny.policy-drop", decision: "deny", program: ["iptables", "ip6tables", "iptables-nft", "iptables-legacy"],
            flags: ["-P --policy"], words: ["INPUT", "DROP|REJECT"],
            reason: "It drops all connections that no rule lets in, which can lock everybody out.",
            hint: "Look first with iptables -S; block the one address that is to be blocked.",
            matches: ["iptables -P INPUT DROP"],
            mustNotMatch: ["iptables -P INPUT ACCEPT", "iptables -S INPUT"]
          },
          {
            id: "deny.wipe-history", decision: "deny", program: "history", flags: ["-c -d -w"],
            reason: "It changes the record of what was done.",
            hint: "Leave the history as it is.",
            matches: ["history -c", "history -cw", "history -d 5"],
            mustNotMatch: ["history"]
          },
          {
            id: "deny.remove-history", decision: "deny", program: ["rm", "truncate", "unlink", "shred", "ln"],
            anyArgument: ["*/.bash_history", "~/.bash_history", ".bash_history", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/log/audit", "/var/log/audit/*", "/var/log/secure", "/var/log/auth.log"],
            reason: "It removes the record of what was done.",
            hint: "Leave the record as it is; logrotate keeps it small.",
            matches: ["rm -f ~/.bash_history", "truncate -s 0 /var/log/wtmp", "ln -sf /dev/null /root/.bash_history", "rm /var/log/secure"],
            mustNotMatch: ["rm /var/log/nginx/access.log.9.gz", "ls /var/log/wtmp"]
          },
          {
            id: "deny.truncate-record", decision: "deny",
            writes: ["/root/.bash_history", "/home/*/.bash_history", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/log/audit/*", "/var/log/secure", "/var/log/auth.log"],
            reason: "It changes the record of what was done.",
            hint: "Leave the record as it is; logrotate keeps it small.",
            matches: ["> /var/log/wtmp", "cat /dev/null > /root/.bash_history"],
            mustNotMatch: ["echo x > /var/log/app.log"]
          },
          {
            id: "deny.stop-server", decision: "deny", program: ["systemctl", "service"],
            words: ["stop|disable|mask|kill|isolate|edit|revert|set-property|clean|freeze"],
            anyArgument: ["deckhand", "deckhand.service", "deckhand.socket", "deckhand*"],
            reason: "It would stop the server that runs this command, or keep it from starting.",
            hint: "An operator does this by hand.",
            matches: ["systemctl stop deckhand", "sudo systemctl --now disable deckhand.service", "systemctl mask deckhand", "systemctl kill deckhand"],
            mustNotMatch: ["systemctl status deckhand", "systemctl stop nginx"]
          },
          {
            id: "deny.stop-server-service", decision: "deny", program: ["service", "rc-service"],
            words: ["deckhand", "stop"],
            reason: "It would stop the server that runs this command.",
            hint: "An operator does this by hand.",
            matches: ["service deckhand stop"],
            mustNotMatch: ["service deckhand status", "service nginx stop"]
          },
          {
            id: "deny.kill-server", decision: "deny", program: ["pkill", "killall", "skill"], anyArgument: ["deckhand*"],
            reason: "It would end the server that runs this command.",
            hint: "An operator does this by hand.",
            matches: ["pkill deckhand", "killall -9 deckhand-runner", "pkill -9 -f deckhand"],
            mustNotMatch: ["pkill php-fpm", "pgrep deckhand"]
          },
          {
            id: "deny.manage-server", decision: "deny", program: ["deckhand"],
            words: ["user|token|policy|approve|approvals|restore|serve|migrate|share"],
            reason: "Who may use this server, and what may be run, is decided by people.",
            hint: "An operator does this in a terminal or in the console.",
            matches: ["deckhand user add eve", "/usr/bin/deckhand token create --shell", "sudo deckhand user passwd root"],
            mustNotMatch: ["deckhand tickets", "deckhand version", "deckhand check"]
          },
          {
            id: "deny.stop-ssh", decision: "deny", program: "systemctl", words: ["stop|disable|mask|kill", "ssh|sshd|ssh.service|sshd.service|ssh.socket|sshd.socket"],
            reason: "Nobody could reach the machine by SSH any more.",
            hint: "Test and reload instead: sshd -t, then systemctl reload sshd.",
            matches: ["systemctl stop sshd", "sudo systemctl disable --now ssh.service"],
            mustNotMatch: ["systemctl reload sshd", "systemctl stop nginx"]
          },
          {
            id: "deny.stop-ssh-service", decision: "deny", program: ["service", "chkconfig", "update-rc.d", "invoke-rc.d"],
            words: ["ssh|sshd", "stop|off|disable|remove"],
            reason: "Nobody could reach the machine by SSH any more.",
            hint: "Test and reload instead: sshd -t, then service sshd reload.",
            matches: ["service sshd stop", "chkconfig sshd off"],
            mustNotMatch: ["service sshd restart", "service nginx stop"]
          },
          {
            id: "deny.power-off", decision: "deny", program: ["halt", "poweroff"],
            reason: "It ends the machine, which nobody can start again from here.",
            hint: "To start it anew use reboot, which is asked for. An operator ends machines by hand.",
            matches: ["poweroff", "sudo halt -p"],
            mustNotMatch: ["reboot"]
          },
          {
            id: "deny.shutdown", decision: "deny", program: "shutdown",
            words: ["*"], anyArgument: ["-h", "-P", "-H", "--halt", "--poweroff", "-hP", "-Ph", "-hf"],
            reason: "It ends the machine, which nobody can start again from here.",
            hint: "To start it anew use shutdown -r, which is asked for. An operator ends machines by hand.",
            matches: ["shutdown -h now", "sudo shutdown -P +1"],
            mustNotMatch: ["shutdown -r now", "shutdown -c"]
          },
          {
            id: "deny.plain-shutdown", decision: "deny", program: "shutdown", args: ["*"],
            reason: "It ends the machine, which nobody can start again from here.",
            hint: "To start it anew use shutdown -r, which is asked for. An operator ends machines by hand.",
            matches: ["shutdown now", "shutdown +5"],
            mustNotMatch: ["shutdown -c", "shutdown -r now"]
          },
          {
            id: "deny.power-off-unit", decision: "deny", program: ["systemctl", "init", "telinit", "loginctl"],
            words: ["poweroff|halt|0|suspend|hibernate|hybrid-sleep|emergency|rescue|poweroff.target|halt.target|emergency.target|rescue.target"],
            reason: "It ends the machine or takes it off the network.",
            hint: "To start it anew use reboot, which is asked for. An operator ends machines by hand.",
            matches: ["systemctl poweroff", "init 0", "telinit 0", "systemctl isolate rescue.target", "systemctl --force halt"],
            mustNotMatch: ["systemctl reboot", "init 6", "systemctl status x"]
          },
          {
            id: "deny.kill-first", decision: "deny", program: "kill", words: ["1"],
            reason: "Process 1 is the system itself.",
            hint: "Name the one process that is to end: kill PID.",
            matches: ["kill 1", "kill -9 1", "kill -s KILL 1"],
            mustNotMatch: ["kill -1 1234", "kill 12"]
          },
          {
            id: "deny.kill-all", decision: "deny", program: "kill", args: ["-*", "-1"],
            reason: "It ends every process at once.",
            hint: "Name the one process that is to end: kill PID.",
            matches: ["kill -9 -1", "sudo kill -KILL -1", "kill -- -1"],
            mustNotMatch: ["kill -1 1234", "kill -9 1234"]
          },
          {
            id: "deny.kill-all-named", decision: "deny", program: "kill", words: ["*"], anyArgument: ["-1"], flags: ["-s"],
            reason: "It ends every process at once.",
            hint: "Name the one process that is to end: kill PID.",
            matches: ["kill -s KILL -1", "kill -s 9 -- -1"],
            mustNotMatch: ["kill -1 1234", "kill -s HUP 1234"]
          },
          {
            id: "deny.kill-everything", decision: "deny", program: "killall5",
            reason: "It ends every process at once.",
            hint: "Name the one process that is to end: kill PID.",
            matches: ["killall5 -9"],
            mustNotMatch: ["killall nginx"]
          },
          {
            id: "deny.kill-root", decision: "deny", program: ["pkill", "killall", "skill"], flags: ["-u -U -t --euid --uid --user"], anyArgument: ["root", "0"],
            reason: "It ends every process of root.",
            hint: "Name the one program that is to end: pkill NAME.",
            matches: ["pkill -u root", "killall -9 -u root"],
            mustNotMatch: ["pkill -u guest", "pkill nginx"]
          },
          {
            id: "deny.kill-system", decision: "deny", program: ["pkill", "killall"], anyArgument: ["systemd", "init", "sshd", ".", ".*", "systemd*", "^", "dbus-daemon"],
            reason: "It ends a part of the system that everything else needs.",
            hint: "Name the one program that is to end: pkill NAME.",
            matches: ["pkill -9 systemd", "killall sshd", "pkill -9 ."],
            mustNotMatch: ["pkill php-fpm", "killall nginx"]
          },
          {
            id: "deny.remove-crontab", decision: "deny", program: "crontab", flags: ["-r"],
            reason: "It removes all timed jobs of a user at once.",
            hint: "Look first with crontab -l, then change the one line.",
            matches: ["crontab -r", "crontab -u www-data -r", "sudo crontab -ir"],
            mustNotMatch: ["crontab -l", "crontab -e"]
          }
        ]
        """#
}
