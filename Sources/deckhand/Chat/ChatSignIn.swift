import CLinux
import Core
import Domain
import HTTPClient

/// Finds out as whom the chat is led: a token of the environment, a kept sign-in, a new one, or the local socket.
struct ChatSignIn: Sendable {
    let connection: ServerConnection
    let file: SignInFile?
    let console: any Console
    /// A person can be asked.
    let isInteractive: Bool

    /// The connection to use.
    ///
    /// `isNew` asks for name and passphrase even when a sign-in is kept.
    func signedIn(name: String?, isNew: Bool) async throws -> ServerConnection {
        if connection.token != nil { return connection }
        if !isNew, let kept = file?.read(now: SystemWallClock().now()), name == nil || name == kept.name {
            let kept = connection.signed(kept.token)
            if try await isValid(kept) { return kept }
            file?.remove()
        }
        guard isInteractive else {
            // Whoever may open the local socket may chat; a URL needs a token.
            if connection.socketPath != nil, !isNew { return connection }
            throw Failure(
                .unauthenticated,
                code: "sign_in_needed",
                message: "Nobody is signed in at \(connection.place).",
                hint: "Sign in at a terminal with: deckhand chat --sign-in — or set DECKHAND_TOKEN."
            )
        }
        return try await ask(name)
    }

    /// Ends a kept sign-in here and at the server; says whether there was one.
    func signOut() async throws -> Bool {
        guard let file, let kept = file.read(now: SystemWallClock().now()) else { return false }
        file.remove()
        _ = try await ServerClient(connection.signed(kept.token)).send("DELETE", "/v1/signin")
        return true
    }

    private func ask(_ given: String?) async throws -> ServerConnection {
        guard connection.isPrivate else {
            throw UsageError(
                "the passphrase would travel readable for everyone on the way; use https://, or an address of this machine"
            )
        }
        await console.say("Sign in at \(TextTable.printable(connection.place)).")
        let reader = PassphraseReader(console)
        while true {
            let name = try await given == nil ? reader.ask("Name: ", hides: false).reveal() : given ?? ""
            let passphrase = try await reader.ask("Passphrase: ", hides: true)
            do {
                return try await begin(name, passphrase)
            } catch let failure as Failure where failure.kind == .unauthenticated {
                await console.say("deckhand: \(TextTable.printable(failure.message))")
                if given != nil { throw failure }
            }
        }
    }

    private func begin(_ name: String, _ passphrase: Secret<String>) async throws -> ServerConnection {
        let client = ServerClient(connection)
        let body = JSONValue.object([
            "username": .string(name), "passphrase": .string(passphrase.reveal()), "kind": .string("client"),
        ])
        let answer: JSONValue
        do { answer = try await client.json("POST", "/v1/signin", body) } catch {
            throw client.explained(error)
        }
        guard let token = answer["token"]?.string else {
            throw Failure(
                .internal,
                code: "not_json",
                message: "The server gave no token.",
                hint: "Use a program of the server's version."
            )
        }
        if let expires = answer["sign_in"]?["expires"]?.string {
            let kept = SignInFile.Kept(name: name, token: Secret(token), expires: expires)
            if file?.write(kept) == true {
                let until = TerminalText.line(expires, limit: 40)
                await console.say("deckhand: signed in until \(until); end it with: deckhand chat --sign-out")
            }
        }
        return connection.signed(Secret(token))
    }

    private func isValid(_ connection: ServerConnection) async throws -> Bool {
        let client = ServerClient(connection)
        do {
            _ = try await client.json("GET", "/v1/signin")
            return true
        } catch let failure as Failure where failure.kind == .unauthenticated || failure.kind == .forbidden {
            return false
        } catch { throw client.explained(error) }
    }
}
