import CLinux
import Core
import Domain
import FoundationEssentials
import Synchronization
import Testing
import TestSupport

@testable import Processes

@Suite("The profile of the machine")
struct ProfileTests {
    @Test(
        "versions are found in what the programs really say",
        arguments: [
            ("nginx", "nginx version: nginx/1.22.1\n", "nginx 1.22.1"),
            ("nginx", "nginx version: openresty/1.21.4.1\n", nil),
            (
                "Apache", "Server version: Apache/2.4.57 (Debian)\nServer built:   2023-04-13T03:26:51\n",
                "Apache 2.4.57"
            ),
            ("LiteSpeed", "LiteSpeed/6.1.2 Enterprise\n\tmodule versions:\n", "LiteSpeed 6.1.2"),
            ("LiteSpeed", "LiteSpeed/1.7.19 Open (BUILD built: Tue Apr 16 2024)\n", "LiteSpeed 1.7.19"),
            ("Caddy", "v2.6.2 h1:wKoFIxpmOJLGl3QXoo6PNbYvGW4xLEgo32GPBEjWL8o=\n", "Caddy 2.6.2"),
            (
                "HAProxy", "HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/\n",
                "HAProxy 2.6.12-1+deb12u1"
            ),
            (
                "Varnish", "varnishd (varnish-7.1.1 revision 7cee1c581bead20e88d101ab3d72afb29f14d87a)\n",
                "Varnish 7.1.1"
            ),
            (
                "PHP", "PHP 8.2.7 (cli) (built: Jun  9 2023 19:37:27) (NTS)\nCopyright (c) The PHP Group\n",
                "PHP 8.2.7"
            ),
            (
                "MariaDB",
                "/usr/sbin/mariadbd  Ver 10.11.3-MariaDB-1 for debian-linux-gnu on x86_64 (Debian 12)\n",
                "MariaDB 10.11.3-MariaDB-1"
            ),
            (
                "MySQL", "/usr/sbin/mysqld  Ver 8.0.35-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))\n",
                "MySQL 8.0.35-0ubuntu0.22.04.1"
            ),
            (
                "MySQL", "mysqld  Ver 10.5.22-MariaDB for Linux on x86_64 (MariaDB Server)\n",
                "MariaDB 10.5.22-MariaDB"
            ),
            ("PostgreSQL", "postgres (PostgreSQL) 15.3 (Debian 15.3-0+deb12u1)\n", "PostgreSQL 15.3"),
            ("MongoDB", "db version v6.0.6\nBuild Info: {\n    \"version\": \"6.0.6\",\n", "MongoDB 6.0.6"),
            (
                "Exim", "Exim version 4.96 #2 built 17-Mar-2023 18:20:29\nCopyright (c) University\n",
                "Exim 4.96"
            ),
            ("Postfix", "mail_version = 3.7.6\n", "Postfix 3.7.6"),
            ("Dovecot", "2.3.19.1 (9b53102964)\n", "Dovecot 2.3.19.1"),
            (
                "BIND", "BIND 9.18.16-1~deb12u1-Debian (Extended Support Version) <id:>\n",
                "BIND 9.18.16-1~deb12u1-Debian"
            ),
            (
                "PowerDNS",
                "Jan 01 00:00:00 PowerDNS Authoritative Server 4.7.3 (C) 2001-2022 PowerDNS.COM BV\n",
                "PowerDNS 4.7.3"
            ),
            (
                "Redis",
                "Redis server v=7.0.11 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=3af367a7\n",
                "Redis 7.0.11"
            ),
            ("Memcached", "memcached 1.6.18\n", "Memcached 1.6.18"),
            ("Docker", "Docker version 20.10.24+dfsg1, build 297e128\n", "Docker 20.10.24+dfsg1"),
            ("DirectAdmin", "Version: DirectAdmin v.1.62.4\n", "DirectAdmin 1.62.4"),
            ("DirectAdmin", "DirectAdmin 1.662 6e2c1ef5\n", "DirectAdmin 1.662"),
            ("PHP", "bash: no such thing\n", nil),
        ] as [(String, String, String?)]
    )
    func versions(name: String, output: String, expected: String?) throws {
        let program = try #require(KnownProgram.all.first { $0.name == name })
        #expect(program.description(of: output) == expected)
    }

