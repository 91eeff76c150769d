internal import CLinux
internal import Core
internal import Glibc

/// The openssl program of this machine, which signs what the product under test has to check.
public struct OpenSSLTool: Sendable {
    /// What it said when it failed.
    public struct Trouble: Error {
        /// All that it printed.
        public let output: String
    }

    private let folder: ScratchFolder

    /// Makes a place for keys.
    public init() throws { folder = try ScratchFolder() }

    /// Makes a private key (openssl-genpkey(1)), and returns its public half as PEM text.
    ///
    /// `kind` is what stands behind `-algorithm`, options included.
    public func makeKey(_ name: String, _ kind: String) async throws -> String {
        let path = folder.file(name)
        return try await Self.shell(
            "openssl genpkey -algorithm \(kind) -out '\(path)' 2>/dev/null && openssl pkey -in '\(path)' -pubout"
        )
    }

    /// A token of these texts, signed as its algorithm wants it, whatever the texts say.
    public func token(header: String, claims: String, algorithm: String, key name: String) async throws
        -> String
    {
        let text = [header, claims].map { TextCoding.base64URL(Array($0.utf8)) }.joined(separator: ".")
        let (input, key) = (folder.file("input"), folder.file(name))
        // Nothing in it needs quoting: base64url and dots.
        let sign =
            switch algorithm {
            case "HS256":
                "openssl dgst -sha256 -binary -mac HMAC -macopt hexkey:$(od -An -v -tx1 '\(key)' | tr -d ' \\n') '\(input)'"
            case "RS256": "openssl dgst -sha256 -sign '\(key)' -binary '\(input)'"
            default: "openssl pkeyutl -sign -rawin -inkey '\(key)' -in '\(input)'"
            }
        let signature = try await Self.shell(
            "printf %s '\(text)' > '\(input)' && \(sign) | openssl base64 -A | tr '+/' '-_' | tr -d '=\\n'"
        )
        return text + "." + signature
    }

    /// Stores the bytes of a shared secret under a key's name.
    public func keep(_ secret: String, as name: String) async throws {
        _ = try await Self.shell("printf %s '\(secret)' > '\(folder.file(name))'")
    }

    private static func shell(_ command: String) async throws -> String {
        try await DedicatedThread(name: "openssl").run {
            guard let pipe = unsafe popen("{ \(command); } 2>&1", "re") else {
                throw Trouble(output: "no shell")
            }
            var output: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = unsafe fread(&buffer, 1, buffer.count, pipe)
                if count == 0 { break }
                output += buffer.prefix(count)
            }
            let status = unsafe pclose(pipe)
            let text = String(decoding: output, as: UTF8.self)
            guard status == 0 else { throw Trouble(output: text) }
            return text
        }
    }
}
