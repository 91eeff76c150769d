internal import Core
internal import Domain
internal import SQL

extension SQLPolicyStore {
    private static let requestName = "policy-reload-request"
    private static let answerName = "policy-reload-answer"
    private var meta: SQLMetaStore { SQLMetaStore(gate: gate) }

    func requestPolicyReload(_ id: String) async throws { try await meta.set(Self.requestName, to: id) }

    func policyReloadRequest() async throws -> String? { try await meta.value(Self.requestName) }

    func answerPolicyReload(_ answer: PolicyReloadAnswer) async throws {
        var members: [String: JSONValue] = [
            "request": .string(answer.request), "rules": .integer(Int64(answer.rules)),
        ]
        members["trouble"] = answer.trouble.map(JSONValue.string)
        let text = String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
        try await meta.set(Self.answerName, to: text)
    }

    func policyReloadAnswer() async throws -> PolicyReloadAnswer? {
        guard let text = try await meta.value(Self.answerName),
            let json = try? JSONValue(parsing: Array(text.utf8)), let request = json["request"]?.string,
            let rules = json["rules"]?.integer
        else { return nil }
        return PolicyReloadAnswer(request: request, rules: Int(rules), trouble: json["trouble"]?.string)
    }
}
