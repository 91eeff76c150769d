internal import Core
internal import Domain

/// What answers show of accounts and logins.
enum AccountFields {
    static func write(
        _ status: AccountStatus,
        _ ways: Set<CredentialSource>,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("provider")
            writer.string(status.provider.rawValue)
            writer.key("ways")
            writer.array { writer in
                if ways.contains(.account) { writer.string("login") }
                if ways.contains(.user) { writer.string("key") }
            }
            writer.key("state")
            writer.string(status.state.rawValue)
            writer.key("plan")
            write(status.plan, to: &writer)
            writer.key("model")
            write(status.model, to: &writer)
            writer.key("limits")
            if let limits = status.limits { write(limits, to: &writer) } else { writer.null() }
            writer.key("problem")
            if let problem = status.problem {
                writer.object { writer in
                    writer.key("code")
                    writer.string(problem.code)
                    writer.key("message")
                    writer.string(problem.message)
                    writer.key("hint")
                    write(problem.hint, to: &writer)
                }
            } else {
                writer.null()
            }
        }
    }

    static func write(_ limits: AccountLimits, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("plan")
            write(limits.plan, to: &writer)
            writer.key("reached")
            writer.bool(limits.isReached)
            writer.key("primary")
            write(limits.primary, to: &writer)
            writer.key("secondary")
            write(limits.secondary, to: &writer)
        }
    }

    private static func write(_ window: AccountWindow?, to writer: inout JSONWriter) {
        guard let window else { return writer.null() }
        writer.object { writer in
            writer.key("used_percent")
            writer.integer(Int64(window.usedPercent))
            writer.key("window_seconds")
            if let length = window.length {
                writer.integer(length.components.seconds)
            } else {
                writer.null()
            }
            writer.key("resets")
            writer.optional(window.resets)
        }
    }

    static func write(_ login: Login, at now: Timestamp, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(login.id.rawValue)
            writer.key("provider")
            writer.string(login.provider.rawValue)
            writer.key("state")
            writer.string(login.state.rawValue)
            writer.key("reason")
            write(login.reason, to: &writer)
            writer.key("created")
            writer.time(login.created)
            writer.key("expires")
            writer.time(login.expires)
            // For clients whose clock is wrong.
            writer.key("expires_in")
            writer.integer(login.state.isOver ? 0 : max(0, (login.expires - now).components.seconds))
            writer.key("ended")
            writer.optional(login.ended)
        }
    }

    static func write(_ text: String?, to writer: inout JSONWriter) {
        writer.optional(text)
    }
}
