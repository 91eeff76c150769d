import Core
import Testing

@testable import HTTPServer

@Suite("Serving HTTPS")
struct TLSTests {
    /// Writes a new certificate for a name; both files change in the same moment, as far as a reader can tell.
    private func makeCertificate(_ name: String, in folder: String) async throws {
        _ = try await Tool.shell(
            "cd '\(folder)' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                + "-subj '/CN=\(name)' -addext 'subjectAltName=DNS:localhost' -keyout k -out c "
                + "&& mv k key.pem && mv c cert.pem"
        )
    }

    private func listener(_ folder: String) -> HTTPListener {
        .tls(host: "127.0.0.1", port: 0, certificateFile: folder + "/cert.pem", keyFile: folder + "/key.pem")
    }

    private func subject(_ server: RunningServer) async throws -> String {
        try await Tool.shell(
            "openssl s_client -connect 127.0.0.1:\(server.port) -servername localhost </dev/null 2>/dev/null "
                + "| openssl x509 -noout -subject"
        )
    }

    @Test("a request over TLS is answered and marked as secure")
    func request() async throws {
        try await Tool.withFolder { folder in
            try await makeCertificate("one", in: folder)
            try await withServer(
                listeners: [listener(folder)],
                handler: { .text("\($0.listener) \($0.isSecure) \($0.pathText)") }
            ) { server in
                let text = try await Tool.shell(
                    "curl -sS --cacert '\(folder)/cert.pem' https://localhost:\(server.port)/a%20b"
                )
                #expect(text == "tls true /a b")
                // Old protocols are refused.
                await #expect(throws: Tool.Failure.self) {
                    try await Tool.shell(
                        "curl -sS --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 --cacert '\(folder)/cert.pem' "
                            + "https://localhost:\(server.port)/"
                    )
                }
            }
        }
    }

    @Test(
        "a changed certificate is served to new connections while old ones go on; a broken one changes nothing"
    )
    func reload() async throws {
        let gate = Announcement<Void>()
        try await Tool.withFolder { folder in
            try await makeCertificate("one", in: folder)
            let before = folder + "/before.pem"
            _ = try await Tool.shell("cp '\(folder)/cert.pem' '\(before)'")
            try await withServer(
                listeners: [listener(folder)],
                configure: { $0.certificateCheckInterval = .milliseconds(50) },
                handler: { request in
                    guard request.pathText == "/old" else { return .text("new") }
                    return HTTPResponse(
                        status: 200,
                        body: .stream(length: nil) { writer in
                            try await writer.write("begun ")
                            await gate.value()
                            try await writer.write("ended")
                        }
                    )
                }
            ) { server in
                async let old = Tool.shell(
                    "curl -sSN --max-time 120 --cacert '\(before)' https://localhost:\(server.port)/old"
                )
                try await eventually("the old connection streams") {
                    server.metric("deckhand_http_streams") == 1
                }
                let first = try await subject(server)
                #expect(first.contains("one"))

                _ = try await Tool.shell("echo broken > '\(folder)/cert.pem'")
                try await eventually("the refusal is logged") { server.log.text.contains("cannot be used") }
                let kept = try await subject(server)
                #expect(kept.contains("one"))

                try await makeCertificate("two", in: folder)
                try await eventually("the new certificate is served") {
                    (try? await subject(server).contains("two")) == true
                }
                for _ in 0..<5 {
                    let text = try await Tool.shell(
                        "curl -sS --cacert '\(folder)/cert.pem' https://localhost:\(server.port)/"
                    )
                    #expect(text == "new")
                }
                gate.announce(())
                let oldText = try await old
                #expect(oldText == "begun ended")
            }
        }
    }

    @Test("a missing or unusable certificate is an error at the start")
    func unusable() async throws {
        try await Tool.withFolder { folder in
            await #expect(throws: HTTPServerError.self) {
                try await withServer(listeners: [listener(folder)]) { _ in }
            }
            try await makeCertificate("one", in: folder)
            _ = try await Tool.shell("openssl ecparam -name prime256v1 -genkey -out '\(folder)/key.pem'")
            await #expect(throws: HTTPServerError.self) {
                try await withServer(listeners: [listener(folder)]) { _ in }
            }
        }
    }
}
