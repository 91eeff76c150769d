import CLinux
import Core
import Testing

/// HTTPS whose certificate is renewed, sockets from a service manager and notices to it, bounds of connections.
@Suite struct TransportTests {
    // MARK: TLS

    /// Puts a new certificate for a name into place.
    private static func makeCertificate(_ name: String, _ folder: WorkFolder) async throws {
        let run = try await folder.shell(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=\(name)' "
                + "-addext 'subjectAltName=DNS:localhost' -keyout k -out c && mv k key.pem && mv c cert.pem"
        )
        guard run.code == 0 else { throw TestTrouble("openssl: \(run.errors)") }
    }

    /// Whose certificate the server shows.
    private static func subject(_ folder: WorkFolder, _ port: UInt16) async throws -> String {
        try await folder.shell(
            "openssl s_client -connect 127.0.0.1:\(port) -servername localhost </dev/null 2>/dev/null "
                + "| openssl x509 -noout -subject"
        ).text
    }

    @Test func aRenewedCertificateIsTaken() async throws {
        let port = try await Ports.shared.take()
        try await TestServer.with(["DECKHAND_TLS_PORT": "\(port)"], starts: false) { server in
            let folder = server.folder
            server.set("DECKHAND_TLS_CERT", folder.file("cert.pem"))
            server.set("DECKHAND_TLS_KEY", folder.file("key.pem"))
            try await Self.makeCertificate("first", folder)
            try await server.start()
            #expect(try await Self.subject(folder, port).contains("first"))
            let curl = "curl -sS --cacert cert.pem https://localhost:\(port)"
            let answer = try await folder.shell(
                "\(curl)/v1/sessions/t/tickets -H 'Authorization: Bearer \(server.hash)' -d '{\"command\": \"echo tls\", \"wait\": 30}'"
            )
            #expect(answer.json["state"]?.string == "exited", "\(answer.text) \(answer.errors)")
            // A stream that began before goes on after.
            let gate = folder.file("gate")
            let ticket = try await server.submit("echo a; until [ -e \(gate) ]; do sleep 0.02; done; echo b")
            try await server.wait(ticket, toPrint: "a")
            #expect(try await folder.shell("cp cert.pem before.pem").code == 0)
            async let stream = folder.shell(
                "curl -sSN --cacert before.pem https://localhost:\(port)\(ticket.path)/events -H 'Authorization: Bearer \(server.hash)' > stream"
            )
            try await eventually("the stream has begun") {
                Files.text(folder.file("stream")).contains("event: output")
            }

            try folder.write("broken", to: "cert.pem")
            try await eventually(within: .seconds(60), "a word about the broken one") {
                Files.text(server.log).contains("cannot be used")
            }
            #expect(try await Self.subject(folder, port).contains("first"), "the old one is kept")
            try await Self.makeCertificate("second", folder)
            try await eventually(within: .seconds(60), "the new certificate") {
                try await Self.subject(folder, port).contains("second")
            }
            #expect(try await folder.shell("\(curl)/healthz").code == 0)
            try folder.write("", to: "gate")
            #expect(try await stream.code == 0)
            #expect(Files.text(folder.file("stream")).contains("exited"))
            #expect(server.child?.ended == nil)
        }
    }

    // MARK: The service manager

    /// Sets `LISTEN_PID` to what becomes the server (sd_listen_fds(3)).
    private static let asServiceManager = ["/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", "sh"]

    @Test func theServiceManagersSocketIsServedAndOutlivesTheServer() async throws {
        // What PORT says is not used then.
        try await TestServer.with(starts: false) { server in
            let socket = try ListeningSocket(port: server.port)
            let other = try await Ports.shared.take()
            try await server.start(
                ["PORT": "\(other)"],
                through: Self.asServiceManager,
                handingOver: socket.descriptor
            )
            #expect(try await server.run("echo first", session: "s").output == Array("first\n".utf8))
            #expect(throws: (any Error).self) { _ = try WireConnection(port: other) }
            // While no server runs, connections wait.
            try await server.kill()
            async let waiting = server.get("/healthz", hash: .some(nil))
            try await eventually("the request waits in the queue") { socket.hasWaiting }
            try server.launch(through: Self.asServiceManager, handingOver: socket.descriptor)
            #expect(try await waiting.status == 200)
            try await server.waitUntilReady()
            #expect(try await server.output(TicketName(session: "s", number: 1)) == Array("first\n".utf8))
            // For another process they are not meant; so this one finds its port taken.
            try await server.kill()
            try server.launch(["LISTEN_PID": "1", "LISTEN_FDS": "1"], handingOver: socket.descriptor)
            #expect(try await server.child?.wait(within: .seconds(60)) == .exited(1))
        }
    }

    @Test func theServiceManagerIsToldWhenTheServerIsReadyAndWhenItStops() async throws {
        try await TestServer.with(starts: false) { server in
            let notices = try NoticeSocket(server.folder.file("notify"))
            try server.launch(["NOTIFY_SOCKET": server.folder.file("notify")])
            try await eventually(within: .seconds(60), "the notice that it is ready") {
                notices.received.contains("READY=1")
            }
            // Who was told may connect at once.
            #expect(try await server.get("/readyz", hash: .some(nil)).status == 200)
            #expect(!notices.received.contains("STOPPING=1"))
            server.child?.send(SIGTERM)
            #expect(try await server.child?.wait(within: .seconds(60)) == .exited(0))
            #expect(notices.received == ["READY=1", "STOPPING=1"])
        }
    }

    // MARK: Bounds

    @Test func oneAddressHasSoManyConnections() async throws {
        try await TestServer.with(["DECKHAND_MAX_CONNECTIONS_PER_ADDRESS": "4"]) { server in
            let request = Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n".utf8)
            // The client of the tests may keep one of its own.
            var answered: [WireConnection] = []
            var refused = 0
            for _ in 0..<8 {
                let connection = try WireConnection(port: server.port)
                try connection.send(request)
                let answer = try await DedicatedThread(name: "wire").run { connection.receive() }
                if answer.isEmpty { refused += 1 } else { answered.append(connection) }
            }
            #expect((3...4).contains(answered.count), "\(answered.count)")
            #expect(refused == 8 - answered.count)
            answered = []
            try await eventually("there is room again") {
                (try? await server.get("/healthz", hash: .some(nil)).status) == 200
            }
        }
    }
}
