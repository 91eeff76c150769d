internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/hosts, roles, users and accounts: who there is, for administrators.
struct HostAdminRoutes: Sendable {
    private let oversight: OversightService
    private let fields: OversightFields

    init(_ oversight: OversightService) {
        self.oversight = oversight
        fields = OversightFields(oversight.unit)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/admin/hosts", access: .signIn(.admin, on: nil), hosts),
            Route(.get, "/v1/admin/roles", access: .signIn(.admin, on: nil), roles),
            Route(.get, "/v1/admin/users", access: .signIn(.admin, on: nil), users),
            Route(.get, "/v1/admin/users/{user}/sessions", access: .signIn(.admin, on: .user), sessions),
            Route(.get, "/v1/admin/accounts", access: .signIn(.admin, on: nil), accounts),
        ]
    }

    private func hosts(_ context: RequestContext) async throws -> HTTPResponse {
        try oversight.admit(try context.caller())
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("hosts")
                writer.array { writer in for host in oversight.hosts { fields.write(host, to: &writer) } }
            }
        }
    }

    private func roles(_ context: RequestContext) async throws -> HTTPResponse {
        try oversight.admit(try context.caller())
        let roles = oversight.roles.roles.sorted { $0.key < $1.key }
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("roles")
                writer.array { writer in
                    for (role, rights) in roles { fields.write(role, rights, to: &writer) }
                }
                writer.key("permissions")
                UserSessionFields.write(Permission.forUsers.map(\.rawValue), to: &writer)
            }
        }
    }

    private func users(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let page = try await oversight.users(
            of: try query.text("issuer"),
            containing: try query.text("query"),
            after: try query.integer("after", 0...Int64.max).map { UserID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        let now = oversight.now
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("users")
                writer.array { writer in
                    for user in page.elements { fields.write(user, at: now, to: &writer) }
                }
                NativeAnswers.writeNext(
                    page.hasMore ? page.elements.last?.user.id.rawValue : nil,
                    to: &writer
                )
            }
        }
    }

    private func sessions(_ context: RequestContext) async throws -> HTTPResponse {
        let sessions = try await oversight.sessions(
            of: try TenantKey(context.parameter("user")),
            of: try QueryReader(context.request.query).text("issuer"),
            as: try context.caller()
        )
        let now = oversight.now
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("sessions")
                writer.array { writer in
                    for session in sessions { fields.write(session, at: now, to: &writer) }
                }
            }
        }
    }

    private func accounts(_ context: RequestContext) async throws -> HTTPResponse {
        let query = QueryReader(context.request.query)
        let page = try await oversight.accounts(
            after: try query.text("after").map(Self.cursor),
            limit: Int(try query.integer("limit", 1...200) ?? 50),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("accounts")
                writer.array { writer in
                    for account in page.elements { fields.write(account, to: &writer) }
                }
                writer.key("next")
                let last = page.hasMore ? page.elements.last : nil
                writer.optional(last.map { "\($0.owner.principal)/\($0.provider)" })
            }
        }
    }

    /// Owner and provider of the last account, as `next` has them.
    private static func cursor(_ text: String) throws(Failure) -> AccountCursor {
        guard let slash = text.lastIndex(of: "/"),
            let provider = try? ProviderID(String(text[text.index(after: slash)...]))
        else {
            throw Failure(
                .invalid,
                code: "invalid_parameter",
                message: "The parameter 'after' is not what an answer gave as `next`.",
                hint: "Leave it out for the first page."
            )
        }
        return AccountCursor(owner: PrincipalID(String(text[..<slash])), provider: provider)
    }
}
