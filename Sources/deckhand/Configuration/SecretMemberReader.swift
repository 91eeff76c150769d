import Core

/// Reads `{ env: … }` or `{ file: … }`: where a secret is, so that it does not stand in `deckhand.json5` itself.
struct SecretMemberReader {
    let given: GivenValues
    let surroundings: Surroundings

    /// The secret and where it comes from; nil after a mistake, which is noted without repeating any text.
    func read(_ reader: inout MemberReader) -> (Secret<String>?, source: String?) {
        let name = reader.text("env") { text throws(UnacceptableValue) in text }
        let path = reader.text("file") { text throws(UnacceptableValue) in text }
        switch (name, path) {
        case (let name?, nil):
            guard let text = given.values[name]?.text ?? given.variables[name]?.reveal() else {
                reader.note(nil, "\(name) is not set", "Set it in the environment or in .env.")
                return (nil, name)
            }
            do throws(UnacceptableValue) { return (try ProviderText.key(text), name) } catch {
                reader.note(nil, "\(name): \(error.reason)", error.hint)
                return (nil, name)
            }
        case (nil, let path?): return (secret(in: surroundings.absolute(path), &reader), path)
        default:
            reader.note(nil, "it needs either env or file", "Write { env: \"NAME\" } or { file: \"PATH\" }.")
            return (nil, nil)
        }
    }

    private func secret(in path: String, _ reader: inout MemberReader) -> Secret<String>? {
        do throws(PrivateFile.Trouble) {
            let bytes = try PrivateFile.read(path, owner: surroundings.userID, isSecret: true, limit: 8_192)
            do throws(UnacceptableValue) {
                return try ProviderText.key(String(decoding: bytes, as: UTF8.self))
            } catch {
                reader.note(nil, "\(path): \(error.reason)", error.hint)
            }
        } catch {
            reader.note(nil, "\(path): \(error.reason)", "Make it a file of yours alone: chmod 600 \(path)")
        }
        return nil
    }
}
