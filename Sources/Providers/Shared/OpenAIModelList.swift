internal import Core
internal import Domain

/// The models of a server that has `GET /models` as OpenAI defined it.
struct OpenAIModelList: Sendable {
    let call: ProviderCall
    let headers: [(name: String, value: String)]

    /// The configured models first, then what the server lists beside them.
    ///
    /// A server without such a list has the configured models only.
    func fetch() async throws -> [ModelDescription] {
        let settings = call.settings
        var result = settings.models.map { model in
            ModelDescription(name: model.name, title: model.title, contextWindow: model.contextWindow)
        }
        var request = VendorRequest("/models", headers: headers)
        request.totalTimeout = .seconds(30)
        let json: JSONValue
        do { json = try await call.json(request) } catch let failure as Failure
            where failure.code == "provider_route_missing" && !result.isEmpty
        { return result }
        guard let list = (json["data"] ?? json["models"])?.array ?? json.array else {
            throw call.failures.malformed("it is no list of models")
        }
        for entry in list.prefix(5_000) {
            guard let name = entry["id"]?.text ?? entry["name"]?.text ?? entry["model"]?.text else {
                continue
            }
            let described = ModelDescription(
                name: name,
                contextWindow: entry["context_window"]?.count ?? entry["context_length"]?.count
                    ?? entry["max_model_len"]?.count ?? entry["meta"]?["n_ctx_train"]?.count,
                created: entry["created"]?.integer
            )
            if let index = result.firstIndex(where: { $0.name == name }) {
                result[index].created = described.created
                if result[index].contextWindow == nil {
                    result[index].contextWindow = described.contextWindow
                }
            } else if !Self.isForOtherWork(name) {
                result.append(described)
            }
        }
        return result
    }

    /// Says whether a name of OpenAI's list is of a model that does not chat.
    private static func isForOtherWork(_ name: String) -> Bool {
        let beginnings = [
            "whisper", "tts-", "dall-e", "text-embedding", "omni-moderation", "text-moderation", "babbage",
            "davinci", "sora", "gpt-image", "chatgpt-image",
        ]
        let parts = ["-realtime", "-transcribe", "-tts", "-audio"]
        return beginnings.contains { name.hasPrefix($0) } || parts.contains { name.contains($0) }
    }
}
