import Core
import Crypto
import Domain

/// Reads the section `hosts` of `deckhand.json5`: the business applications that embed this server.
struct HostSectionReader {
    private static let longestIssuer = 256

    private let given: GivenValues
    private let surroundings: Surroundings
    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(_ given: GivenValues, _ surroundings: Surroundings, file: String) {
        self.given = given
        self.surroundings = surroundings
        source = .file(path: file)
    }

    /// The applications by their names; those with a mistake are left out.
    mutating func read(_ value: JSONValue?) -> [HostSettings] {
        guard let value else { return [] }
        guard let members = value.object else {
            note("hosts", "it does not hold an object", "Write hosts: { NAME: { issuer: …, keys: […] } }.")
            return []
        }
        var result: [HostSettings] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard UserRights.isGrant(name) else {
                note(
                    "hosts.\(name)",
                    "this name is not allowed",
                    "Use 1 to 64 letters, digits, dots, dashes or underscores."
                )
                continue
            }
            var reader = MemberReader(value, path: "hosts.\(name)", source: source)
            let settings = host(name, &reader)
            mistakes += reader.finish()
            guard let settings else { continue }
            if let other = result.first(where: { $0.issuer == settings.issuer }) {
                note(
                    "hosts.\(name).issuer",
                    "hosts.\(other.name) has the same issuer",
                    "Issuer and subject together say who somebody is: give each application its own."
                )
            }
            result.append(settings)
        }
        return result
    }

    private func host(_ name: String, _ reader: inout MemberReader) -> HostSettings? {
        let issuer = reader.text("issuer", orElse: "it is missing") { text throws(UnacceptableValue) in
            try Self.identifier(text)
        }
        let audience = reader.text("audience", orElse: "it is missing") { text throws(UnacceptableValue) in
            try Self.identifier(text)
        }
        let hasKeys = reader.value(of: "keys") != nil
        let keys = reader.map("keys") { key(&$0) }
        if reader.isObject, !hasKeys || keys.isEmpty {
            reader.note(
                "keys",
                "there is no key that can be used",
                "Give one key or more, each with id and algorithm."
            )
        }
        for (index, key) in keys.enumerated() where keys[..<index].contains(where: { $0.id == key.id }) {
            reader.note("keys", "two keys have the id “\(key.id)”", "Give each key an id of its own.")
        }
        var settings = HostSettings(name: name, issuer: issuer ?? "", audience: audience ?? "", keys: keys)
        settings.leeway = reader.duration("leeway", .zero...(.seconds(300))) ?? settings.leeway
        settings.tokenLifetime =
            reader.duration("tokenLifetime", .seconds(10)...(.seconds(86_400))) ?? settings.tokenLifetime
        settings.sessionLifetime =
            reader.duration("sessionLifetime", .seconds(60)...(.seconds(30 * 86_400)))
            ?? settings.sessionLifetime
        if var member = reader.member("callKey") {
            if !member.isObject {
                // Also where somebody put the key itself: its text is not repeated.
                member.note(
                    nil,
                    "it does not say where the key is",
                    "Write callKey: { env: \"NAME\" } or callKey: { file: \"PATH\" }."
                )
            } else {
                let key = SecretMemberReader(given: given, surroundings: surroundings).read(&member).0
                if let key, key.reveal().utf8.count < 32 {
                    member.note(nil, "it is shorter than 32 bytes", "Make one: openssl rand -hex 32")
                }
                settings.callKey = key
            }
            reader.take(member)
        }
        if var defaults = reader.member("newClients") {
            if defaults.isObject {
                settings.newClientsHaveAI = defaults.bool("ai") ?? settings.newClientsHaveAI
            } else {
                defaults.note(nil, "it does not hold an object", "Write { ai: true }.")
            }
            reader.take(defaults)
        }
        if var limits = reader.member("limits") {
            readLimits(&limits, &settings.limits)
            reader.take(limits)
        }
        return issuer == nil || audience == nil ? nil : settings
    }

    private func readLimits(_ reader: inout MemberReader, _ limits: inout UserLimitSettings) {
        guard reader.isObject else {
            return reader.note(nil, "it does not hold an object", "Write { turnsOfUser: 20 }.")
        }
        let range = 1...1_000_000
        limits.requestsOfUser = reader.count("requestsOfUser", range) ?? limits.requestsOfUser
        limits.turnsOfUser = reader.count("turnsOfUser", range) ?? limits.turnsOfUser
        limits.turnsOfBrand = reader.count("turnsOfBrand", range) ?? limits.turnsOfBrand
        limits.turnsOfClient = reader.count("turnsOfClient", range) ?? limits.turnsOfClient
        limits.turnsOfAddress = reader.count("turnsOfAddress", range) ?? limits.turnsOfAddress
    }

    // MARK: Keys

    private func key(_ reader: inout MemberReader) -> HostKey? {
        let id = reader.text("id", orElse: "it is missing") { text throws(UnacceptableValue) in
            try Self.identifier(text)
        }
        let algorithm = reader.word("algorithm", HostKeyAlgorithm.self)
        if algorithm == nil, reader.isObject, reader.value(of: "algorithm") == nil {
            reader.note("algorithm", "it is missing", "Give HS256, RS256 or EdDSA.")
        }
        let material = material(&reader, algorithm)
        guard let id, let algorithm, let material else { return nil }
        let key = HostKey(id: id, algorithm: algorithm, material: material)
        if let mistake = mistake(ofHostKey: key) {
            reader.note(nil, mistake.message, mistake.hint ?? "")
            return nil
        }
        return key
    }

    /// The bytes of a key; a secret never stands in the file itself, a public key may.
    private func material(_ reader: inout MemberReader, _ algorithm: HostKeyAlgorithm?) -> Secret<[UInt8]>? {
        let secret = secret(&reader)
        let text = reader.text("publicKey") { text throws(UnacceptableValue) in text }
        let path = reader.text("publicKeyFile") { text throws(UnacceptableValue) in
            surroundings.absolute(text)
        }
        let isShared = algorithm == .hs256
        let names = [("key", secret.isGiven), ("publicKey", text != nil), ("publicKeyFile", path != nil)]
        let wanted: Set<String> = isShared ? ["key"] : ["publicKey", "publicKeyFile"]
        guard algorithm != nil else { return nil }
        guard names.count(where: { $0.1 }) == 1, names.contains(where: { $0.1 && wanted.contains($0.0) })
        else {
            reader.note(
                nil,
                isShared
                    ? "HS256 needs key, and nothing else"
                    : "it needs publicKey or publicKeyFile, and nothing else",
                isShared
                    ? "Write key: { env: \"NAME\" } or key: { file: \"PATH\" }."
                    : "Write publicKeyFile: \"PATH\" of a PEM file."
            )
            return nil
        }
        if let text { return Secret(Array(text.utf8)) }
        guard let path else { return secret.value }
        do throws(PrivateFile.Trouble) {
            return Secret(try PrivateFile.read(path, owner: surroundings.userID, limit: 65_536))
        } catch {
            reader.note(
                "publicKeyFile",
                "\(path): \(error.reason)",
                "Make it a file that nobody else may write."
            )
            return nil
        }
    }

    /// The text of `key: { env: … }` or `key: { file: … }`.
    private func secret(_ reader: inout MemberReader) -> (isGiven: Bool, value: Secret<[UInt8]>?) {
        guard var member = reader.member("key") else { return (false, nil) }
        defer { reader.take(member) }
        guard member.isObject else {
            // Also where somebody put the key itself: its text is not repeated.
            member.note(
                nil,
                "it does not say where the key is",
                "Write key: { env: \"NAME\" } or key: { file: \"PATH\" }."
            )
            return (true, nil)
        }
        let name = member.text("env") { text throws(UnacceptableValue) in text }
        let path = member.text("file") { text throws(UnacceptableValue) in surroundings.absolute(text) }
        switch (name, path) {
        case (let name?, nil):
            guard let text = given.variables[name]?.reveal() else {
                member.note(nil, "\(name) is not set", "Set it in the environment or in .env.")
                return (true, nil)
            }
            return (true, Secret(Array(text.trimmed.utf8)))
        case (nil, let path?):
            do throws(PrivateFile.Trouble) {
                let bytes = try PrivateFile.read(
                    path,
                    owner: surroundings.userID,
                    isSecret: true,
                    limit: 8_192
                )
                return (true, Secret(Array(String(decoding: bytes, as: UTF8.self).trimmed.utf8)))
            } catch {
                member.note(
                    nil,
                    "\(path): \(error.reason)",
                    "Make it a file of yours alone: chmod 600 \(path)"
                )
                return (true, nil)
            }
        default:
            member.note(nil, "it needs either env or file", "Write { env: \"NAME\" } or { file: \"PATH\" }.")
            return (true, nil)
        }
    }

    private static func identifier(_ text: String) throws(UnacceptableValue) -> String {
        guard (1...longestIssuer).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw UnacceptableValue(
                "it is empty, longer than \(longestIssuer) bytes, or holds spaces or characters beyond ASCII",
                hint: "Give it as it stands in the tokens, such as https://app.example.com."
            )
        }
        return text
    }

    private mutating func note(_ key: String, _ reason: String, _ hint: String) {
        mistakes.append(ConfigurationMistake(key: key, source: source, reason: reason, hint: hint))
    }
}
