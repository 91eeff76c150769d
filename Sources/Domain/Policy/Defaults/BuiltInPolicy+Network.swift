extension BuiltInPolicy {
    /// Addresses, sockets, names, firewalls.
    static let networkText = #"""
        [
          {
            id: "allow.ip", decision: "allow", program: "ip", style: "words", options: "-4 -6 -br -brief -s -d -o -j -p -c -details -stats -json -pretty",
            operands: [
              "=a|ad|addr|address|l|link|r|ro|route|ru|rule|n|neigh|neighbor|neighbour|maddr|maddress|netns|tunnel",
              "=a|ad|addr|address|l|link|r|ro|route|ru|rule|n|neigh|neighbor|neighbour|maddr|maddress|tunnel =show|list|lst|ls text*",
              "=netns =list", "=r|ro|route =get text+"
            ],
            reason: "It shows addresses and routes.",
            matches: ["ip a", "ip -br addr show", "ip -s link show dev eth0", "ip route get 8.8.8.8", "ip -4 -o addr", "ip rule list", "ip netns list"],
            mustNotMatch: [
              "ip netns exec x sh", "ip addr add 1.2.3.4/24 dev eth0", "ip link set eth0 down", "ip l s eth0 down", "ip route flush all",
              "ip -b /etc/shadow", "ip -batch -", "ip -n x a", "ip route del default", "ip vrf exec x id", "ip netns add x", "ip a f"
            ]
          },
          {
            id: "allow.ss", decision: "allow", program: "ss",
            options: "-HtulpnaeomiswxOrd460 -f:word -A:word --tcp --udp --listening --processes --numeric --all --summary --extended --no-header",
            operands: "text*",
            reason: "It lists sockets.",
            matches: ["ss -tulpn", "ss -s", "ss -tn state established '( dport = :443 )'", "ss -ltnp sport = :80"],
            mustNotMatch: ["ss -K dst 1.2.3.4", "ss --kill", "ss -D /etc/passwd", "ss -F /etc/shadow", "ss -N x", "ss -tK"]
          },
          {
            id: "allow.netstat", decision: "allow", program: "netstat", options: "-tulpnaesrigcWo46xw --tcp --udp --listening --numeric --all",
            reason: "It lists sockets.",
            matches: ["netstat -tulpn", "netstat -rn"],
            mustNotMatch: ["netstat x"]
          },
          {
            id: "allow.interfaces", decision: "allow", program: ["ifconfig", "route", "arp"], options: "-asn",
            reason: "It shows interfaces and routes.",
            matches: ["ifconfig", "ifconfig -a", "route -n", "arp -an"],
            mustNotMatch: ["ifconfig eth0 down", "route add default gw x", "arp -d x", "arp -f /etc/shadow"]
          },
          {
            id: "allow.interface", decision: "allow", program: "ethtool", operands: "word",
            reason: "It shows an interface.",
            matches: ["ethtool eth0"],
            mustNotMatch: ["ethtool -s eth0 speed 10", "ethtool"]
          },
          {
            id: "allow.network-manager", decision: "allow", program: ["nmcli", "networkctl", "resolvectl"],
            options: "--no-pager",
            operands: ["=status|general|list|statistics", "=device|dev|connection|con|general =status|show"],
            reason: "It shows the state of the network.",
            matches: ["nmcli device status", "nmcli con show", "resolvectl status", "networkctl list"],
            mustNotMatch: ["nmcli con show x -s", "nmcli con down x", "nmcli -s con show x", "resolvectl flush-caches"]
          },
          {
            id: "allow.dig", decision: "allow", program: "dig", style: "words",
            values: {
              // Names, servers, and the flags that open no files.
              words: [
                "@[A-Za-z0-9]*", "[A-Za-z0-9_.*]*", "+short", "+trace", "+noall", "+answer", "+authority", "+additional", "+stats",
                "+comments", "+question", "+dnssec", "+tcp", "+notcp", "+norecurse", "+recurse", "+multiline", "+nssearch", "+ttlid",
                "+nostats", "+nocmd", "+nocomments", "+noquestion", "+noadditional", "+noauthority", "+norec", "+time=[0-9]",
                "+tries=[0-9]", "+retry=[0-9]", "+cdflag"
              ]
            },
            options: "-4 -6 -x:word -t:word -p:number -c:word -q:word", operands: "<words>*",
            reason: "It asks name servers.",
            matches: ["dig example.com", "dig +short MX example.com @1.1.1.1", "dig -x 8.8.8.8 +noall +answer", "dig example.com -t TXT"],
            mustNotMatch: ["dig -f /etc/shadow", "dig -k /etc/rndc.key x", "dig +tls-keyfile=/etc/shadow x", "dig -y a:b:c x"]
          },
          {
            id: "allow.host", decision: "allow", program: ["host", "nslookup", "whois"], style: "words",
            options: "-a -v -4 -6 -t:word -W:number -type=mx -type=MX -type=txt -type=TXT -type=ns -type=NS -type=a -type=A -type=aaaa \#
        -type=AAAA -type=soa -type=SOA -type=any -type=ptr -type=caa -type=CAA -type=cname -query=mx -query=txt -query=ns",
            operands: ["word word?"],
            reason: "It asks name servers.",
            matches: ["host -t mx example.com", "nslookup example.com 1.1.1.1", "nslookup -type=txt example.com", "whois example.com"],
            mustNotMatch: ["host", "nslookup", "nslookup -", "host -t mx /etc/shadow", "whois -h evil.example x"]
          },
          {
            id: "allow.ping", decision: "allow", program: ["ping", "ping6"], flags: ["-c"],
            options: "-nqvD46 -c:number -W:number -w:number -i:number -s:number", operands: "word",
            reason: "It looks whether a host answers.",
            matches: ["ping -c 3 8.8.8.8", "ping -c1 -W2 example.com"],
            mustNotMatch: ["ping example.com", "ping -f -c 3 x", "ping -c 3 -l 65536 x"]
          },
          {
            id: "allow.trace", decision: "allow", program: ["traceroute", "tracepath", "traceroute6"],
            targets: ["traceroute.db"], options: "-n46IT -m:number -w:number -q:number", operands: "word",
            reason: "It shows the way to a host.",
            matches: ["traceroute -n 8.8.8.8", "tracepath example.com"],
            mustNotMatch: ["traceroute", "traceroute --module=x y"]
          },
          {
            id: "allow.mtr", decision: "allow", program: "mtr", flags: ["-r --report"],
            options: "-rnwbz46 -c:number --report --report-cycles:number --no-dns", operands: "word",
            reason: "It shows the way to a host.",
            matches: ["mtr -rn -c 5 example.com", "mtr --report example.com"],
            mustNotMatch: ["mtr example.com", "mtr -r -F /etc/shadow"]
          },
          {
            id: "allow.port-check", decision: "allow", program: ["nc", "netcat"], targets: ["nc.openbsd", "nc.traditional", "ncat"],
            flags: ["-z"], options: "-zvnu46 -w:number", operands: "word number",
            reason: "It looks whether a port is open.",
            matches: ["nc -zv 127.0.0.1 3306", "nc -z -w 2 example.com 443"],
            mustNotMatch: ["nc -e /bin/sh x 1", "nc -l 80", "nc x 80", "nc -zc sh x 1"]
          },
          {
            id: "allow.local-headers", decision: "allow", program: "curl", flags: ["-I --head"],
            values: { urls: ["http://localhost", "http://localhost/", "https://localhost", "https://localhost/", "http://127.0.0.1", "http://127.0.0.1/",
                             "https://127.0.0.1", "https://127.0.0.1/", "localhost", "127.0.0.1"] },
            options: "-IskvS4 -m:number --head --silent --insecure --max-time:number --show-error --connect-timeout:number", operands: "<urls>",
            reason: "It asks this machine's web server for the headers of its first page.",
            matches: ["curl -sI http://localhost/", "curl -Ik --max-time 5 https://127.0.0.1"],
            mustNotMatch: [
              "curl http://localhost/", "curl -I http://localhost:2030/", "curl -I http://example.com/", "curl -I file:///etc/shadow",
              "curl -I http://localhost/ http://example.com/", "curl -sI -o /etc/passwd http://localhost/", "curl -I -K /tmp/x http://localhost/",
              "curl -I http://localhost@evil.example/", "curl -I http://localhost/logout"
            ]
          },
          {
            id: "allow.packet-filter", decision: "allow", fileSystem: "writable", program: ["iptables", "ip6tables", "iptables-nft", "iptables-legacy"],
            targets: ["xtables-nft-multi", "xtables-legacy-multi", "xtables-multi"], flags: ["-L -S --list --list-rules"],
            options: "-LSnvx -t:word --list --list-rules --numeric --verbose --line-numbers --exact", operands: "word?",
            reason: "It lists the rules of the firewall.",
            matches: ["iptables -L -n -v", "iptables -S INPUT", "iptables -t nat -nL --line-numbers"],
            mustNotMatch: ["iptables -F", "iptables -A INPUT -j DROP", "iptables -LZ", "iptables -L -Z", "iptables -n", "iptables -P INPUT DROP"]
          },
          {
            id: "allow.nftables", decision: "allow", program: "nft", options: "-an", operands: "=list =ruleset|tables|chains",
            reason: "It lists the rules of the firewall.",
            matches: ["nft list ruleset", "nft -a list tables"],
            mustNotMatch: ["nft flush ruleset", "nft -f /etc/shadow", "nft add table x", "nft -i", "nft 'list ruleset; flush ruleset'"]
          },
          {
            id: "allow.firewalls", decision: "allow", fileSystem: "writable", program: ["ufw", "fail2ban-client", "csf"],
            operands: ["=status", "=status =verbose|numbered", "=status word", "=ping|version"],
            reason: "It shows the state of the firewall.",
            matches: ["ufw status", "ufw status numbered", "fail2ban-client status sshd"],
            mustNotMatch: ["ufw disable", "fail2ban-client set sshd unbanip 1.2.3.4", "csf -x", "csf -d 1.2.3.4"]
          },
          {
            id: "allow.firewalld", decision: "allow", program: "firewall-cmd",
            options: "--state --list-all --list-all-zones --list-ports --list-services --list-rich-rules --get-active-zones --get-default-zone \#
        --get-zones --permanent --zone:word",
            flags: ["--state --list-all --list-all-zones --list-ports --list-services --list-rich-rules --get-active-zones --get-default-zone --get-zones"],
            reason: "It shows the state of the firewall.",
            matches: ["firewall-cmd --list-all", "firewall-cmd --state", "firewall-cmd --permanent --zone=public --list-ports"],
            mustNotMatch: ["firewall-cmd --reload", "firewall-cmd --add-port=80/tcp", "firewall-cmd --panic-on"]
          }
        ]
        """#
}
