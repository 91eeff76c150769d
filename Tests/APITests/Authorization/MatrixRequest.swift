import Core
import Domain
import HTTPServer
import WebAssets

@testable import API

/// A request for a route that the API's own document describes, about an object.
struct MatrixRequest {
    let path: String
    var query: [(String, String)] = []
    var body: [UInt8] = []
    var contentType: String?

    /// What keeps the matrix from asking.
    struct Undocumented: Error, CustomStringConvertible { let description: String }

    init(
        _ route: Route,
        _ fixture: ObjectFixture?,
        _ document: JSONValue,
        issuer: String = AssistantHarness.issuer,
        crossSiteToken: String? = nil
    ) throws {
        var names = fixture?.names ?? [:]
        names["model"] = "fake/model"
        names["file"] = WebAssets.consoleName
        names["issuer"] = issuer
        names["csrf_token"] = crossSiteToken
        let template = route.template.description
        guard let operation = document["paths"]?[template]?[route.method.description.lowercased()] else {
            throw Undocumented(description: "the route is not in openapi.json")
        }
        let parameters = (operation["parameters"]?.array ?? []).map { Self.resolved($0, document) }
        // What is open to everybody is about no object: the number in its path says where a form leads back to.
        if route.access.door == .open {
            for parameter in parameters where parameter["in"]?.string == "path" {
                guard let name = parameter["name"]?.string else { continue }
                names[name] = Self.example(parameter) ?? names[name]
            }
        }
        // What names no object of a kind is as the document shows it.
        if route.access.object == nil {
            for parameter in parameters where parameter["in"]?.string == "path" {
                guard let name = parameter["name"]?.string, names[name] == nil else { continue }
                names[name] = Self.example(parameter)
            }
        }
        path = try template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{") else { return String(segment) }
            let name = String(segment.dropFirst().dropLast())
            guard let value = names[name] else {
                throw Undocumented(description: "no fixture says what {\(name)} is")
            }
            return value
        }.joined(separator: "/")
        for parameter in parameters {
            guard parameter["in"]?.string == "query", let name = parameter["name"]?.string else { continue }
            if let value = names[name] {
                query.append((name, value))
            } else if parameter["required"]?.bool == true {
                guard let value = Self.example(parameter) else {
                    throw Undocumented(description: "the parameter \(name) has no example in openapi.json")
                }
                query.append((name, value))
            }
        }
        guard let content = operation["requestBody"]?["content"]?.object else { return }
        guard let json = content["application/json"] else {
            contentType = content.keys.sorted().first
            if let form = content["application/x-www-form-urlencoded"] { body = Self.form(form, names) }
            if body.isEmpty { body = [0x78] }
            return
        }
        guard case .object(var members) = json["example"] else {
            throw Undocumented(description: "the body has no example in openapi.json")
        }
        for (name, value) in members {
            guard let named = names[name] else { continue }
            members[name] =
                value.string == nil ? (try? JSONValue(parsing: Array(named.utf8))) : .string(named)
        }
        body = JSONValue.object(members).bytes
    }

    /// The fields that a form must have, as the document describes them.
    private static func form(_ content: JSONValue, _ names: [String: String]) -> [UInt8] {
        let schema = content["schema"]
        let fields = (schema?["required"]?.array ?? []).compactMap(\.string).map { name in
            let choice = schema?["properties"]?[name]?["enum"]?.array?.first?.string
            return "\(name)=\(encoded(names[name] ?? choice ?? "x"))"
        }
        return Array(fields.joined(separator: "&").utf8)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain =
                byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain ? String(character) : "%" + TextCoding.hex([byte])
        }.joined()
    }

    private static func example(_ parameter: JSONValue) -> String? {
        let example = parameter["example"]
        return example?.string ?? example?.integer.map { "\($0)" }
    }

    private static func resolved(_ value: JSONValue, _ document: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(Optional(document)) { $0?[String($1)] }
            ?? value
    }
}
