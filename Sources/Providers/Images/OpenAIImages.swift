internal import Core
internal import Domain

/// OpenAI's Images API: pictures from words, and pictures changed by words.
struct OpenAIImages: Sendable {
    let call: ProviderCall
    let headers: [(name: String, value: String)]

    /// Makes pictures; those that the vendor only points to are an error, since addresses are not fetched.
    func images(for request: ImageRequest) async throws -> [ImageContent] {
        let http: VendorRequest
        if request.sources.isEmpty {
            http = VendorRequest("/images/generations", headers: headers, body: generation(request))
        } else {
            let form = MultipartForm(fields(of: request), images: request.sources)
            http = VendorRequest(
                "/images/edits",
                headers: headers + [("Content-Type", form.contentType)],
                body: form.bytes
            )
        }
        let answer = try await call.json(
            http,
            model: request.model,
            context: request.context,
            size: CallSize(request)
        ) { json in
            ResponsesDialect.usage(json["usage"])
        }
        // What is streamed comes without a list, and before the whole picture there may be drafts of it.
        if let type = answer["type"]?.text, !type.hasSuffix(".completed") {
            throw call.failures.interrupted
        }
        let images = (answer["data"]?.array ?? [answer]).compactMap { entry in
            entry["b64_json"]?.text.flatMap {
                ImageContent(base64: $0, mediaType: answer["output_format"]?.text.map { "image/\($0)" })
            }
        }
        guard !images.isEmpty else { throw call.failures.malformed("it holds no picture") }
        return images
    }

    private func fields(of request: ImageRequest) -> [(name: String, value: String)] {
        var fields = [("model", request.model), ("prompt", request.prompt)]
        if let size = request.size { fields.append(("size", size)) }
        if let quality = request.quality { fields.append(("quality", quality)) }
        // Newer models always answer with the picture itself and refuse to be asked for it.
        if request.model.hasPrefix("dall-e") { fields.append(("response_format", "b64_json")) }
        return fields
    }

    private func generation(_ request: ImageRequest) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in fields(of: request) {
                writer.key(dynamic: name)
                writer.string(value)
            }
        }
        return writer.bytes
    }
}

/// A form with files (RFC 7578).
struct MultipartForm {
    private(set) var bytes: [UInt8] = []
    private let boundary: String

    /// Makes a form; one image is the field `image`, several are `image[]`.
    init(_ fields: [(name: String, value: String)], images: [ImageContent]) {
        boundary = "deckhand-" + String(UInt64.random(in: 0 ... .max), radix: 36)
        for (name, value) in fields {
            begin("name=\"\(name)\"")
            bytes += Array("\r\n\(value)\r\n".utf8)
        }
        for (number, image) in images.enumerated() {
            let ending = image.mediaType.split(separator: "/").last.map(String.init) ?? "png"
            begin(
                "name=\"\(images.count == 1 ? "image" : "image[]")\"; filename=\"image-\(number).\(ending)\""
            )
            bytes += Array("Content-Type: \(image.mediaType)\r\n\r\n".utf8)
            bytes += image.bytes
            bytes += Array("\r\n".utf8)
        }
        bytes += Array("--\(boundary)--\r\n".utf8)
    }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    private mutating func begin(_ disposition: String) {
        bytes += Array("--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n".utf8)
    }
}
