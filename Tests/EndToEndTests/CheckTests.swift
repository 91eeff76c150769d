import CLinux
import Core
import TestSupport
import Testing

/// `deckhand check`: where each value comes from, and what each probe of the machine finds.
@Suite struct CheckTests {
    private static func finding(_ run: ToolRun, _ name: String) -> JSONValue? {
        run.json["findings"]?.array?.first { $0["name"]?.string == name }
    }

    private static func verdict(_ run: ToolRun, _ name: String) -> String? {
        finding(run, name)?["verdict"]?.string
    }

    @Test func everyProbeAnswers() async throws {
        try await TestServer.with { server in
            let run = try await server.deckhand("check", "--json", within: .seconds(120))
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.json["can_serve"] == .bool(true))
            let names = [
                "shell", "shfmt", "runner", "cgroups.v2", "cgroups.v1", "namespaces.user", "namespaces.mount",
                "files.open", "clock.time", "clock.monotonic", "clock.synchronized", "data.directory",
                "data.speed", "data.space", "policy.get", "user", "operators",
            ]
            for name in names {
                #expect(["ok", "warning"].contains(Self.verdict(run, name) ?? "missing"), "\(name)")
                #expect(Self.finding(run, name)?["text"]?.string?.isEmpty == false, "\(name)")
            }
            #expect(Self.finding(run, "runner")?["text"]?.string == Programs.runner)
            #expect(Self.finding(run, "shell")?["text"]?.string?.contains("bash") == true)
            // The speed is a measured number.
            let speed = Self.finding(run, "data.speed")?["text"]?.string ?? ""
            #expect(Int(speed.prefix { $0 != " " }).map { $0 > 0 } == true, "\(speed)")
            #expect(
                !Files.names(in: server.data).contains { $0.hasPrefix("check-") },
                "nothing is left behind"
            )
        }
    }

    @Test func whatIsMissingIsFoundAndSaid() async throws {
        try await TestServer.with(starts: false) { server in
            let empty = try server.folder.makeDirectory("empty")
            let open = try server.folder.makeDirectory("open")
            #expect(unsafe chmod(open, 0o777) == 0)
            let run = try await server.deckhand(
                "check",
                "--json",
                environment: [
                    "PATH": empty, "DECKHAND_RUNNER": server.folder.file("none"),
                    "DECKHAND_DATA": open, "DECKHAND_TLS_PORT": "8443",
                    "DECKHAND_TLS_CERT": server.folder.file("cert.pem"),
                    "DECKHAND_TLS_KEY": server.folder.file("key.pem"),
                ],
                within: .seconds(120)
            )
            #expect(run.code == 1, "\(run.text) \(run.errors)")
            #expect(run.json["can_serve"] == .bool(false))
            for name in ["runner", "data.directory", "tls.certificate", "tls.key"] {
                #expect(Self.verdict(run, name) == "error", "\(name)")
                #expect(Self.finding(run, name)?["hint"]?.string?.isEmpty == false, "\(name)")
            }
            for name in ["namespaces.user", "namespaces.mount"] {
                #expect(Self.verdict(run, name) == "warning", "\(name)")
                #expect(Self.finding(run, name)?["hint"]?.string?.isEmpty == false, "\(name)")
            }
            // Another program is no runner.
            let other = try await server.deckhand(
                "check",
                "--json",
                environment: ["DECKHAND_RUNNER": "/bin/true"],
                within: .seconds(120)
            )
            #expect(Self.verdict(other, "runner") == "error")
        }
    }

    @Test(.enabled(if: Programs.areRoot, "small disks need root"))
    func aFullDiskIsFound() async throws {
        let disk = try SmallDisk(bytes: 8 << 20)
        try await TestServer.with(dataDirectory: disk.path + "/data", starts: false) { server in
            let run = try await server.deckhand("check", "--json", within: .seconds(120))
            #expect(run.code == 0, "there is no data directory yet: \(run.text)")
            #expect(unsafe mkdir(disk.path + "/data", 0o700) == 0)
            let full = try await server.deckhand("check", "--json", within: .seconds(120))
            #expect(full.code == 1)
            #expect(Self.verdict(full, "data.space") == "error")
        }
    }

    @Test func everyValueHasItsSource() async throws {
        try await TestServer.with(
            ["DECKHAND_QUEUE": "77", "DECKHAND_CONFIG": ""],
            starts: false
        ) { server in
            try server.folder.write("DECKHAND_QUEUE=66\nDECKHAND_GRACE=6s\n", to: "work/.env")
            try server.folder.write(
                "{settings: {grace: '3s', keep_days: '5d', queue: '1'}}",
                to: "deckhand.json5"
            )
            let run = try await server.deckhand(
                "check",
                "--json",
                "--time-limit",
                "42s",
                environment: ["DECKHAND_CONFIG": server.folder.file("deckhand.json5")],
                within: .seconds(120)
            )
            #expect(run.code == 0, "\(run.text) \(run.errors)")
            func resolved(_ name: String) -> (value: String?, source: String?) {
                let entry = run.json["configuration"]?[name]
                return (entry?["value"]?.string, entry?["source"]?.string)
            }
            let table = [
                ("DECKHAND_TIME_LIMIT", "42s", "flag"), ("DECKHAND_QUEUE", "77", "environment"),
                ("DECKHAND_GRACE", "6s", ".env"), ("DECKHAND_KEEP_DAYS", "5d", "deckhand.json5"),
                ("DECKHAND_MAX_RUNNING", "32", "default"),
            ]
            for (name, value, source) in table {
                #expect(resolved(name).value == value, "\(name)")
                #expect(resolved(name).source?.contains(source) == true, "\(name): \(resolved(name))")
            }
        }
    }
}
