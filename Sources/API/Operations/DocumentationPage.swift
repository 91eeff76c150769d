internal import Core

/// The API document as a page that needs no script.
struct DocumentationPage: Sendable {
    let document: JSONValue

    var html: String {
        var html =
            "<h1>\(text(document["info"]?["title"]))</h1>\n<p>\(text(document["info"]?["description"]))</p>\n"
        let paths = (document["paths"]?.object ?? [:]).sorted { $0.key < $1.key }
        html += "<nav><ul>"
        for (path, _) in paths {
            html += "<li><a href=\"#\(anchor(path))\"><code>\(HTMLText.escape(path))</code></a></li>"
        }
        html += "</ul></nav>\n"
        for (path, item) in paths {
            html += "<section id=\"\(anchor(path))\">\n"
            for method in ["get", "post", "put", "patch", "delete"] {
                guard let operation = item[method] else { continue }
                html += section(method.uppercased(), path, operation)
            }
            html += "</section>\n"
        }
        return html + errorCodes
    }

    /// What each error code means; the `type` of a problem points to its row.
    private var errorCodes: String {
        var html = "<h2>Error codes</h2>\n<table><tr><th>Code</th><th>Meaning</th></tr>\n"
        for (code, meaning) in (document["x-error-codes"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let name = HTMLText.escape(code)
            html += "<tr id=\"\(name)\"><td><code>\(name)</code></td><td>\(text(meaning))</td></tr>\n"
        }
        return html + "</table>\n"
    }

    private func section(_ method: String, _ path: String, _ operation: JSONValue) -> String {
        var html =
            "<h2><code>\(method) \(HTMLText.escape(path))</code></h2>\n<p><strong>\(text(operation["summary"]))</strong> "
        html += "\(text(operation["description"]))</p>\n"
        let parameters = (operation["parameters"]?.array ?? []).map(resolved)
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
        if let body = operation["requestBody"]?["content"]?["application/json"]?["schema"] {
            html += "<h3>Body</h3>\n" + fields(resolved(body))
        }
        html += "<h3>Answers</h3>\n<ul>\n"
        for (status, answer) in (operation["responses"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            html +=
                "<li><code>\(HTMLText.escape(status))</code> \(text(resolved(answer)["description"]))</li>\n"
        }
        return html + "</ul>\n"
    }

    private func fields(_ schema: JSONValue) -> String {
        var html = "<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>\n"
        for (name, field) in (schema["properties"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let field = resolved(field)
            html += "<tr><td><code>\(HTMLText.escape(name))</code></td><td>\(text(field["type"]))</td>"
            html += "<td>\(text(field["description"]))</td></tr>\n"
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
