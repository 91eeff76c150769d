extension BuiltInPolicy {
    /// Services and their logs.
    static let unitsText = #"""
        [
          {
            id: "allow.unit-status", decision: "allow", program: "systemctl",
            options: "-laqr -n:number -t:word -o:word --no-pager --full --all --failed --quiet --plain --no-legend --lines:number \#
        --type:word --state:word --output:word --recursive --reverse --after --before --system --no-ask-password --no-page",
            operands: [
              "",
              "=status|is-active|is-enabled|is-failed|list-dependencies|list-units|list-unit-files|list-timers|list-sockets|\#
        list-jobs|list-paths|list-automounts|is-system-running|get-default text*"
            ],
            reason: "It shows the state of services.",
            matches: [
              "systemctl status nginx", "systemctl is-active php-fpm mariadb", "systemctl list-units --type=service --state=failed",
              "systemctl --failed", "systemctl --no-pager -l status 'php*'", "systemctl list-timers --all", "systemctl"
            ],
            mustNotMatch: [
              "systemctl restart nginx", "systemctl edit nginx", "systemctl cat nginx", "systemctl -H host status",
              "systemctl --root=/tmp list-unit-files", "systemctl set-property nginx x=1", "systemctl show nginx", "systemctl --user status"
            ]
          },
          {
            id: "allow.unit-properties", decision: "allow", program: "systemctl", flags: ["-p --property"],
            values: {
              properties: [
                "ActiveState", "SubState", "LoadState", "UnitFileState", "MainPID", "ExecMainPID", "ExecMainStatus", "ExecMainCode",
                "Result", "NRestarts", "ActiveEnterTimestamp", "InactiveEnterTimestamp", "StateChangeTimestamp", "FragmentPath",
                "DropInPaths", "MemoryCurrent", "MemoryMax", "MemoryHigh", "MemoryPeak", "CPUUsageNSec", "TasksCurrent", "TasksMax",
                "LimitNOFILE", "LimitNPROC", "LimitCORE", "Restart", "RestartUSec", "RestartSec", "User", "Group", "Id", "Names",
                "Description", "Type", "Wants", "Requires", "After", "Before", "ConditionResult", "TimeoutStartUSec",
                "TimeoutStopUSec", "OOMPolicy", "WorkingDirectory", "PrivateTmp", "ProtectHome", "ProtectSystem", "ControlGroup", "Slice"
              ]
            },
            options: "-p:<properties,> --property:<properties,> --value --no-pager", operands: "=show word*",
            reason: "It shows properties of services that hold no secrets.",
            matches: ["systemctl show nginx -p MainPID,ActiveState", "systemctl show --property=NRestarts --value php-fpm"],
            mustNotMatch: ["systemctl show nginx", "systemctl show -p Environment nginx", "systemctl show -p MainPID,ExecStart nginx"]
          },
          {
            id: "allow.journal", decision: "allow", program: "journalctl",
            values: { formats: ["short*", "cat", "json", "json-pretty", "verbose", "with-unit"], priorities: ["[0-7]", "[a-z]*"] },
            options: "-abefkqrxl -# -n:number -u:text -p:<priorities> -S:any -U:any -o:<formats> -g:any -t:text --no-pager --unit:text \#
        --lines:number --since:any --until:any --priority:<priorities> --output:<formats> --grep:any --identifier:text --boot \#
        --dmesg --reverse --follow --utc --no-hostname --all --catalog --pager-end --quiet --disk-usage --list-boots --no-tail \#
        --no-full --full --merge --system --case-sensitive",
            operands: "text*",
            reason: "It shows the log of services.",
            matches: [
              "journalctl -u nginx -n 100 --no-pager", "journalctl -xe", "journalctl -b -1 -p err", "journalctl --since '1 hour ago' -u sshd",
              "journalctl --disk-usage", "journalctl -fu php-fpm", "journalctl _PID=1"
            ],
            mustNotMatch: [
              "journalctl --vacuum-size=1M", "journalctl --vacuum-time=1s", "journalctl --rotate", "journalctl --flush",
              "journalctl --file=/etc/shadow", "journalctl -D /tmp", "journalctl --cursor-file=/etc/passwd", "journalctl --setup-keys",
              "journalctl --update-catalog", "journalctl --sync", "journalctl --relinquish-var", "journalctl --root=/tmp", "journalctl --vacuum-f=1"
            ]
          },
          {
            id: "allow.service-status", decision: "allow", program: "service", operands: "word =status",
            reason: "It shows the state of a service.",
            matches: ["service nginx status", "service httpd status"],
            mustNotMatch: ["service nginx restart", "service ../x status", "service nginx --full-restart", "service status"]
          },
          {
            id: "allow.login-sessions", decision: "allow", program: "loginctl", options: "--no-pager --no-legend",
            operands: ["", "=list-sessions|list-users|list-seats", "=session-status|user-status word*"],
            reason: "It shows who is signed in.",
            matches: ["loginctl", "loginctl list-sessions", "loginctl user-status root"],
            mustNotMatch: ["loginctl terminate-user root", "loginctl show-session 1 -p x"]
          },
          {
            id: "allow.boot-time", decision: "allow", program: "systemd-analyze", options: "--no-pager",
            operands: ["=time|blame|critical-chain?"],
            reason: "It shows what the start of the machine took.",
            matches: ["systemd-analyze", "systemd-analyze blame"],
            mustNotMatch: ["systemd-analyze set-log-level debug", "systemd-analyze cat-config x", "systemd-analyze verify /tmp/x"]
          },
          {
            id: "allow.control-groups", decision: "allow", program: ["systemd-cgls"], options: "-al --no-pager --full",
            reason: "It shows the control groups.",
            matches: ["systemd-cgls --no-pager"],
            mustNotMatch: ["systemd-cgls -M x"]
          },
          {
            id: "allow.run-levels", decision: "allow", program: "chkconfig", options: "--list", operands: "word?", flags: ["--list"],
            reason: "It lists what is started with the machine.",
            matches: ["chkconfig --list", "chkconfig --list httpd"],
            mustNotMatch: ["chkconfig httpd off", "chkconfig --add x"]
          }
        ]
        """#
}
