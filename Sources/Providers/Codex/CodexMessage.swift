internal import Core

/// One line of the app-server: JSON-RPC 2.0 without the member `jsonrpc`.
enum CodexMessage: Sendable, Equatable {
    /// The answer to a request of ours.
    case answer(id: Int64, JSONValue)
    /// The refusal of a request of ours.
    case refusal(id: Int64, CodexRefusal)
    /// A request that waits for an answer of ours.
    case request(id: JSONValue, method: String, JSONValue)
    /// Something that happened.
    case notice(method: String, JSONValue)

    /// Reads a line; nil for one that is none of these.
    init?(line: [UInt8]) {
        guard let json = try? LenientJSON.parse(line), json.object != nil else { return nil }
        let parameters = json["params"] ?? .null
        switch (json["id"], json["method"]?.string) {
        case (let id?, let method?): self = .request(id: id, method: method, parameters)
        case (nil, let method?): self = .notice(method: method, parameters)
        case (let id?, nil):
            guard let id = id.integer else { return nil }
            if let error = json["error"] {
                self = .refusal(id: id, CodexRefusal(error))
            } else {
                self = .answer(id: id, json["result"] ?? .null)
            }
        case (nil, nil): return nil
        }
    }

    /// A request of ours as a line.
    static func request(_ id: Int64, _ method: String, _ parameters: JSONValue?) -> [UInt8] {
        var members: [String: JSONValue] = ["id": .integer(id), "method": .string(method)]
        members["params"] = parameters
        return line(members)
    }

    /// A notice of ours as a line.
    static func notice(_ method: String) -> [UInt8] { line(["method": .string(method)]) }

    /// The answer to a request of the program as a line.
    static func reply(_ id: JSONValue, _ result: JSONValue) -> [UInt8] {
        line(["id": id, "result": result])
    }

    /// The refusal of a request of the program as a line.
    static func refuse(_ id: JSONValue) -> [UInt8] {
        line([
            "id": id, "error": .object(["code": .integer(-32_601), "message": .string("unsupported")]),
        ])
    }

    private static func line(_ members: [String: JSONValue]) -> [UInt8] {
        JSONValue.object(members).bytes + [10]
    }
}

/// Why the app-server refused a request; its words may hold anything and are not shown.
struct CodexRefusal: Error, Sendable, Equatable {
    var code: Int64
    var message: String

    init(_ json: JSONValue) {
        code = json["code"]?.integer ?? 0
        message = json["message"]?.string ?? ""
    }
}
