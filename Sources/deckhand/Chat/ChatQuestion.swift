import Core
import FoundationEssentials

/// The body of a request to begin a turn, with what was given on standard input: pure.
struct ChatQuestion: Sendable {
    /// What the server takes of text in one message.
    static let maximumText = 1 << 20
    /// And of one picture.
    static let maximumImage = 20 << 20

    var text: String
    /// What came from standard input; empty for nothing.
    var attachment: [UInt8] = []
    var model: String?
    var reasoning: String?
    var verbosity: String?

    /// The request; throws ``UsageError`` when the attachment cannot be sent.
    func body(key: String) throws(UsageError) -> JSONValue {
        var members: [String: JSONValue] = ["key": .string(key), "message": .array(try parts())]
        if let model { members["model"] = .string(model) }
        if let reasoning { members["reasoning"] = .string(reasoning) }
        if let verbosity { members["verbosity"] = .string(verbosity) }
        return .object(members)
    }

    private func parts() throws(UsageError) -> [JSONValue] {
        var texts = text.isEmpty ? [] : [text]
        var images: [JSONValue] = []
        if let type = Self.imageType(attachment) {
            guard attachment.count <= Self.maximumImage else {
                throw UsageError("the picture on standard input is larger than 20 MiB")
            }
            images.append(
                .object([
                    "type": .string("image"), "media_type": .string(type),
                    "data": .string(Data(attachment).base64EncodedString()),
                ])
            )
        } else if !attachment.isEmpty {
            guard let content = String(strictUTF8: attachment) else {
                throw UsageError(
                    "standard input is neither text in UTF-8 nor a picture (PNG, JPEG, GIF, WebP)"
                )
            }
            texts.append(content)
        }
        let joined = texts.joined(separator: "\n\n")
        guard joined.utf8.count <= Self.maximumText else {
            throw UsageError(
                "standard input is longer than 1 MiB; send a part of it, such as with tail or grep"
            )
        }
        guard !joined.isEmpty || !images.isEmpty else { throw UsageError("the question is empty") }
        return (joined.isEmpty ? [] : [.object(["type": .string("text"), "text": .string(joined)])]) + images
    }

    /// By the first bytes, as the formats define them.
    static func imageType(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            return "image/webp"
        }
        return nil
    }
}

/// Puts what a terminal gives together to messages: a line each, or several when they end with a backslash.
struct ChatLines: Sendable {
    private static let limit = ChatQuestion.maximumText
    private var bytes: [UInt8] = []

    /// The messages that are complete with these bytes, without empty ones.
    mutating func take(_ new: [UInt8]) -> [String] {
        var messages: [String] = []
        for byte in new {
            if byte != 10 {
                if bytes.count < Self.limit { bytes.append(byte) }
            } else if bytes.last == UInt8(ascii: "\\") {
                bytes[bytes.count - 1] = 10
            } else {
                if let message = finish() { messages.append(message) }
            }
        }
        return messages
    }

    /// A line goes on.
    var isOpen: Bool { !bytes.isEmpty }

    /// What stands there without a line end; nil for nothing.
    mutating func finish() -> String? {
        let text = String(decoding: bytes, as: UTF8.self).trimmed
        bytes = []
        return text.isEmpty ? nil : text
    }
}
