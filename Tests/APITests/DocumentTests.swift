import Core
import Domain
import FoundationEssentials
import HTTPServer
import TestSupport
import Testing

@testable import API

@Suite("The documents")
struct DocumentTests {
    private func document() async throws -> JSONValue {
        let answer = try await AssistantHarness().send(.get, "/openapi.json")
        #expect(answer.status == 200)
        return answer.json
    }

    private static func operations(_ document: JSONValue) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for (path, item) in document["paths"]?.object ?? [:] {
            for (method, operation) in item.object ?? [:] {
                result["\(method.uppercased()) \(path)"] = operation
            }
        }
        return result
    }

    @Test("every route is documented with its method, and nothing more")
    func routes() async throws {
        let routes = Edge.routes(try await AssistantHarness().services)
        let served = Set(routes.map { "\($0.method) \($0.template)" })
        #expect(Set(Self.operations(try await document()).keys) == served)
    }

    @Test("every operation has an id of its own, words, answers, and its path's parameters")
    func operations() async throws {
        let document = try await document()
        let operations = Self.operations(document)
        let ids = operations.values.compactMap { $0["operationId"]?.string }
        #expect(Set(ids).count == operations.count)
        for (name, operation) in operations {
            #expect(operation["summary"]?.string?.isEmpty == false, "\(name)")
            #expect(operation["description"]?.string?.isEmpty == false, "\(name)")
            #expect(operation["responses"]?.object?.isEmpty == false, "\(name)")
            #expect(operation["security"]?.array != nil, "\(name)")
            let parameters = (operation["parameters"]?.array ?? []).map { Self.resolve($0, document) }
            for parameter in parameters {
                #expect(parameter["description"]?.string?.isEmpty == false, "\(name)")
                #expect(parameter["schema"] != nil, "\(name)")
            }
            let inPath = Set(
                parameters.filter { $0["in"]?.string == "path" }.compactMap { $0["name"]?.string }
            )
            let template = name.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
            #expect(inPath == Set(template), "\(name)")
        }
    }

    @Test("every reference leads somewhere, and every component is used")
    func references() async throws {
        let document = try await document()
        var used: Set<String> = []
        func walk(_ value: JSONValue) {
            if let reference = value["$ref"]?.string {
                used.insert(reference)
                #expect(Self.resolve(value, document) != value, "\(reference)")
            }
            for child in value.object?.values.map({ $0 }) ?? value.array ?? [] { walk(child) }
        }
        walk(document)
        for kind in ["parameters", "schemas", "responses"] {
            for name in (document["components"]?[kind]?.object ?? [:]).keys {
                #expect(used.contains("#/components/\(kind)/\(name)"), "\(kind)/\(name)")
            }
        }
    }

    private static func resolve(_ value: JSONValue, _ document: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(Optional(document)) { $0?[String($1)] }
            ?? value
    }

    @Test("it names this server and its version")
    func server() async throws {
        let document = try await document()
        #expect(document["openapi"]?.string == "3.1.0")
        #expect(document["servers"]?.array?.first?["url"]?.string == EdgeHarness.baseURL)
        #expect(document["info"]?["version"]?.string == "1.2.3")
        #expect(document["components"]?["securitySchemes"]?["bearer"] != nil)
    }

    @Test("the schemas of answers have the members that answers have")
    func members() async throws {
        let harness = EdgeHarness()
        let schemas = try #require(try await document()["components"]?["schemas"])
        let finished = try await harness.plantFinished([(.stdout, [104, 105])])
        let known: (String) -> Set<String> = { Set((schemas[$0]?["properties"]?.object ?? [:]).keys) }
        let path = "/v1/sessions/s/tickets/\(finished.id.number)"
        let working = try await harness.get("/shell", [("session", "s"), ("cmd", "sleep 9")])
        let answers: [(String, JSONValue)] = [
            ("Ticket", try await harness.api(.get, path).json),
            ("Session", try await harness.api(.get, "/v1/sessions/s").json),
            ("SessionList", try await harness.api(.get, "/v1/sessions").json),
            ("TicketList", try await harness.api(.get, "/v1/sessions/s/tickets").json),
            ("Submission", working.json),
            ("Working", try await harness.get("/callback", [("session", "s"), ("ticket", "2")]).json),
            ("Result", try await harness.get("/callback", [("session", "s"), ("ticket", "1")]).json),
            ("Error", try await harness.get("/callback", [("session", "s"), ("ticket", "99")]).json),
            ("Problem", try await harness.api(.get, "/v1/sessions/none").json),
        ]
        for (schema, answer) in answers {
            let members = Set(try #require(answer.object, "\(schema)").keys)
            #expect(members.isSubset(of: known(schema)), "\(schema): \(members.subtracting(known(schema)))")
            let required = Set((schemas[schema]?["required"]?.array ?? []).compactMap(\.string))
            #expect(required.isSubset(of: members), "\(schema): \(required.subtracting(members))")
        }
        #expect(known("Limits") == LimitFields.known)
    }

    @Test("every error code of the edge and what is below it is explained, and none that is not there")
    func errorCodes() async throws {
        let explained = Set(try #require(try await document()["x-error-codes"]?.object).keys)
        // Those that only the program's own command line shows.
        let local: Set<String> = [
            "backup_exists", "backup_failed", "data_directory_in_use", "data_directory_missing",
            "data_directory_unsafe", "data_directory_unusable", "invalid_script", "no_backup",
            "restore_incomplete", "restore_waits",
        ]
        var found = Set(HTTPRejection.Reason.allCases.map(\.rawValue))
        for folder in [
            "API", "Application", "Domain", "Storage", "Processes", "Providers", "SQLite", "Crypto",
        ] {
            for file in try Self.files(in: "Sources/\(folder)") {
                let text = try Golden.read(file)
                for part in text.split(separator: "code: \"").dropFirst() {
                    found.insert(String(part.prefix { $0 != "\"" }))
                }
                for part in text.split(separator: "refusal(\"").dropFirst() {
                    found.insert(String(part.prefix { $0 != "\"" }))
                }
                for part in text.split(separator: "refuse(\"").dropFirst() {
                    found.insert(String(part.prefix { $0 != "\"" }))
                }
            }
        }
        #expect(found.subtracting(explained).subtracting(local) == [])
        #expect(explained.subtracting(found) == [])
    }

    private static func files(in folder: String) throws -> [String] {
        let root = "/\(Golden.root)/\(folder)"
        return try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".swift") }.map
        { "\(folder)/\($0)" }
    }

    @Test("the page shows every route and code, without a script or anything from elsewhere")
    func page() async throws {
        let harness = try await AssistantHarness()
        let page = try await harness.send(.get, "/docs")
        #expect(page.headers["Content-Type"]?.hasPrefix("text/html") == true)
        for route in Edge.routes(harness.services) {
            let path = route.template.description
            #expect(page.text.contains("<code>\(route.method) \(path)</code>"), "\(path)")
        }
        #expect(page.text.contains("<tr id=\"ticket_not_found\">"))
        for forbidden in ["<script", "javascript:", "onclick", "onload", "src=", "http-equiv", "$ref"] {
            #expect(!page.text.lowercased().contains(forbidden), "\(forbidden)")
        }
        #expect(page.text.contains("href=\"/base/assets/\(HTMLPage.sheetFile)\""))
        #expect(page.text.contains("/v1/sessions/{session}/tickets"))
    }

    @Test("the pages for people and models: HTML or Markdown, address filled in, replaceable")
    func pages() async throws {
        let harness = EdgeHarness()
        let html = try await harness.send(.get, "/")
        #expect(html.headers["Content-Type"]?.hasPrefix("text/html") == true)
        for query in [[("format", "md")], []] {
            let answer = try await harness.send(
                .get,
                "/",
                query: query,
                headers: query.isEmpty ? ["Accept": "text/markdown"] : [:]
            )
            #expect(answer.headers["Content-Type"]?.hasPrefix("text/markdown") == true)
            #expect(answer.text.hasPrefix("# Deckhand"))
            #expect(answer.text.contains("\(EdgeHarness.baseURL)/shell"))
            #expect(!answer.text.contains("{FQDN}"))
            #expect(!answer.text.contains("Limits of this server"))
        }
        #expect(try await harness.send(.get, "/", query: [("format", "pdf")]).status == 400)
        #expect(try await harness.send(.get, "/context").status == 401)
        let context = try await harness.get("/context", [("format", "md")])
        #expect(context.text.contains("Limits of this server"))
        #expect(context.text.contains("Every command is allowed."))
        #expect(context.text.contains("\(EdgeHarness.baseURL)/shell?hash=YOUR_HASH"))
        #expect(!context.text.contains("{FQDN}"))

        let own = EdgeHarness(pages: [
            "README.md": "# Ours at {FQDN}", "CONTEXT.md": "Before\n\n{DEFAULT}\n\nAfter",
        ])
        #expect(
            try await own.send(.get, "/", query: [("format", "md")]).text
                == "# Ours at \(EdgeHarness.baseURL)"
        )
        let around = try await own.get("/context", [("format", "md")]).text
        #expect(around.hasPrefix("Before") && around.hasSuffix("After"))
        #expect(around.contains("Limits of this server"))
    }

    @Test("what the context page tells a model to send is what the routes take")
    func contextParameters() async throws {
        let document = try await document()
        let known = Set(
            Self.operations(document).filter {
                ["GET /shell", "GET /callback", "GET /history"].contains($0.key)
            }
            .flatMap { $0.value["parameters"]?.array ?? [] }
            .compactMap { Self.resolve($0, document)["name"]?.string } + ["hash"]
        )
        let text = try await EdgeHarness().get("/context", [("format", "md")]).text
        for name in [
            "session", "wait", "cmd", "fresh", "key", "timeout", "cwd", "output", "tail", "offset", "limit",
            "format", "after",
        ] {
            #expect(known.contains(name), "\(name)")
            #expect(text.contains("\(name)=") || text.contains("`\(name)`"), "\(name)")
        }
    }
}
