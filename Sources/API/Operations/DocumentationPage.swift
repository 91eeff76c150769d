internal import Core

/// The API document as a page that needs no script.
struct DocumentationPage: Sendable {
    let document: JSONValue

    var html: String {
        let parts = parts
        var html =
            "<div class=\"prose intro\"><div>\n<h1>\(text(document["info"]?["title"])) API</h1>\n<p>\(text(document["info"]?["description"]))</p>\n"
        html += "<p>The same for programs: <a href=\"openapi.json\">openapi.json</a>.</p>\n</div></div>\n"
        html += "<nav class=\"contents\" aria-label=\"Contents\"><ul>\n"
        for part in parts {
            html += "<li><a href=\"#\(part.anchor)\">\(HTMLText.escape(part.name))</a></li>\n"
        }
        html += "<li><a href=\"#error-codes\">Error codes</a></li>\n</ul></nav>\n<div class=\"prose\"><div>\n"
        for part in parts {
            html +=
                "<h2 id=\"\(part.anchor)\">\(HTMLText.escape(part.name))</h2>\n<p>\(text(part.description))</p>\n"
            for operation in part.operations { html += section(operation) }
        }
        return html + errorCodes + "</div></div>"
    }

    // MARK: Parts

    private struct Operation {
        let path: String
        let method: String
        let anchor: String
        let value: JSONValue
    }

    /// Operations with the same first tag.
    private struct Part {
        let name: String
        let description: JSONValue?
        let anchor: String
        var operations: [Operation] = []
    }

    /// In the order of the document's tags; without those that have no operation here.
    private var parts: [Part] {
        var parts = (document["tags"]?.array ?? []).map { tag in
            let name = tag["name"]?.string ?? ""
            return Part(
                name: name,
                description: tag["description"],
                anchor: "part-" + anchor(name.lowercased())
            )
        }
        for (path, item) in (document["paths"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            // The first of a path has the anchor of the path alone.
            var anchor = anchor(path)
            for method in ["get", "post", "put", "patch", "delete"] {
                guard let value = item[method] else { continue }
                let tag = value["tags"]?.array?.first?.string
                guard let index = parts.firstIndex(where: { $0.name == tag }) else { continue }
                let operation = Operation(
                    path: path,
                    method: method.uppercased(),
                    anchor: anchor,
                    value: value
                )
                parts[index].operations.append(operation)
                anchor = self.anchor(path) + operation.method
            }
        }
        return parts.filter { !$0.operations.isEmpty }
    }

    /// What each error code means; the `type` of a problem points to its row.
    private var errorCodes: String {
        var html = "<h2 id=\"error-codes\">Error codes</h2>\n<table><tr><th>Code</th><th>Meaning</th></tr>\n"
        for (code, meaning) in (document["x-error-codes"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let name = HTMLText.escape(code)
            html += "<tr id=\"\(name)\"><td><code>\(name)</code></td><td>\(text(meaning))</td></tr>\n"
        }
        return html + "</table>\n"
    }

    private func section(_ operation: Operation) -> String {
        let value = operation.value
        var html =
            "<section class=\"route\" id=\"\(operation.anchor)\" aria-labelledby=\"\(operation.anchor)-name\">\n"
        html +=
            "<h3 id=\"\(operation.anchor)-name\"><code>\(operation.method) \(HTMLText.escape(operation.path))</code></h3>\n"
        html += "<p><strong>\(text(value["summary"]))</strong> \(text(value["description"]))</p>\n"
        let parameters = (value["parameters"]?.array ?? []).map(resolved)
        if !parameters.isEmpty {
            html += "<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>\n"
            for parameter in parameters {
                let required = parameter["required"]?.bool == true ? " (required)" : ""
                html +=
                    "<tr><td><code>\(text(parameter["name"]))</code>\(required)</td><td>\(text(parameter["in"]))</td>"
                html += "<td>\(text(parameter["description"]))</td></tr>\n"
            }
            html += "</table>\n"
        }
        if let body = value["requestBody"]?["content"]?["application/json"]?["schema"] {
            html += "<h4>Body</h4>\n" + fields(resolved(body))
        }
        html += "<h4>Answers</h4>\n<ul>\n"
        for (status, answer) in (value["responses"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            html +=
                "<li><code>\(HTMLText.escape(status))</code> \(text(resolved(answer)["description"]))</li>\n"
        }
        return html + "</ul>\n</section>\n"
    }

    private func fields(_ schema: JSONValue) -> String {
        let properties = (schema["properties"]?.object ?? [:]).sorted { $0.key < $1.key }
        let fields = properties.map { ($0, resolved($1)) }
        let areExplained = fields.contains { $1["description"] != nil }
        var html = "<table><tr><th>Field</th><th>Type</th>\(areExplained ? "<th>Meaning</th>" : "")</tr>\n"
        for (name, field) in fields {
            html += "<tr><td><code>\(HTMLText.escape(name))</code></td><td>\(text(field["type"]))</td>"
            html += areExplained ? "<td>\(text(field["description"]))</td></tr>\n" : "</tr>\n"
        }
        return html + "</table>\n"
    }

    /// A value, or what its `$ref` points to within the document.
    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        var target: JSONValue? = document
        for part in reference.split(separator: "/").dropFirst() { target = target?[String(part)] }
        return target ?? value
    }

    private func text(_ value: JSONValue?) -> String {
        if let words = value?.array {
            return words.compactMap(\.string).map(HTMLText.escape).joined(separator: " or ")
        }
        return HTMLText.escape(value?.string ?? "")
    }

    private func anchor(_ path: String) -> String {
        String(
            decoding: path.utf8.map {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) ? $0 : UInt8(ascii: "-")
            },
            as: UTF8.self
        )
    }
}
