import Core
import FoundationEssentials
import Testing

/// What examples/host-app/README.md tells a newcomer to paste, run as it stands there.
@Suite("The walk through the sample application")
struct WalkThroughTests {
    private static let examples = PackageFolder.path + "/examples/host-app"

    /// The blocks of shell commands of a document, in order.
    private static func blocks(_ document: String) -> [String] {
        document.split(separator: "```sh\n").dropFirst().compactMap {
            $0.split(separator: "```").first.map(String.init)
        }
    }

    @Test("every command of the document works, and shows what the document says")
    func walk() async throws {
        try await TestServer.with(starts: false) { server in
            let port = try await Ports.shared.take()
            func here(_ text: String) -> String {
                text.replacing("8083", with: "\(server.port)").replacing("8090", with: "\(port)")
            }
            let copy = try server.folder.makeDirectory("examples/host-app")
            for name in ["app.py", "deckhand.json5"] {
                let text = Files.text(Self.examples + "/" + name)
                try server.folder.write(here(text), to: "examples/host-app/\(name)")
            }
            let blocks = Self.blocks(here(Files.text(Self.examples + "/README.md")))
            try #require(blocks.count == 7 && Files.exists(copy))
            // A line between the blocks, so that what each prints is known.
            let script = "set -eu\n" + blocks.joined(separator: "\necho ==\n")
            try server.folder.write(script, to: "walk.sh")
            var environment = server.environment()
            environment["PATH"] = "\(Programs.folder):\(environment["PATH"] ?? "")"
            environment["TMPDIR"] = server.folder.path
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
            environment["DECKHAND_DATA"] = nil
            let shell = try ChildProcess(
                ["/bin/bash", "walk.sh"],
                environment: environment,
                directory: server.folder.path,
                standardOutput: server.folder.file("walk.out"),
                standardError: server.folder.file("walk.err")
            )
            let ending = try await shell.wait(within: .seconds(120))
            let output = Files.text(server.folder.file("walk.out"))
            #expect(ending == .exited(0), "\(Files.text(server.folder.file("walk.err"))) \(output)")
            let parts = output.split(separator: "==\n", omittingEmptySubsequences: false).map(String.init)
            try #require(parts.count == 7, "\(output)")
            #expect(parts[1].contains(#""ann""#) && parts[1].contains(#""acme""#), "\(parts[1])")
            #expect(parts[2].contains("awaiting_confirmation") && parts[2].contains("send Jones a quote"))
            #expect(parts[3].contains(#""state":"succeeded""#) && parts[3].contains("[('acme', 1, 4900)]"))
            #expect(parts[4].contains("Jones") && !parts[4].contains("Miller"), "\(parts[4])")
            #expect(
                parts[5].contains("action_not_found") && parts[5].contains("turn_not_found"),
                "\(parts[5])"
            )
            #expect(parts[5].contains(#""catalogue":[]"#) && !parts[5].contains("Jones"), "\(parts[5])")
        }
    }
}
