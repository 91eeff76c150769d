internal import Core
internal import Domain
internal import Synchronization

extension CodexProvider: AccountProvider {
    func status(of owner: PrincipalID) async throws -> AccountStatus {
        var status = AccountStatus(provider: id, state: .disconnected)
        status.model = defaultModel
        let profile = profile(of: owner)
        guard try await pool.hasCredentials(profile) else { return status }
        do {
            let connection = try await pool.take(profile)
            do {
                try await readAccount(connection)
                await pool.giveBack(connection)
            } catch {
                await pool.giveBack(connection)
                throw error
            }
            let account = connection.account
            status.state = account.isConnected ? .connected : .disconnected
            status.plan = account.plan
            status.limits = account.limits
            if !account.isConnected { status.problem = failures.loginExpired }
        } catch let error where !(error is CancellationError) {
            status.state = .unknown
            // The service that says whose account it is cannot be reached.
            status.problem = error as? Failure ?? failures.unreachable
        }
        return status
    }

    func startLogin(for owner: PrincipalID) async throws -> LoginInvitation {
        try await cancelLogin(nil, for: owner)
        let profile = profile(of: owner)
        let connection: CodexConnection
        do { connection = try await pool.take(profile) } catch {
            if try await !pool.hasCredentials(profile) { try await pool.remove(profile) }
            throw error
        }
        do {
            let answer = try await connection.ask(
                "account/login/start",
                .object(["type": .string("chatgptDeviceCode")]),
                within: .seconds(30)
            )
            guard let key = answer["loginId"]?.string, let address = answer["verificationUrl"]?.string,
                let code = answer["userCode"]?.string
            else { throw failures.incompatible }
            logins.withLock { $0[owner] = (key, connection) }
            return LoginInvitation(key: key, address: address, code: Secret(code))
        } catch {
            await pool.giveBack(connection, ending: true)
            try await pool.remove(profile)
            if let refusal = error as? CodexRefusal { throw failures.loginRefused(refusal) }
            throw translated(error)
        }
    }

    func loginStatus(_ key: String, for owner: PrincipalID) async throws -> LoginOutcome {
        guard let login = logins.withLock({ $0[owner] }), login.key == key else {
            return .failed(failures.loginInterrupted)
        }
        let words = await login.connection.login(key).receive()
        try Task.checkCancellation()
        guard let isConnected = words.first else { return .failed(failures.loginInterrupted) }
        guard isConnected else { return .failed(failures.loginDenied) }
        try await readAccount(login.connection)
        if let held = take(owner) { await pool.giveBack(held.connection) }
        return .connected
    }

    func cancelLogin(_ key: String?, for owner: PrincipalID) async throws {
        guard let login = take(owner) else {
            // A server before this one may have been killed in the middle of it.
            if try await !pool.hasCredentials(profile(of: owner)) {
                try await pool.remove(profile(of: owner))
            }
            return
        }
        do {
            let parameters = JSONValue.object(["loginId": .string(login.key)])
            _ = try await login.connection.ask("account/login/cancel", parameters, within: .seconds(5))
        } catch { logger.debug("codex login not cancelled") }
        await pool.giveBack(login.connection)
        try await logout(owner)
    }

    func logout(_ owner: PrincipalID) async throws {
        if let login = take(owner) { await pool.giveBack(login.connection) }
        let profile = profile(of: owner)
        if try await pool.hasCredentials(profile) {
            do {
                let connection = try await pool.take(profile)
                do { _ = try await connection.ask("account/logout", within: .seconds(10)) } catch {
                    logger.notice("codex logout was not confirmed")
                }
                connection.note { $0 = CodexConnection.Account() }
                await pool.giveBack(connection, ending: true)
            } catch let failure as Failure where failure.code != "account_busy" {
                // The program is gone; its credentials go nevertheless.
                logger.notice(
                    "codex logout without the program",
                    .init("reason", LogValue.untrusted(failure.code))
                )
            }
        }
        try await pool.remove(profile)
    }

    func models(for owner: PrincipalID) async throws -> [ModelDescription] {
        let profile = profile(of: owner)
        guard settings.models.isEmpty, try await pool.hasCredentials(profile) else {
            return try await models()
        }
        let connection = try await pool.take(profile)
        do {
            let answer = try await connection.ask(
                "model/list",
                .object(["limit": .integer(100)]),
                within: Self.callPatience
            )
            await pool.giveBack(connection)
            return (answer["data"]?.array ?? []).compactMap { json in
                guard json["hidden"]?.bool != true, let name = json["model"]?.string else { return nil }
                return ModelDescription(name: name, title: json["displayName"]?.string)
            }
        } catch {
            await pool.giveBack(connection)
            throw translated(error)
        }
    }

    func rateLimits(of owner: PrincipalID) async throws -> AccountLimits {
        let profile = profile(of: owner)
        guard try await pool.hasCredentials(profile) else { throw failures.notConnected }
        let connection = try await pool.take(profile)
        do {
            let answer = try await connection.ask(
                "account/rateLimits/read",
                .null,
                within: Self.callPatience
            )
            await pool.giveBack(connection)
            let json = answer["rateLimits"] ?? .null
            connection.note { $0.limits = CodexLimits.merged($0.limits, json) }
            return connection.account.limits ?? AccountLimits()
        } catch let refusal as CodexRefusal {
            await pool.giveBack(connection)
            logger.notice("codex limits refused", .init("code", refusal.code))
            throw failures.unreachable
        } catch {
            await pool.giveBack(connection)
            throw translated(error)
        }
    }

    private func take(_ owner: PrincipalID) -> (key: String, connection: CodexConnection)? {
        logins.withLock { $0.removeValue(forKey: owner) }
    }
}

/// Ends processes that nobody needs any more, and all of them with its task.
struct CodexUpkeep: Service {
    let provider: CodexProvider

    func run() async throws {
        let interval = min(provider.settings.idle, provider.settings.parking, .seconds(30)) / 2
        while !Task.isCancelled {
            do { try await Task.sleep(for: max(interval, .milliseconds(50))) } catch { break }
            await provider.endForgotten()
            await provider.pool.endUnused()
        }
        await provider.pool.close()
    }
}
