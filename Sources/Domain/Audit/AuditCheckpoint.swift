public import Core

/// A signed word that the chain of the audit log came to a place.
public struct AuditCheckpoint: Sendable, Hashable {
    /// What a checkpoint stands for.
    public enum Kind: String, Sendable, CaseIterable {
        /// The chain came here.
        case checkpoint
        /// The rows up to here were removed on purpose.
        case cut
        /// An export ends here.
        case end
    }

    /// What it stands for.
    public let kind: Kind
    /// The last row that it vouches for.
    public let link: AuditLink
    /// When it was signed.
    public let time: Timestamp
    /// Ed25519 (RFC 8032) over ``signedBytes(_:_:at:)``: 64 bytes.
    public let signature: [UInt8]

    /// Makes a checkpoint as it was read.
    public init(_ kind: Kind, _ link: AuditLink, at time: Timestamp, signature: [UInt8]) {
        self.kind = kind
        self.link = link
        self.time = time
        self.signature = signature
    }

    /// Signs a place.
    public init(_ kind: Kind, _ link: AuditLink, at time: Timestamp, by signer: any CheckpointSigner) {
        let bytes = Self.signedBytes(kind, link, at: time)
        self.init(kind, link, at: time, signature: signer.sign(bytes))
    }

    /// Says whether this is what the key's owner signed.
    public func isSigned(_ verifier: any CheckpointVerifier) -> Bool {
        verifier.isSigned(Self.signedBytes(kind, link, at: time), signature: signature)
    }

    /// What is signed: five lines, of which the hash is in hexadecimal and the time in microseconds since 1970.
    static func signedBytes(_ kind: Kind, _ link: AuditLink, at time: Timestamp) -> [UInt8] {
        let hash = TextCoding.hex(link.hash)
        return Array(
            "deckhand audit checkpoint 1\n\(kind.rawValue)\n\(link.id)\n\(hash)\n\(time.microseconds)\n".utf8
        )
    }
}

/// Signs checkpoints with the installation's own key.
public protocol CheckpointSigner: Sendable {
    /// The public key as PEM (RFC 7468 section 13).
    var publicKey: String { get }
    /// The signature of these bytes: 64 bytes.
    func sign(_ bytes: [UInt8]) -> [UInt8]
}

/// Checks checkpoints by a public key.
public protocol CheckpointVerifier: Sendable {
    /// Says whether the signature is the key's over exactly these bytes.
    func isSigned(_ bytes: [UInt8], signature: [UInt8]) -> Bool
}
