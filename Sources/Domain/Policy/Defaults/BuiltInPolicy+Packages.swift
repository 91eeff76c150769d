extension BuiltInPolicy {
    /// What is installed, and what could be.
    static let packagesText = #"""
        [
          {
            id: "allow.rpm", decision: "allow", fileSystem: "writable", program: "rpm", style: "words", flags: ["-q -qa -qi -ql -qc -qd -qR -qf -qai -qil -qli -qal"],
            options: "-q -qa -qi -ql -qc -qd -qR -qai -qil -qli -qal -qf:name --last --changelog --scripts --requires --provides --info --list \#
        --whatprovides:word --whatrequires:word --qf:text --queryformat:text --all",
            operands: "text*",
            reason: "It shows installed packages.",
            matches: ["rpm -qa", "rpm -qi nginx", "rpm -qf /usr/sbin/nginx", "rpm -q --queryformat '%{VERSION}\\n' php", "rpm -qa --last", "rpm -qa 'php*'"],
            mustNotMatch: [
              "rpm --eval '%(id)'", "rpm -E '%(id)'", "rpm -qa --pipe sh", "rpm -q --define 'x %(id)' y", "rpm -i x.rpm", "rpm -qp http://x/y.rpm",
              "rpm -e nginx", "rpm -qa --root /tmp", "rpm -Uvh x", "rpm --import x", "rpm -q --specfile x", "rpm -qa --macros /tmp/x", "rpm -V bash",
              "rpm --rebuilddb", "rpm -q -i x --dbpath /tmp", "rpm -q -D 'x y' z"
            ]
          },
          {
            id: "allow.dpkg", decision: "allow", program: ["dpkg", "dpkg-query"], style: "words",
            flags: ["-l -s -L -S -W --list --status --listfiles --search --get-selections --print-architecture --audit --show"],
            options: "-l -s -L -S -W --list --status --listfiles --search --get-selections --print-architecture --audit --show -f:any --showformat:any",
            operands: "text*",
            reason: "It shows installed packages.",
            matches: ["dpkg -l", "dpkg -s nginx", "dpkg -L nginx", "dpkg -S /usr/sbin/nginx", "dpkg-query -W -f '${Package}\\n'", "dpkg -l 'php*'"],
            mustNotMatch: [
              "dpkg -i x.deb", "dpkg -l --pre-invoke=id", "dpkg --pre-invoke=id -l", "dpkg -r x", "dpkg --root=/tmp -l", "dpkg -P x", "dpkg --configure -a",
              "dpkg", "dpkg --status-logger=id -l", "dpkg --admindir=/tmp -l", "dpkg --set-selections"
            ]
          },
          {
            id: "allow.apt", decision: "allow", fileSystem: "writable", program: "apt", options: "-a --installed --upgradable --upgradeable --all-versions",
            operands: "=list|show|policy|search|depends|rdepends|showsrc text*",
            reason: "It shows packages.",
            matches: ["apt list --installed", "apt show nginx", "apt policy php8.2-fpm", "apt list --upgradable"],
            mustNotMatch: [
              "apt install nginx", "apt update", "apt list -o APT::Update::Pre-Invoke::=id", "apt -c /tmp/x list", "apt list --option=x", "apt remove nginx",
              "apt changelog x", "apt download x", "apt edit-sources"
            ]
          },
          {
            id: "allow.apt-cache", decision: "allow", program: ["apt-cache", "apt-mark"], options: "-n --names-only --installed --no-all-versions",
            operands: "=policy|show|search|depends|rdepends|madison|showpkg|pkgnames|stats|showhold|showmanual|showauto word*",
            reason: "It shows packages.",
            matches: ["apt-cache policy nginx", "apt-cache madison php8.2", "apt-mark showhold"],
            mustNotMatch: ["apt-mark hold nginx", "apt-cache -o Dir::State=/tmp policy", "apt-cache gencaches", "apt-get install x", "apt-mark auto x"]
          },
          {
            id: "allow.yum", decision: "allow", fileSystem: "writable", program: ["yum", "dnf"], targets: ["dnf-[0-9]", "dnf5", "yum.real"],
            options: "-qCv --installed --available --updates --upgrades --all --enabled --disabled --showduplicates --quiet --cacheonly --extras",
            operands: [
              "=list|info|repolist|provides|whatprovides|search|repoinfo|updateinfo text*", "=history|updateinfo =list|info|summary? number*",
              "=module|group|grouplist =list text*", "=check-update"
            ],
            reason: "It shows packages.",
            matches: ["yum list installed", "dnf info nginx", "dnf repolist --all", "yum history", "yum history info 12", "dnf module list php", "yum check-update"],
            mustNotMatch: [
              "yum install nginx", "dnf -y update", "yum history undo 12", "dnf --setopt=x list", "dnf -c /tmp/x list", "dnf --installroot=/tmp list",
              "dnf --repofrompath=x,http://x list", "yum-config-manager --add-repo x", "dnf module enable php:8.2", "yum --noplugins list"
            ]
          }
        ]
        """#
}
