public import Core
public import Domain

// Showing once more who one is, and the sign-ins of others.
extension SignInService {
    /// The live sign-in of a cookie or of a client's token; nil for what is over or none of ours.
    public func known(cookie: Secret<String>?, token: String?) async throws -> KnownSignIn? {
        do {
            if let token { return try await signIn(token: token) }
            if let cookie { return try await signIn(cookie: cookie) }
            return nil
        } catch let failure as Failure where failure.kind == .unauthenticated {
            return nil
        }
    }

    /// Checks the passphrase of somebody who signed in, before something that a sign-in alone is not enough for.
    ///
    /// Throws `Failure` `passphrase_wrong`; a wrong one counts like one of a sign-in (`too_many_failures`).
    public func confirm(_ passphrase: Secret<String>, as principal: Principal, from address: String)
        async throws
    {
        let known = try await current(as: principal)
        let name = known.person.name.rawValue
        try limiter.begin(name: name, from: address, at: clock.now())
        let person: Operator?
        do { person = try await check(name, passphrase) } catch {
            limiter.withdrawn(name: name, from: address)
            throw error
        }
        guard person != nil else {
            try await recordFailure(name, known.signIn.kind, from: address)
            throw Failure(
                .unprocessable,
                code: "passphrase_wrong",
                message: "The present passphrase is another one.",
                hint: "Type the one that you signed in with."
            )
        }
        limiter.succeeded(name: name, from: address)
    }

    /// The live sign-ins of an operator, newest first; for whoever administers operators.
    public func signIns(of person: OperatorID, as principal: Principal) async throws -> [SignIn] {
        try Self.requireAdministrator(principal)
        return try await signIns.signIns(of: person, at: clock.now())
    }

    /// Ends one sign-in of an operator with its open streams, or all of them; how many were ended.
    ///
    /// Throws `Failure` `sign_in_not_found` when the one that is named is not theirs, or over.
    public func end(_ id: SignInID?, of person: OperatorID, as principal: Principal) async throws -> Int {
        try Self.requireAdministrator(principal)
        let now = clock.now()
        var wanted = [id].compactMap(\.self)
        if wanted.isEmpty { wanted = try await signIns.signIns(of: person, at: now).map(\.id) }
        var count = 0
        for id in wanted {
            let entry = AuditEntry(
                time: now,
                principal: principal.id,
                action: "sign_in.end",
                subject: "sign-in/\(id)",
                detail: "{\"operator\":\(person)}"
            )
            let isEnded = try await audit.keeping {
                $0 ? [entry] : []
            } with: {
                try await signIns.endSignIn(id, of: person, at: now)
            }
            guard isEnded else { continue }
            count += 1
            hub.end([id])
        }
        guard count > 0 || id == nil else {
            throw Failure(
                .notFound,
                code: "sign_in_not_found",
                message: "This operator has no such sign-in.",
                hint: "It may be over by now: list them again."
            )
        }
        return count
    }

    private static func requireAdministrator(_ principal: Principal) throws(Failure) {
        try principal.requireSignIn()
        try principal.require(.admin)
    }
}
