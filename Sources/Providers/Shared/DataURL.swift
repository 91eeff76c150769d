internal import Domain
internal import FoundationEssentials

extension ImageContent {
    /// The image in base64 (RFC 4648 section 4), without line breaks.
    var base64: String { Data(bytes).base64EncodedString() }

    /// The image as a `data:` URL (RFC 2397).
    var dataURL: String { "data:\(mediaType);base64,\(base64)" }

    /// An image from base64 as vendors write it, URL-safe letters included; nil when it is none.
    ///
    /// Its first bytes say what it is, whatever the vendor said.
    init?(base64 text: String, mediaType: String? = nil) {
        let standard = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        guard let data = Data(base64Encoded: Data(standard), options: .ignoreUnknownCharacters), !data.isEmpty
        else { return nil }
        let bytes = [UInt8](data)
        self.init(mediaType: Self.sniff(bytes) ?? mediaType ?? "image/png", bytes: bytes)
    }

    private static func sniff(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            return "image/webp"
        }
        return nil
    }
}
