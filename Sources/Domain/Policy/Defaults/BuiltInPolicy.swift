internal import Core

/// The program's own rules, written as a user would write them.
public enum BuiltInPolicy: Sendable {
    /// The texts that the rules are read from: JSON5, one list each.
    static let texts = [
        denyText, denyControlText, textText, filesText, systemText, unitsText, networkText, webText,
        storesText,
        packagesText, askText,
    ]

    /// The rules.
    public static let rules: [PolicyRule] = {
        var reader = PolicyReader()
        var rules: [PolicyRule] = []
        for text in texts {
            let list = (try? JSONValue(parsing: Array(text.utf8), allowsJSON5: true))?.array
            if list == nil { reader.mistake("built-in rules", "they are no JSON5 list") }
            for value in list ?? [] {
                let id = value["id"]?.string
                if let rule = reader.rule(value, at: "rule \(id ?? "without id")", source: .builtIn, id: id) {
                    rules.append(rule)
                }
            }
        }
        precondition(reader.mistakes.isEmpty, PolicyMistakes(reader.mistakes).description)
        return rules
    }()
}
