extension BuiltInPolicy {
    /// Programs that show what a machine is and does.
    static let systemText = #"""
        [
          {
            // A value that ps does not know makes it read all its options in the other style, in which e shows environments.
            id: "allow.ps", decision: "allow", program: "ps",
            values: {
              letters: { only: "axufwlhjTrmnv" },
              users: ["root", "www-data", "nginx", "mysql", "nobody", "daemon", "[0-9]", "[0-9][0-9]"],
              sort: ["[-+]%cpu", "[-+]%mem", "[-+]rss", "[-+]pid", "[-+]vsz", "[-+]pcpu", "[-+]pmem", "%cpu", "%mem", "rss", "pid",
                     "vsz", "pcpu", "pmem", "start_time", "-start_time", "[-+]etimes", "etimes"],
              pids: { only: "0123456789," },
              columns: [
                "pid", "ppid", "pgid", "sid", "tid", "lwp", "nlwp", "user", "ruser", "uid", "gid", "group", "comm", "cmd", "args",
                "command", "rss", "vsz", "sz", "size", "%cpu", "%mem", "pcpu", "pmem", "c", "cp", "etime", "etimes", "time",
                "cputime", "lstart", "start", "start_time", "stime", "stat", "state", "s", "tty", "tt", "tname", "ni", "nice", "pri",
                "psr", "wchan", "cgroup", "unit", "slice", "cls", "rtprio", "maj_flt", "min_flt", "drs", "trs", "fname", "ucmd",
                "pid=", "ppid=", "comm=", "args=", "cmd=", "user=", "rss=", "vsz=", "%cpu=", "%mem=", "etime=", "etimes=", "stat=",
                "user:[1-9]", "user:[1-9][0-9]", "comm:[1-9][0-9]", "cgroup:[1-9][0-9]", "unit:[1-9][0-9]"
              ]
            },
            options: "-AadeFfHlLjw -u:<users> -p:<pids> -q:<pids> -o:<columns,> --sort:<sort,> --pid:<pids> --ppid:<pids> \#
        --forest --no-headers --headers --width:<pids>",
            operands: ["<letters>? <pids>*"],
            reason: "It lists processes.",
            matches: ["ps aux", "ps -ef", "ps auxf --sort=-%mem", "ps -eo pid,ppid,user:20,%cpu,args --sort -rss", "ps -p 1,2 -o comm="],
            mustNotMatch: ["ps e", "ps auxe", "ps auxeww", "ps -auxe", "ps axE", "ps -ex", "ps -eaux", "ps -efT --forest", "ps -C e --sort=x", "ps -u xe", "ps -eo pid,environ"]
          },
          {
            id: "allow.ps-dash", decision: "allow", program: "ps", args: ["-aux"],
            reason: "It lists processes.",
            matches: ["ps -aux"],
            mustNotMatch: ["ps -auxe"]
          },
          {
            id: "allow.ps-command", decision: "allow", program: "ps",
            values: {
              names: ["httpd", "nginx", "apache2", "mysqld", "mariadbd", "php-fpm", "php-fpm[0-9]*[0-9]", "sshd", "named", "cwpsrv", "cron", "crond"],
              columns: ["pid", "ppid", "user", "comm", "cmd", "args", "rss", "vsz", "%cpu", "%mem", "etime", "lstart", "stat", "nlwp",
                        "pid=", "rss=", "args="]
            },
            options: "-f -C:<names,> -o:<columns,> --no-headers",
            reason: "It lists the processes of a program.",
            matches: ["ps -C nginx -o pid,rss,args", "ps -fC httpd"],
            mustNotMatch: ["ps -C e", "ps -C nginx -o environ", "ps -C nginx e"]
          },
          {
            id: "allow.top", decision: "allow", program: "top", flags: ["-b"],
            values: { sort: ["[-+]%CPU", "[-+]%MEM", "%CPU", "%MEM", "[-+]PID", "RES", "+RES", "-RES", "TIME+", "-TIME+"] },
            options: "-bciHS1 -n:number -d:number -w:number -p:number -o:<sort>",
            reason: "It shows the busiest processes.",
            matches: ["top -b -n1", "top -bn1 -o %MEM", "top -bcn 1 -w 200"],
            mustNotMatch: ["top", "top -n1", "top -b -u x"]
          },
          {
            id: "allow.process-search", decision: "allow", program: ["pgrep", "pidof", "pstree"],
            targets: ["killall5"], options: "-aflxcpns", operands: "text?",
            reason: "It finds processes.",
            matches: ["pgrep -af php-fpm", "pidof nginx", "pstree -ap", "pgrep -c httpd"],
            mustNotMatch: ["pgrep -F /etc/shadow", "pgrep --signal 9 x", "pkill x"]
          },
          {
            id: "allow.load", decision: "allow", program: ["uptime", "free", "w", "vmstat", "iostat", "mpstat", "nproc", "arch", "users"],
            targets: ["w.procps"], options: "-aghimbktwxyzfspuno -P:word --si -d --all",
            operands: "number? number?",
            reason: "It shows how busy the machine is.",
            matches: ["uptime -p", "free -m", "w", "vmstat 1 3", "iostat -xz 1 2", "mpstat -P ALL", "nproc --all"],
            mustNotMatch: ["iostat -o JSON x", "free --unknown"]
          },
          {
            id: "allow.who", decision: "allow", program: ["who", "whoami", "id", "groups", "lastlog", "logname"],
            options: "-abdHlmnpqrstTuwgGzn", operands: "word*",
            reason: "It shows who is there.",
            matches: ["whoami", "id www-data", "id -un", "who -a", "groups root"],
            mustNotMatch: ["lastlog --clear --user x", "who /var/log/btmp"]
          },
          {
            id: "allow.last", decision: "allow", program: "last",
            options: "-adFiRwx -n:number -s:any -t:any -p:any -# --since:any --until:any", operands: "word*",
            reason: "It shows who was there.",
            matches: ["last -n 10", "last -20 root", "last -x reboot"],
            mustNotMatch: ["last -f /var/log/btmp", "lastb"]
          },
          {
            id: "allow.accounts", decision: "allow", program: "getent",
            operands: ["=passwd|group|hosts|ahosts|ahostsv4|ahostsv6|services|protocols|networks word*"],
            reason: "It looks up accounts, hosts and services.",
            matches: ["getent passwd root", "getent hosts example.com", "getent ahosts localhost"],
            mustNotMatch: ["getent shadow", "getent gshadow root", "getent -s files shadow"]
          },
          {
            id: "allow.system-name", decision: "allow", program: "uname", options: "-asnrvmpio",
            reason: "It shows the system's name and version.",
            matches: ["uname -a", "uname -r"],
            mustNotMatch: ["uname x"]
          },
          {
            id: "allow.host-name", decision: "allow", program: "hostname", options: "-fisdIA --fqdn --all-ip-addresses --short",
            reason: "It shows the host's name.",
            matches: ["hostname", "hostname -f", "hostname -I"],
            mustNotMatch: ["hostname evil", "hostname -F /etc/shadow", "hostname -b x"]
          },
          {
            id: "allow.controls", decision: "allow", program: ["hostnamectl", "timedatectl", "localectl"],
            options: "--no-pager", operands: "=status?",
            reason: "It shows settings of the system.",
            matches: ["hostnamectl", "timedatectl status"],
            mustNotMatch: ["hostnamectl set-hostname x", "timedatectl set-time 10:00", "hostnamectl -H x status"]
          },
          {
            id: "allow.date", decision: "allow", program: "date", values: { format: ["+*"] },
            options: "-uRI -d:any -r:name --utc --date:any --iso-8601 --rfc-3339:date|seconds|ns --rfc-email", operands: "<format>?",
            reason: "It shows the time.",
            matches: ["date", "date -u +%FT%TZ", "date -d '1 hour ago' '+%F %T'", "date -R"],
            mustNotMatch: ["date 010203042030", "date -s 10:00", "date --set=10:00", "date -us x", "date -f /etc/shadow"]
          },
          {
            id: "allow.calendar", decision: "allow", program: ["cal", "locale", "tty", "lscpu", "lsmem", "lsipc", "lsmod", "sestatus", "getenforce"],
            targets: ["ncal", "kmod"], options: "-abevp3",
            reason: "It shows facts of the machine.",
            matches: ["lscpu", "lsmod", "sestatus -v", "getenforce", "locale -a", "cal -3"],
            mustNotMatch: ["lscpu -s /tmp", "cal -A 1"]
          },
          {
            id: "allow.hardware", decision: "allow", program: ["lspci", "lsusb", "modinfo", "getconf", "lsb_release"],
            options: "-vknatdrc", operands: "word?",
            reason: "It shows facts of the machine.",
            matches: ["lspci -nnk", "lsb_release -a", "getconf PAGE_SIZE", "modinfo ext4"],
            mustNotMatch: ["lspci -F /etc/shadow", "lspci -p /tmp/x", "modinfo -b /tmp x"]
          },
          {
            id: "allow.block-devices", decision: "allow", program: "lsblk",
            options: "-abdfilmnprstJTPS -o:text -e:number -I:number -x:word --output:text --json --fs --nodeps --bytes --noheadings",
            operands: "name*",
            reason: "It lists disks.",
            matches: ["lsblk -f", "lsblk -o NAME,SIZE,MOUNTPOINT", "lsblk /dev/sda"],
            mustNotMatch: ["lsblk --sysroot /tmp"]
          },
          {
            id: "allow.mounts", decision: "allow", program: ["mount", "swapon"], options: "-l -s --show",
            reason: "It lists what is mounted.",
            matches: ["mount", "mount -l", "swapon --show"],
            mustNotMatch: ["mount /dev/sdb1 /mnt", "mount -a", "mount -o remount,rw /", "swapon -a", "swapon /dev/sdb"]
          },
          {
            id: "allow.find-mounts", decision: "allow", program: "findmnt",
            options: "-abcCDefiJklnPrRvyA -t:word -o:text -T:name -S:text -M:name --df --verify --json --real --target:name",
            operands: "name*",
            reason: "It lists what is mounted.",
            matches: ["findmnt", "findmnt -t ext4,xfs", "findmnt --df", "findmnt -T /var/log"],
            mustNotMatch: ["findmnt -F /etc/shadow", "findmnt --tab-file /etc/shadow"]
          },
          {
            id: "allow.kernel-log", decision: "allow", program: "dmesg",
            options: "-TwWkurtdexLP -l:word -f:word --level:word --facility:word --since:any --until:any --ctime --follow \#
        --color[:auto|always|never] --nopager --kernel --userspace --time-format:word",
            reason: "It shows messages of the kernel.",
            matches: ["dmesg -T", "dmesg --level=err,warn", "dmesg -Tx --since '1 hour ago'"],
            mustNotMatch: ["dmesg -C", "dmesg -c", "dmesg -Tc", "dmesg --clear", "dmesg --read-clear", "dmesg -n 1", "dmesg -D", "dmesg -F /etc/shadow"]
          },
          {
            id: "allow.kernel-settings", decision: "allow", program: "sysctl",
            values: {
              keys: [
                "vm.swappiness", "vm.overcommit_memory", "vm.overcommit_ratio", "vm.max_map_count", "vm.dirty_ratio",
                "vm.dirty_background_ratio", "vm.vfs_cache_pressure", "fs.file-max", "fs.file-nr", "fs.inotify.max_user_watches",
                "fs.inotify.max_user_instances", "fs.nr_open", "kernel.hostname", "kernel.osrelease", "kernel.pid_max",
                "kernel.threads-max", "kernel.panic", "kernel.shmmax", "kernel.shmall", "kernel.sem", "net.core.somaxconn",
                "net.core.netdev_max_backlog", "net.core.rmem_max", "net.core.wmem_max", "net.ipv4.ip_forward",
                "net.ipv4.tcp_syncookies", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse",
                "net.ipv4.tcp_keepalive_time", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
                "net.ipv4.tcp_congestion_control", "net.ipv6.conf.all.disable_ipv6", "net.netfilter.nf_conntrack_max",
                "net.netfilter.nf_conntrack_count"
              ]
            },
            options: "-n", operands: "<keys>+",
            reason: "It shows settings of the kernel.",
            matches: ["sysctl vm.swappiness", "sysctl -n fs.file-nr net.core.somaxconn"],
            mustNotMatch: ["sysctl -w vm.swappiness=1", "sysctl vm.swappiness=1", "sysctl -p", "sysctl -a", "sysctl --system"]
          },
          {
            id: "allow.variables", decision: "allow", program: "printenv",
            operands: "=PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_ALL|PWD|TZ|HOSTNAME|TERM+",
            reason: "It shows variables that hold no secrets.",
            matches: ["printenv PATH", "printenv LANG HOME"],
            mustNotMatch: ["printenv", "env", "printenv MYSQL_PWD"]
          },
          {
            id: "allow.open-files", decision: "allow", program: "lsof",
            options: "-nPtlRUbai -p:text -u:text -c:text -s:text -d:text", operands: "name*",
            reason: "It lists open files.",
            matches: ["lsof -nP -i :80", "lsof -p 1", "lsof /var/log/messages", "lsof -u www-data -a -i"],
            mustNotMatch: ["lsof -D r/tmp/x", "lsof -k /tmp/x", "lsof -m x"]
          },
          {
            id: "allow.open-sockets", decision: "allow", program: "lsof", flags: ["-i"],
            options: "-nPtlRUba -i:text -s:text -p:text -c:text -u:text",
            reason: "It lists open sockets.",
            matches: ["lsof -nP -iTCP:443 -sTCP:LISTEN", "lsof -i:80"],
            mustNotMatch: ["lsof -Di /tmp/x"]
          },
          {
            id: "allow.file-users", decision: "allow", program: "fuser", options: "-vmu46 -n:tcp|udp|file", operands: "name+",
            reason: "It lists who uses a file or port.",
            matches: ["fuser -v 80/tcp", "fuser -vm /var"],
            mustNotMatch: ["fuser -k 80/tcp", "fuser -ki /var", "fuser -KILL x", "fuser -vk /var"]
          }
        ]
        """#
}
