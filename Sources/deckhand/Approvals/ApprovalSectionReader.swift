import Core

/// Reads the section `approvals` of `deckhand.json5`.
struct ApprovalSectionReader {
    /// As many characters as 128 random bits have in hexadecimal, roughly: shorter ones are guessed from one notice.
    private static let shortestSecret = 24
    private static let longestURL = 2_048

    private let given: GivenValues
    private let surroundings: Surroundings
    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(_ given: GivenValues, _ surroundings: Surroundings, file: String) {
        self.given = given
        self.surroundings = surroundings
        source = .file(path: file)
    }

    /// The section, or its defaults.
    mutating func read(_ value: JSONValue?) -> ApprovalConfiguration {
        var result = ApprovalConfiguration()
        guard let value else { return result }
        var reader = MemberReader(value, path: ConfigurationSection.approvals.rawValue, source: source)
        if var webhook = reader.member("webhook") {
            result.webhook = self.webhook(&webhook)
            reader.take(webhook)
        }
        mistakes += reader.finish()
        return result
    }

    private func webhook(_ reader: inout MemberReader) -> WebhookConfiguration? {
        guard reader.isObject else {
            reader.note(
                nil,
                "it does not hold an object",
                "Write webhook: { url: \"https://…\", secret: { env: \"NAME\" } }."
            )
            return nil
        }
        let detail = reader.bool("detail") ?? false
        let url = url(&reader)
        let secret = secret(&reader)
        guard let url, let secret else { return nil }
        return WebhookConfiguration(url: url.text, origin: url.origin, secret: secret, tellsDetail: detail)
    }

    private func secret(_ reader: inout MemberReader) -> Secret<String>? {
        guard var member = reader.member("secret"), member.isObject else {
            reader.note(
                "secret",
                "it does not say where the secret is",
                "Write secret: { env: \"NAME\" } or secret: { file: \"PATH\" }."
            )
            return nil
        }
        defer { reader.take(member) }
        let secret = SecretMemberReader(given: given, surroundings: surroundings).read(&member).0
        if let secret, secret.reveal().utf8.count < Self.shortestSecret {
            member.note(
                nil,
                "the secret has fewer than \(Self.shortestSecret) characters",
                "Make one: openssl rand -hex 32"
            )
            return nil
        }
        return secret
    }

    private func url(_ reader: inout MemberReader) -> (text: Secret<String>, origin: String)? {
        if let value = reader.value(of: "url"), value.object != nil, var member = reader.member("url") {
            defer { reader.take(member) }
            guard let text = SecretMemberReader(given: given, surroundings: surroundings).read(&member).0
            else { return nil }
            do throws(UnacceptableValue) { return try Self.checked(text.reveal()) } catch {
                member.note(nil, error.reason, error.hint)
                return nil
            }
        }
        return reader.text("url", orElse: "it is missing") { text throws(UnacceptableValue) in
            try Self.checked(text)
        }
    }

    /// `https`, or `http` to this machine; no error repeats the text, which may hold a secret.
    private static func checked(_ text: String) throws(UnacceptableValue) -> (Secret<String>, String) {
        let hint = "Give the receiver's address, such as https://chat.example.com/hooks/deckhand."
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
        let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix)
        guard isPlain, text.utf8.count <= longestURL, let scheme else {
            throw UnacceptableValue("it is no address that begins with https:// or http://", hint: hint)
        }
        let authority = text.dropFirst(scheme.count).prefix { !"/?".contains($0) }
        guard let base = try? BaseURL(scheme + authority) else {
            throw UnacceptableValue("its host is not acceptable", hint: hint)
        }
        guard base.scheme == "https" || NetworkAddress.isLoopback(base.host) else {
            throw UnacceptableValue(
                "notices would travel readable for everyone on the way",
                hint: "Use https://, or http:// with 127.0.0.1, [::1] or localhost."
            )
        }
        return (Secret(text), base.text)
    }
}
