import Core
import Domain

/// The section `policy` of the configuration file, read again while the server runs.
struct PolicyFile: Sendable {
    let path: String
    /// Who the file must belong to.
    let owner: UInt32
    /// Says whether a file that is not there is no mistake: the server started without one.
    let mayBeMissing: Bool

    init(_ configuration: Configuration, owner: UInt32) {
        path = configuration.file
        self.owner = owner
        mayBeMissing = configuration.sections.isEmpty
    }

    /// The section; nil when the file has none.
    ///
    /// Throws `policy_invalid`.
    func section() async throws(Failure) -> JSONValue? {
        let bytes: [UInt8]
        do {
            bytes = try await DedicatedThread(name: "rules-file").run { [path, owner] in
                try PrivateFile.read(path, owner: owner)
            }
        } catch PrivateFile.Trouble.missing where mayBeMissing {
            return nil
        } catch {
            throw Self.failure("\(path): \((error as? PrivateFile.Trouble)?.reason ?? "it cannot be read").")
        }
        guard let json = try? JSONValue(parsing: bytes, allowsJSON5: true), json.object != nil else {
            throw Self.failure("\(path) is no JSON5 with sections.")
        }
        return json[ConfigurationSection.policy.rawValue]
    }

    private static func failure(_ message: String) -> Failure {
        Failure(.unprocessable, code: "policy_invalid", message: message)
    }
}
