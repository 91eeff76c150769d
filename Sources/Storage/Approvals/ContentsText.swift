internal import Core
internal import Domain
internal import SQL

/// What a person is shown, as JSON text in one column.
enum ContentsText {
    static func text(_ contents: ApprovalContents) -> String {
        var members: [String: JSONValue] = [
            "command": .string(contents.command), "host": .string(contents.host),
            "user": .string(contents.user),
            "policy": .string(contents.policyVersion), "reason": .string(contents.reason),
            "rule": .string(contents.rule),
        ]
        members["cwd"] = contents.workingDirectory.map(JSONValue.string)
        members["proposal"] = contents.proposedRule.map(JSONValue.string)
        if contents.carriesOver { members["carries_over"] = .bool(true) }
        if !contents.environment.isEmpty {
            members["env"] = .object(contents.environment.mapValues(JSONValue.string))
        }
        switch contents.input {
        case .none: break
        case .bytes(let bytes): members["input"] = .string(TextCoding.base64URL(bytes))
        case .open: members["interactive"] = .bool(true)
        }
        if !contents.scripts.isEmpty {
            members["scripts"] = .array(
                contents.scripts.map { .array([.string($0.path), $0.digest.map(JSONValue.string) ?? .null]) }
            )
        }
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }

    static func contents(_ text: String) throws -> ApprovalContents {
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let command = json["command"]?.string,
            let host = json["host"]?.string, let user = json["user"]?.string,
            let policy = json["policy"]?.string, let reason = json["reason"]?.string,
            let rule = json["rule"]?.string
        else {
            throw SQLError(.shape, message: "column contents does not hold the JSON text that was stored")
        }
        var contents = ApprovalContents(
            command: command,
            host: host,
            user: user,
            policyVersion: policy,
            reason: reason,
            rule: rule
        )
        contents.workingDirectory = json["cwd"]?.string
        contents.proposedRule = json["proposal"]?.string
        contents.carriesOver = json["carries_over"]?.bool ?? false
        contents.environment = (json["env"]?.object ?? [:]).compactMapValues(\.string)
        if let input = json["input"]?.string, let bytes = TextCoding.bytes(base64URL: input) {
            contents.input = .bytes(bytes)
        } else if json["interactive"]?.bool == true {
            contents.input = .open
        }
        contents.scripts = (json["scripts"]?.array ?? []).compactMap { entry in
            guard let pair = entry.array, pair.count == 2, let path = pair[0].string else { return nil }
            return ScriptDigest(path: path, digest: pair[1].string)
        }
        return contents
    }
}
