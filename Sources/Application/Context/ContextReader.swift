internal import Core
internal import Domain

/// What came of reading a source.
struct ContextParts: Sendable {
    var facts: [ContextFact] = []
    var leftOut = 0
    var missing: String?
}

/// Reads the answer of a source: `{"facts": [{"id", "text", "link", "client", "brand", "location"}]}`, the last four
/// optional.
///
/// The application is asked for what is in scope; what it says to belong elsewhere is left out all the same, and so is
/// what belongs to a location that is not known here.
struct ContextReader {
    private static let longestFact = 4_096
    private static let mostFacts = 500

    let asker: HostAsker
    let place: Place
    /// The locations of the client that the answer names.
    let known: [Location]
    let maximumBytes: Int

    /// The facts of an answer as they came; nil when it has another form.
    static func list(_ bytes: [UInt8]) -> [JSONValue]? {
        (try? JSONValue(parsing: bytes))?["facts"]?.array
    }

    /// What the facts call locations.
    static func locationNames(_ list: [JSONValue]) -> Set<String> {
        Set(list.compactMap { $0["location"]?.string })
    }

    /// The facts; nil when one has another form.
    func read(_ list: [JSONValue]) -> ContextParts? {
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
        if let client = value["client"], client.string != asker.client.key.rawValue { return nil }
        var rule = "client \(asker.client.key.rawValue)"
        var named: BrandID?
        if let name = value["brand"] {
            guard let brand = asker.brands.first(where: { $0.key.rawValue == name.string }) else {
                return nil
            }
            named = brand.id
            rule = "brand \(brand.key.rawValue)"
        }
        if let name = value["location"] {
            guard let location = known.first(where: { $0.key.rawValue == name.string }),
                asker.brands.contains(where: { $0.id == location.brand }),
                named ?? location.brand == location.brand,
                asker.locations?.contains(where: { $0.id == location.id }) ?? true,
                place.location ?? location.id == location.id
            else { return nil }
            rule = "location \(location.key.rawValue)"
        }
        return rule
    }
}
