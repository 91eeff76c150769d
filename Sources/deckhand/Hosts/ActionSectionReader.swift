import Core
import Domain

/// Reads the sections `actions` and `context` of `deckhand.json5`.
struct ActionSectionReader {
    private let hosts: [HostSettings]
    private let source: ConfigurationSource
    private(set) var mistakes: [ConfigurationMistake] = []

    init(_ hosts: [HostSettings], file: String) {
        self.hosts = hosts
        source = .file(path: file)
    }

    /// The actions in the order of their names; those with a mistake are left out.
    mutating func actions(_ value: JSONValue?) -> [Action] {
        read("actions", value) { name, issuer, reader in
            let title = reader.text("title") { text throws(UnacceptableValue) in try Self.words(text) }
            let description = reader.text("description", orElse: "it is missing") {
                text throws(UnacceptableValue) in
                try Self.words(text)
            }
            let schema = reader.value("parameters") { value throws(Failure) in try JSONSchema(value) }
            if reader.isObject, reader.value(of: "parameters") == nil {
                reader.note("parameters", "it is missing", "Give a JSON Schema of the type object.")
            }
            let endpoint = Self.endpoint(&reader)
            guard let issuer, let description, let schema, let endpoint else { return nil }
            var action = Action(
                issuer: issuer,
                name: name,
                title: title ?? name,
                description: description,
                parameters: schema,
                endpoint: endpoint
            )
            action.grant = Self.grant(&reader)
            action.needs = reader.word("needs", NeededPlace.self) ?? action.needs
            action.changes = reader.bool("changes") ?? action.changes
            action.confirmation = reader.word("confirmation", ConfirmationRule.self) ?? action.confirmation
            action.price =
                reader.count("price", 0...Int(CallPrice.highest)).map { Credits(minor: Int64($0)) }
                ?? action.price
            action.timeout = reader.duration("timeout", .seconds(1)...(.seconds(300))) ?? action.timeout
            action.hasDryRun = reader.bool("dryRun") ?? action.hasDryRun
            action.isIdempotent = reader.bool("idempotent") ?? action.isIdempotent
            if action.confirmation == .never, action.changes {
                reader.note(
                    "confirmation",
                    "“never” is for actions that change nothing",
                    "Write changes: false, or confirmation: \"always\" or \"untrusted\"."
                )
            }
            return action
        }
    }

    /// The sources in the order of their names; those with a mistake are left out.
    mutating func sources(_ value: JSONValue?) -> [ContextSource] {
        read("context", value) { name, issuer, reader in
            let description = reader.text("description", orElse: "it is missing") {
                text throws(UnacceptableValue) in
                try Self.words(text)
            }
            let endpoint = Self.endpoint(&reader)
            guard let issuer, let description, let endpoint else { return nil }
            var result = ContextSource(
                issuer: issuer,
                name: name,
                description: description,
                endpoint: endpoint
            )
            result.isRequired = reader.bool("required") ?? result.isRequired
            result.cacheFor = reader.duration("cache", .zero...(.seconds(3_600))) ?? result.cacheFor
            result.maximumBytes = reader.count("maximumBytes", 256...262_144) ?? result.maximumBytes
            result.grant = Self.grant(&reader)
            result.needs = reader.word("needs", NeededPlace.self) ?? result.needs
            result.timeout = reader.duration("timeout", .seconds(1)...(.seconds(60))) ?? result.timeout
            return result
        }
    }

    /// Both sections hold things by their names, each of one application.
    private mutating func read<Value>(
        _ section: String,
        _ value: JSONValue?,
        _ make: (String, String?, inout MemberReader) -> Value?
    ) -> [Value] {
        guard let value else { return [] }
        var reader = MemberReader(value, path: section, source: source)
        var result: [Value] = []
        for name in reader.names {
            guard var member = reader.member(name) else { continue }
            if !Self.isName(name) {
                member.note(
                    nil,
                    "this name is not allowed",
                    "Use 1 to 48 lower-case letters, digits and underscores, such as create_job."
                )
            }
            if !member.isObject {
                member.note(nil, "it does not hold an object", "Write { host: …, endpoint: … }.")
            }
            let host = host(&member)
            if let made = make(name, host, &member) { result.append(made) }
            reader.take(member)
        }
        mistakes += reader.finish()
        return result
    }

    private func host(_ reader: inout MemberReader) -> String? {
        reader.text("host", orElse: "it is missing") { name throws(UnacceptableValue) in
            guard let host = hosts.first(where: { $0.name == name }) else {
                throw UnacceptableValue("there is no hosts.\(name)", hint: "Name one of the section hosts.")
            }
            guard host.callKey != nil else {
                throw UnacceptableValue(
                    "hosts.\(name) has no callKey",
                    hint: "Give it callKey: { env: \"NAME\" }, by which calls to it are signed."
                )
            }
            return host.issuer
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...48).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    private static func words(_ text: String) throws(UnacceptableValue) -> String {
        guard (1...2_000).contains(text.utf8.count) else {
            throw UnacceptableValue(
                "it is empty or longer than 2000 bytes",
                hint: "Say it in a few sentences."
            )
        }
        return text
    }

    private static func grant(_ reader: inout MemberReader) -> String? {
        reader.text("permission") { text throws(UnacceptableValue) in
            guard UserRights.isGrant(text) else {
                throw UnacceptableValue("it cannot be a grant", hint: "Give a word such as \"jobs.create\".")
            }
            // What everybody needs who uses actions at all.
            return text
        }
        .flatMap { $0 == Permission.aiAction.rawValue ? nil : $0 }
    }

    private static func endpoint(_ reader: inout MemberReader) -> String? {
        reader.text("endpoint", orElse: "it is missing") { text throws(UnacceptableValue) in
            let url = try BaseURL(text)
            let isHere = ["127.0.0.1", "localhost", "[::1]"].contains(url.host)
            guard url.scheme == "https" || isHere else {
                throw UnacceptableValue(
                    "it is not https, and not on this machine",
                    hint: "Give an https address; http is for 127.0.0.1, localhost and [::1] only."
                )
            }
            return url.text
        }
    }
}
