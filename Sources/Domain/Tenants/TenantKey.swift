/// What a host application calls a client, brand, location or user: any text of 1 to 128 bytes without control
/// characters.
public struct TenantKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Bytes that one may have.
    public static let longest = 128

    /// The text as it was given.
    public let rawValue: String

    /// Checks a text; throws `Failure` of kind unprocessable (`invalid_tenant_id`).
    public init(_ text: String) throws(Failure) {
        guard let key = TenantKey(checking: text) else {
            throw Failure(
                .unprocessable,
                code: "invalid_tenant_id",
                message: "This is not acceptable as the id of a client, brand, location or user.",
                hint: "Send 1 to \(Self.longest) bytes of text without control characters."
            )
        }
        self = key
    }

    /// Checks a text; nil when it is not acceptable.
    public init?(checking text: String) {
        let isAcceptable =
            (1...Self.longest).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isAcceptable else { return nil }
        rawValue = text
    }

    /// The text.
    public var description: String { rawValue }
    /// The order of their bytes.
    public static func < (left: TenantKey, right: TenantKey) -> Bool { left.rawValue < right.rawValue }
}
