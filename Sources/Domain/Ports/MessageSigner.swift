/// Signs what is sent to somebody who shares a secret with this server.
public protocol MessageSigner: Sendable {
    /// HMAC-SHA-256 (RFC 2104) of a message: 32 bytes.
    func code(for message: [UInt8]) -> [UInt8]
}
