import Application
import Core
import Crypto
import Domain

/// Reads the first seed's list of users.
enum EnvironmentOperators {
    /// Never repeats a hash in its errors.
    static func parse(_ text: String) throws(UnacceptableValue) -> [EnvironmentOperator] {
        guard let users = (try? JSONValue(parsing: Array(text.utf8)))?["users"]?.array else {
            throw UnacceptableValue("it is not JSON with a list “users”", hint: example)
        }
        var result: [EnvironmentOperator] = []
        var names: Set<String> = []
        for (index, user) in users.enumerated() {
            let place = "user \(index + 1)"
            guard let name = user["name"]?.string.flatMap({ try? OperatorName($0) }) else {
                throw UnacceptableValue("\(place) has no name of letters, digits, _ and -", hint: example)
            }
            guard let value = user["value"]?.string, isPassphraseHash(value) else {
                throw UnacceptableValue("\(place) (\(name)) has no bcrypt hash as its value", hint: example)
            }
            guard names.insert(name.rawValue.lowercased()).inserted else {
                throw UnacceptableValue("\(place) (\(name)) is named twice", hint: "Remove one of the two.")
            }
            result.append(EnvironmentOperator(name: name, passphraseHash: Secret(value)))
        }
        return result
    }

    private static let example =
        #"Write {"users": [{"name": "ann", "value": "$2y$10$…"}]} with hashes from: htpasswd -nbB -C 12 ann PASSPHRASE"#
}
