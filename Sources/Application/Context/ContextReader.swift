internal import Core
internal import Domain

/// What came of reading a source.
struct ContextParts: Sendable {
    var facts: [ContextFact] = []
    var leftOut = 0
    var missing: String?
}

/// Reads the answer of a source: `{"facts": [{"id", "text", "link", "brand", "location"}]}`, the last three optional.
///
/// The application is asked for what is in scope; what it says to belong elsewhere is left out all the same.
struct ContextReader {
    private static let longestFact = 4_096
    private static let mostFacts = 500

    let scope: Scope
    let standing: TenantStanding
    let place: Place
    /// What the application calls the location of the place.
    let locationName: String?
    let maximumBytes: Int

    /// The facts; nil when the answer has another form.
    func read(_ bytes: [UInt8]) -> ContextParts? {
        guard let list = (try? JSONValue(parsing: bytes))?["facts"]?.array else { return nil }
        var parts = ContextParts()
        var size = 0
        for value in list {
            guard let id = value["id"]?.string, let text = value["text"]?.string, id.utf8.count <= 256 else {
                return nil
            }
            let link = value["link"]?.string.flatMap {
                $0.hasPrefix("https://") || $0.hasPrefix("/") ? $0 : nil
            }
            let bytes = id.utf8.count + text.utf8.count + (link?.utf8.count ?? 0) + 64
            guard let rule = rule(value), text.utf8.count <= Self.longestFact,
                parts.facts.count < Self.mostFacts, size + bytes <= maximumBytes
            else {
                parts.leftOut += 1
                continue
            }
            size += bytes
            parts.facts.append(ContextFact(id: id, text: text, link: link, rule: rule))
        }
        return parts
    }

    /// What of the scope admits a fact; nil when nothing does.
    private func rule(_ value: JSONValue) -> String? {
        if let client = value["client"], client.string != standing.client.key.rawValue { return nil }
        var rule = "client \(standing.client.key.rawValue)"
        if let name = value["brand"] {
            let brand = standing.brands.values.first { $0.key.rawValue == name.string }
            guard let brand, scope.brands.contains(brand.id), place.brand ?? brand.id == brand.id else {
                return nil
            }
            rule = "brand \(brand.key.rawValue)"
        }
        if let name = value["location"] {
            guard let text = name.string, locationName ?? text == text else { return nil }
            if let locations = scope.locations {
                let location = standing.locations.values.first { $0.key.rawValue == text }
                guard let location, locations.contains(location.id) else { return nil }
            }
            rule = "location \(text)"
        }
        return rule
    }
}
