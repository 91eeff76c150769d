internal import Core
internal import Domain
internal import HTTPServer

/// The bytes of an artifact as an answer that no browser takes for a page of this server.
struct ArtifactDownload: Sendable {
    private static let pieceBytes = 64 << 10
    /// Whatever the file is, nothing in it runs, loads or submits (Content Security Policy Level 3, directive `sandbox`).
    private static let policy = "sandbox; default-src 'none'; frame-ancestors 'none'"

    private let artifact: Artifact
    private let bytes: any ArtifactBytes
    private let isInline: Bool

    /// Pictures are shown in place if that is asked for; everything else is for saving.
    init(_ artifact: Artifact, _ bytes: any ArtifactBytes, isInline: Bool) {
        self.artifact = artifact
        self.bytes = bytes
        self.isInline = isInline && artifact.draft.format.isPicture
    }

    /// All bytes, or the one range that is asked for (RFC 9110 section 14); `range_not_satisfiable`.
    func response(to context: RequestContext) throws -> HTTPResponse {
        let format = artifact.draft.format
        let length = Int64(artifact.draft.size)
        var (start, end, status) = (Int64(0), length, 200)
        var headers: HTTPHeaders = [
            "Content-Type": format.rawValue + (format.isText ? "; charset=utf-8" : ""),
            "Content-Disposition": Self.disposition(
                artifact.draft.title.fileName(format),
                isInline: isInline
            ),
            "Content-Security-Policy": Self.policy,
            "Accept-Ranges": "bytes",
        ]
        if let range = context.request.headers["Range"].flatMap(ByteRange.init) {
            (start, end) = try range.resolve(length: length, gap: nil)
            headers["Content-Range"] = "bytes \(start)-\(end - 1)/\(length)"
            status = 206
        }
        let (bytes, first, last) = (bytes, start, end)
        return HTTPResponse(
            status: status,
            headers: headers,
            body: .stream(length: last - first) { writer in
                try await context.untilSignInEnds {
                    var offset = first
                    while offset < last {
                        let count = Int(min(Int64(Self.pieceBytes), last - offset))
                        let piece = try await bytes.read(from: offset, count: count)
                        // Shorter than it was when it was checked: the connection closes, so that it is noticed.
                        guard !piece.isEmpty else { return }
                        try await writer.write(piece)
                        offset += Int64(piece.count)
                    }
                }
            }
        )
    }

    /// RFC 6266: a name in ASCII for those that know no other, and the true one in UTF-8 (RFC 8187).
    static func disposition(_ name: String, isInline: Bool) -> String {
        var plain = ""
        for character in name {
            guard let byte = character.asciiValue, (0x20...0x7E).contains(byte), byte != 0x22, byte != 0x5C
            else {
                plain += "_"
                continue
            }
            plain.append(character)
        }
        var encoded = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                encoded.append(Character(Unicode.Scalar(byte)))
            default: encoded += "%" + TextCoding.hex([byte]).uppercased()
            }
        }
        return "\(isInline ? "inline" : "attachment"); filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
    }
}
