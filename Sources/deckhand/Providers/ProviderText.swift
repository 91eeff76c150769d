import Core

/// Texts of the configuration of providers.
enum ProviderText {
    /// A key, which must fit into a header field; the text is not repeated in the error.
    static func key(_ text: String) throws(UnacceptableValue) -> Secret<String> {
        let text = text.trimmed
        guard !text.isEmpty, text.utf8.count <= 4_096,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw UnacceptableValue(
                "the key is empty, or holds spaces or characters beyond ASCII",
                hint: "Copy the key again from the provider's page."
            )
        }
        return Secret(text)
    }

    static func modelName(_ text: String) throws(UnacceptableValue) -> String {
        guard !text.isEmpty, text.utf8.count <= 256, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw UnacceptableValue(
                "“\(text)” is not the name of a model",
                hint: "Give the name as the provider calls it, such as gpt-5.1."
            )
        }
        return text
    }
}

/// Addresses of providers.
enum ProviderURL {
    /// `https`, or `http` to this machine, where nobody reads the key on the way.
    static func checked(_ text: String) throws(UnacceptableValue) -> String {
        let url: BaseURL
        do throws(UnacceptableValue) { url = try BaseURL(text) } catch {
            throw UnacceptableValue(
                error.reason,
                hint: "Give the address as the provider documents it, such as https://api.openai.com/v1."
            )
        }
        guard url.scheme == "https" || NetworkAddress.isLoopback(url.host) else {
            throw UnacceptableValue(
                "“\(text)” would send key and chats readable for everyone on the way",
                hint: "Use https://, or http:// with 127.0.0.1, [::1] or localhost."
            )
        }
        return url.text
    }
}
