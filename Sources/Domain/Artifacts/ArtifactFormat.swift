internal import Core

/// What an artifact is, for people.
public enum ArtifactKind: String, Sendable, CaseIterable {
    case document, table, data, image, archive
}

/// The media types that artifacts can have; what is none of these is not kept.
///
/// Nothing is among them that a browser would run: no HTML, no SVG, no script.
public enum ArtifactFormat: String, Sendable, CaseIterable {
    case plainText = "text/plain"
    case markdown = "text/markdown"
    case csv = "text/csv"
    case calendar = "text/calendar"
    case vcard = "text/vcard"
    case json = "application/json"
    case xml = "application/xml"
    case pdf = "application/pdf"
    case docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    case xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    case pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    case odt = "application/vnd.oasis.opendocument.text"
    case ods = "application/vnd.oasis.opendocument.spreadsheet"
    case zip = "application/zip"
    case png = "image/png"
    case jpeg = "image/jpeg"
    case gif = "image/gif"
    case webp = "image/webp"

    /// Those that a model can write.
    public static let texts = allCases.filter(\.isText)

    /// Reads a media type; parameters such as `charset` are left out (RFC 9110 section 8.3.1).
    public init?(mediaType: String) {
        let essence = mediaType.prefix { $0 != ";" }
        self.init(rawValue: String(essence).trimmed.lowercased())
    }

    /// Whether it is UTF-8 text.
    public var isText: Bool {
        switch self {
        case .plainText, .markdown, .csv, .calendar, .vcard, .json, .xml: true
        default: false
        }
    }

    /// Whether a page may show it in place: pictures that cannot hold a script.
    public var isPicture: Bool {
        switch self {
        case .png, .jpeg, .gif, .webp: true
        default: false
        }
    }

    /// What it is unless somebody says otherwise.
    public var usualKind: ArtifactKind {
        switch self {
        case .plainText, .markdown, .pdf, .docx, .pptx, .odt: .document
        case .csv, .xlsx, .ods: .table
        case .calendar, .vcard, .json, .xml: .data
        case .zip: .archive
        case .png, .jpeg, .gif, .webp: .image
        }
    }

    /// The ending of a file's name, without the dot.
    public var fileEnding: String {
        switch self {
        case .plainText: "txt"
        case .markdown: "md"
        case .csv: "csv"
        case .calendar: "ics"
        case .vcard: "vcf"
        case .json: "json"
        case .xml: "xml"
        case .pdf: "pdf"
        case .docx: "docx"
        case .xlsx: "xlsx"
        case .pptx: "pptx"
        case .odt: "odt"
        case .ods: "ods"
        case .zip: "zip"
        case .png: "png"
        case .jpeg: "jpg"
        case .gif: "gif"
        case .webp: "webp"
        }
    }

    /// Says whether bytes are what this says: text in UTF-8 without NUL, well-formed JSON, the first bytes of other files.
    public func describes(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .json: return (try? JSONValue(parsing: bytes)) != nil
        case .plainText, .markdown, .csv, .calendar, .vcard, .xml:
            return !bytes.contains(0) && String(strictUTF8: bytes) != nil
        case .pdf: return bytes.starts(with: Array("%PDF-".utf8))
        case .docx, .xlsx, .pptx, .odt, .ods, .zip: return bytes.starts(with: [0x50, 0x4B])
        case .png: return bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        case .jpeg: return bytes.starts(with: [0xFF, 0xD8, 0xFF])
        case .gif: return bytes.starts(with: Array("GIF8".utf8))
        case .webp:
            return bytes.starts(with: Array("RIFF".utf8))
                && bytes.dropFirst(8).starts(with: Array("WEBP".utf8))
        }
    }
}