    @Test("panels say their versions in files")
    func panels() throws {
        let texts = [
            "CWP": ("0.9.8.1188\n", "CWP 0.9.8.1188"), "cPanel": ("11.118.0.4", "cPanel 11.118.0.4"),
            "Plesk": ("18.0.60 Ubuntu 22.04 1800240424.10\n", "Plesk 18.0.60"),
            "Webmin": ("2.105\n", "Webmin 2.105"),
        ]
        for panel in KnownPanel.all {
            let (text, expected) = try #require(texts[panel.name])
            #expect(panel.description(of: text) == expected)
            #expect(panel.description(of: nil) == panel.name)
        }
    }

    @Test("every program has absolute paths and arguments that only ask")
    func table() {
        for program in KnownProgram.all {
            #expect(
                program.paths.allSatisfy { $0.hasPrefix("/") && $0.count { $0 == "*" } < 2 },
                "\(program.name)"
            )
            #expect(!program.arguments.isEmpty, "\(program.name)")
        }
    }

    @Test("the kernel's files")
    func files() {
        #expect(
            ProfileFiles.system("NAME=\"AlmaLinux\"\nVERSION=\"9.4 (Seafoam Ocelot)\"\nID=almalinux\n")
                == "AlmaLinux 9.4 (Seafoam Ocelot)"
        )
        #expect(
            ProfileFiles.system("# x\nPRETTY_NAME='Debian GNU/Linux 12 (bookworm)'\n")
                == "Debian GNU/Linux 12 (bookworm)"
        )
        #expect(ProfileFiles.system("") == nil)
        let processors =
            "processor\t: 0\nmodel name\t: AMD EPYC 7B13\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 7B13\n"
        #expect(ProfileFiles.processors(processors) == "2 × AMD EPYC 7B13")
        #expect(ProfileFiles.processors("processor : 0\nBogoMIPS : 50\n") == "1")
        #expect(ProfileFiles.processors("") == nil)
        let memory = "MemTotal:        8140348 kB\nMemFree:  123 kB\nSwapTotal:       2097148 kB\n"
        #expect(ProfileFiles.memory(memory) == "7.8 GiB, swap 2 GiB")
        #expect(ProfileFiles.memory("MemTotal: 8140348 kB\nSwapTotal: 0 kB\n") == "7.8 GiB, no swap")
        #expect(ProfileFiles.memory("MemTotal: x kB\n") == nil)
    }

    @Test("disks are named once, at their shortest place, without pseudo file systems")
    func disks() {
        let mounts = """
            proc /proc proc rw 0 0
            /dev/vda1 /boot/x ext4 rw 0 0
            /dev/vda1 / ext4 rw,relatime 0 0
            tmpfs /run tmpfs rw 0 0
            /dev/loop3 /snap/core squashfs ro 0 0
            /dev/vdb /home\\040dirs xfs rw 0 0
            10.0.0.1:/x /mnt/nfs nfs4 rw 0 0
            """
        #expect(
            ProfileFiles.disks(mounts) == [
                .init(device: "/dev/vda1", place: "/", kind: "ext4"),
                .init(device: "/dev/vdb", place: "/home dirs", kind: "xfs"),
                .init(device: "10.0.0.1:/x", place: "/mnt/nfs", kind: "nfs4"),
            ]
        )
        #expect(ProfileFiles.size(1 << 40) == "1 TiB" && ProfileFiles.size(1_500 << 20) == "1.5 GiB")
    }

    @Test("this machine has a system and a kernel")
    func here() {
        let facts = ProfileProbe().look().facts
        #expect(facts.first { $0.name == "os" }?.text.contains("Debian") == true)
        #expect(facts.contains { $0.name == "kernel" } && facts.contains { $0.name == "hardware" })
        #expect(facts.contains { $0.name == "panel" })
    }

    @Test("a machine of made-up files: panel, each PHP, and what hangs or is not trusted is left out")
    func machine() async throws {
        let folder = try ScratchFolder()
        func write(_ path: String, _ text: String, mode: mode_t = 0o755) throws {
            let file = folder.path + path
            let parent = file[..<(try #require(file.lastIndex(of: "/")))]
            try FileManager.default.createDirectory(atPath: String(parent), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: file))
            _ = unsafe chmod(file, mode)
        }
        try write("/etc/os-release", "PRETTY_NAME=\"CentOS Linux 7\"\n", mode: 0o644)
        try write("/usr/local/cwpsrv/htdocs/resources/admin/include/version.php", "0.9.8.1188\n", mode: 0o644)
        try write("/usr/sbin/nginx", "#!/bin/sh\necho nginx version: nginx/1.22.1 >&2\n")
        try write(
            "/usr/local/apache/bin/httpd",
            "#!/bin/sh\necho Server version: Apache/2.4.1\n",
            mode: 0o777
        )
        try write("/opt/alt/php74/usr/bin/php", "#!/bin/sh\necho \"PHP 7.4.33 (cli)\"\n")
        try write("/opt/alt/php82/usr/bin/php", "#!/bin/sh\necho \"PHP 8.2.1 (cli)\"\n")
        try write("/usr/sbin/exim", "#!/bin/sh\n/bin/sleep 600 & echo Exim version 4.96; wait\n")

        let start = ContinuousClock.now
        let thread = DedicatedThread(name: "profile")
        var profile = try await thread.run { ProfileProbe(root: folder.path).look() }
        #expect(start.duration(to: .now) < .seconds(12))
        // While another test starts a program, that may hold what was written here open, and nobody can start it.
        for _ in 0..<20 where !profile.facts.contains(where: { $0.name == "web" }) {
            profile = try await thread.run { ProfileProbe(root: folder.path).look() }
        }
        let text = { (name: String) in profile.facts.first { $0.name == name }?.text }
        #expect(text("os") == "CentOS Linux 7" && text("panel") == "CWP 0.9.8.1188")
        #expect(text("web") == "nginx 1.22.1", "others may write the httpd")
        #expect(text("php") == "PHP 7.4.33, PHP 8.2.1")
        #expect(text("mail") == nil, "it does not end")
    }

    @Test("a profile is short, and holds no control characters")
    func bounds() {
        let profile = SystemProfile((0..<100).map { .init("f\($0)", String(repeating: "é", count: 5_000)) })
        #expect(profile.text.utf8.count <= SystemProfile.maximumBytes)
        #expect(profile.facts[0].text.utf8.count <= 600)
        let fact = SystemProfile.Fact("a\nb", "x\u{1b}[2J\ny\u{9b}")
        #expect(fact.name == "a b" && fact.text == "x [2J y")
    }

    @Test("what is known is given at once; concurrent askers share one look; old knowledge is renewed")
    func watch() async {
        let looks = Atomic(0)
        let watch = ProfileWatch(interval: .seconds(3_600)) {
            let number = looks.add(1, ordering: .relaxed).newValue
            return SystemProfile([.init("look", "\(number)")])
        }
        let texts = await withTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { await watch.text() } }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts == ["look: 1"])
        #expect(await watch.text() == "look: 1")

        let forgetful = ProfileWatch(interval: .zero) {
            SystemProfile([.init("look", "\(looks.add(1, ordering: .relaxed).newValue)")])
        }
        let first = await forgetful.text()
        #expect(await forgetful.text() != first)
    }
}
