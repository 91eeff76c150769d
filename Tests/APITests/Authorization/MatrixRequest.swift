import Core
import Domain
import HTTPServer

@testable import API

/// A request for a route that the API's own document describes, about an object.
struct MatrixRequest {
    let path: String
    var query: [(String, String)] = []
    var body: [UInt8] = []

    /// What keeps the matrix from asking.
    struct Undocumented: Error, CustomStringConvertible { let description: String }

    init(_ route: Route, _ fixture: ObjectFixture?, _ document: JSONValue) throws {
        let names = fixture?.names ?? [:]
        let template = route.template.description
        path = try template.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{") else { return String(segment) }
            let name = String(segment.dropFirst().dropLast())
            guard let value = names[name] else {
                throw Undocumented(description: "no fixture says what {\(name)} is")
            }
            return value
        }.joined(separator: "/")
        guard let operation = document["paths"]?[template]?[route.method.description.lowercased()] else {
            throw Undocumented(description: "the route is not in openapi.json")
        }
        for parameter in operation["parameters"]?.array ?? [] {
            let parameter = Self.resolved(parameter, document)
            guard parameter["in"]?.string == "query", let name = parameter["name"]?.string else { continue }
            if let value = names[name] {
                query.append((name, value))
            } else if parameter["required"]?.bool == true {
                let example = parameter["example"]
                guard let value = example?.string ?? example?.integer.map({ "\($0)" }) else {
                    throw Undocumented(description: "the parameter \(name) has no example in openapi.json")
                }
                query.append((name, value))
            }
        }
        guard let content = operation["requestBody"]?["content"]?.object else { return }
        guard let json = content["application/json"] else {
            body = [0x78]
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

    private static func resolved(_ value: JSONValue, _ document: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(Optional(document)) { $0?[String($1)] }
            ?? value
    }
}
