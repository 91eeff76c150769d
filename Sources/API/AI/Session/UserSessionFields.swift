internal import Core
internal import Domain

/// A user's session as it stands in JSON; ids are those of the host application.
enum UserSessionFields {
    static func write(
        _ known: KnownUserSession,
        _ principal: Principal,
        at now: Timestamp,
        _ features: Features,
        token: Secret<String>?,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            if let token {
                writer.key("token")
                writer.string(token.reveal())
            }
            writer.key("expires")
            writer.time(known.session.expires)
            // For clients whose clock is wrong.
            writer.key("expires_in")
            writer.integer(max(0, (known.session.expires - now).components.seconds))
            writer.key("user")
            writer.object { writer in
                writer.key("id")
                writer.string(known.user.subject.rawValue)
                writer.key("name")
                write(known.user.name, to: &writer)
                writer.key("role")
                write(known.session.role, to: &writer)
                writer.key("permissions")
                write(principal.permissions.map(\.rawValue), to: &writer)
                writer.key("grants")
                write(principal.grants, to: &writer)
            }
            write(known.standing, known.session.scope, to: &writer)
            writer.key("teams")
            write(known.session.scope.teams, to: &writer)
            writer.key("modules")
            write(known.session.scope.modules, to: &writer)
            features.write(to: &writer)
        }
    }

    private static func write(_ standing: TenantStanding, _ scope: Scope, to writer: inout JSONWriter) {
        writer.key("client")
        writer.object { writer in
            TenantFields.write(standing.client, to: &writer)
        }
        writer.key("brands")
        writer.array { writer in
            for brand in standing.brands.values.sorted(by: { $0.id < $1.id }) {
                writer.object { writer in
                    TenantFields.write(brand, of: standing.client, to: &writer)
                }
            }
        }
        writer.key("locations")
        guard scope.locations != nil else { return writer.null() }
        writer.array { writer in
            for location in standing.locations.values.sorted(by: { $0.id < $1.id }) {
                writer.object { writer in TenantFields.write(location, to: &writer) }
            }
        }
    }

    static func write(_ text: String?, to writer: inout JSONWriter) {
        writer.optional(text)
    }

    static func write(_ words: some Sequence<String>, to writer: inout JSONWriter) {
        writer.array { writer in for word in words.sorted() { writer.string(word) } }
    }
}
