import Core
import Providers

/// Reads the member `headers` of a provider.
enum ProviderHeaderReader {
    /// What the request's own machinery writes.
    private static let own: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding",
        "expect",
        "proxy-authorization", "te", "trailer", "upgrade",
    ]
    /// Where keys are sent.
    static let credentials: Set<String> = ["authorization", "x-api-key", "x-goog-api-key"]
    private static let maximum = 32

    /// The fields by name; `secret` finds the text of `{ env: … }` or `{ file: … }` and notes what is wrong with it.
    static func read(
        _ reader: inout MemberReader,
        hasKey: Bool,
        secret: (inout MemberReader) -> Secret<String>?
    ) -> [ProviderHeader] {
        guard var headers = reader.member("headers") else { return [] }
        defer { reader.take(headers) }
        let hint = "Write headers: { \"X-Name\": \"text\", \"X-Key\": { env: \"NAME\" } }."
        guard headers.isObject, headers.names.count <= maximum else {
            headers.note(nil, "it does not hold an object of at most \(maximum) fields", hint)
            headers.names.forEach { headers.pass($0) }
            return []
        }
        return headers.names.compactMap { name in
            guard let reason = refusal(of: name, hasKey: hasKey) else {
                return value(of: name, &headers, hint, secret).map { ProviderHeader(name: name, value: $0) }
            }
            headers.pass(name)
            headers.note(name, reason, hint)
            return nil
        }
    }

    private static func refusal(of name: String, hasKey: Bool) -> String? {
        let isToken = { (byte: UInt8) in
            byte > 0x20 && byte < 0x7F && !#"()<>@,;:\"/[]?={}"#.utf8.contains(byte)
        }
        guard !name.isEmpty, name.utf8.count <= 128, name.utf8.allSatisfy(isToken) else {
            return "this is not the name of a header field"
        }
        if own.contains(name.lowercased()) { return "this field is written by the server itself" }
        if hasKey, credentials.contains(name.lowercased()) { return "this field is made of “key”" }
        return nil
    }

    private static func value(
        of name: String,
        _ headers: inout MemberReader,
        _ hint: String,
        _ secret: (inout MemberReader) -> Secret<String>?
    ) -> Secret<String>? {
        if let text = headers.value(of: name)?.string {
            // Not repeated: it may be a credential all the same.
            guard text.utf8.count <= 4_096, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                headers.note(name, "its text does not fit into a header field", "Use printable ASCII only.")
                return nil
            }
            return Secret(text)
        }
        guard var member = headers.member(name) else { return nil }
        defer { headers.take(member) }
        guard member.isObject else {
            member.note(nil, "it is neither a text nor says where the text is", hint)
            return nil
        }
        return secret(&member)
    }
}
