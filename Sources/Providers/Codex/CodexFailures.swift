internal import Core
internal import Domain

/// What can go wrong around the program, in our words.
struct CodexFailures: Sendable {
    let id: ProviderID

    private static let tested = CodexCommand.oldestVersion.map(String.init).joined(separator: ".")

    var missing: Failure {
        Failure(
            .unavailable,
            code: "codex_missing",
            message: "The Codex CLI is not there.",
            hint: "The operator installs version \(Self.tested) or newer, and sets CODEX_CLI_BIN."
        )
    }

    var incompatible: Failure {
        Failure(
            .unavailable,
            code: "codex_incompatible",
            message: "The Codex CLI refused to start with this server's settings.",
            hint: "The operator installs version \(Self.tested); the server's log has what it said."
        )
    }

    func tooOld(_ version: [Int]) -> Failure {
        let text = version.map(String.init).joined(separator: ".")
        return Failure(
            .unavailable,
            code: "codex_too_old",
            message: "The Codex CLI is of version \(text).",
            hint: "The operator installs version \(Self.tested) or newer."
        )
    }

    var silent: Failure {
        Failure(
            .timedOut,
            code: "codex_silent",
            message: "The Codex CLI did not answer in time.",
            hint: "Try again in a moment."
        )
    }

    var full: Failure {
        Failure(
            .rateLimited,
            code: "codex_busy",
            message: "Too many accounts are at work at present.",
            hint: "Try again in a moment.",
            retryAfter: .seconds(10)
        )
    }

    var heldElsewhere: Failure {
        Failure(
            .conflict,
            code: "account_busy",
            message: "Another server works with this account at present.",
            hint: "Try again in a moment; the operator sees to it that each server has profiles of its own.",
            retryAfter: .seconds(5)
        )
    }

    var stopping: Failure {
        Failure(
            .unavailable,
            code: "stopping",
            message: "The server is stopping.",
            hint: "Try again in a moment."
        )
    }

    var notConnected: Failure {
        Failure(
            .conflict,
            code: "account_not_connected",
            message: "No account at \(id) is connected.",
            hint: "Connect one: POST /v1/ai/account/login."
        )
    }

    var loginExpired: Failure {
        Failure(
            .conflict,
            code: "account_login_expired",
            message: "The login of the account at \(id) is not valid any more.",
            hint: "Connect the account again: POST /v1/ai/account/switch."
        )
    }

    var unreachable: Failure {
        Failure(
            .unavailable,
            code: "provider_unreachable",
            message: "The account at \(id) cannot be looked up at present.",
            hint: "Try again in a moment; the operator checks this machine's network."
        )
    }

    var interrupted: Failure {
        Failure(
            .unavailable,
            code: "provider_interrupted",
            message: "The answer of the provider \(id) broke off.",
            hint: "Try again; what was said until then is kept."
        )
    }

    var timedOut: Failure {
        Failure(
            .timedOut,
            code: "provider_timed_out",
            message: "The provider \(id) did not answer in time.",
            hint: "Try again, choose a faster model, or raise CODEX_EXEC_TIMEOUT_MS."
        )
    }

    /// The program does not take what it was asked.
    func refused(_ refusal: CodexRefusal) -> Failure {
        refusal.message.contains("input_too_large")
            ? Failure(
                .tooLarge,
                code: "context_too_long",
                message: "The message is longer than the model can take.",
                hint: "Say it in fewer words."
            )
            : Failure(
                .invalid,
                code: "provider_refused_request",
                message: "The provider \(id) did not accept the request.",
                hint: "Check that the model takes what was asked of it: tools, images, effort."
            )
    }

    // MARK: Logins

    /// The service does not begin a login.
    func loginRefused(_ refusal: CodexRefusal) -> Failure {
        if refusal.message.contains("not enabled") {
            return Failure(
                .forbidden,
                code: "device_code_disabled",
                message: "Logging in by a code is switched off for this account's workspace.",
                hint:
                    "The workspace's administrator allows device code authorization in its security settings."
            )
        }
        if refusal.message.contains("429") {
            return Failure(
                .rateLimited,
                code: "provider_rate_limited",
                message: "The provider \(id) begins no more logins for now.",
                hint: "Try again in some minutes.",
                retryAfter: .seconds(60)
            )
        }
        return Failure(
            .unavailable,
            code: "login_unavailable",
            message: "The provider \(id) does not begin a login at present.",
            hint: "Try again in a moment; the operator checks this machine's network."
        )
    }

    var loginDenied: Failure {
        Failure(
            .forbidden,
            code: "login_denied",
            message: "The login was not confirmed.",
            hint: "Begin another one, and confirm it at the provider."
        )
    }

    var loginInterrupted: Failure {
        Failure(
            .unavailable,
            code: "login_interrupted",
            message: "The login broke off.",
            hint: "Begin another one."
        )
    }
}
