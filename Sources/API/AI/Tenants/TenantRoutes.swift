internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// What a host application's backend says of its clients, brands, locations and users.
struct TenantRoutes: Sendable {
    private let tenants: TenantService

    init(_ hosts: HostServices) { tenants = hosts.tenants }

    var routes: [Route] {
        [
            Route(.get, "/v1/ai/clients", access: .host(on: nil), clients),
            Route(.get, "/v1/ai/clients/{client}", access: .host(on: .client), client),
            Route(.put, "/v1/ai/clients/{client}", access: .host(on: .client), putClient),
            Route(.get, "/v1/ai/clients/{client}/brands", access: .host(on: .client), brands),
            Route(.put, "/v1/ai/clients/{client}/brands/{brand}", access: .host(on: .client), putBrand),
            Route(
                .get,
                "/v1/ai/clients/{client}/brands/{brand}/locations",
                access: .host(on: .client),
                locations
            ),
            Route(
                .put,
                "/v1/ai/clients/{client}/brands/{brand}/locations/{location}",
                access: .host(on: .client),
                putLocation
            ),
            Route(.get, "/v1/ai/users/{user}/grants", access: .host(on: .user), grants),
            Route(.put, "/v1/ai/users/{user}/grants", access: .host(on: .user), putGrants),
            Route(.delete, "/v1/ai/users/{user}/sessions", access: .host(on: .user), endSessions),
        ]
    }

    // MARK: Clients

    private func clients(_ context: RequestContext) async throws -> HTTPResponse {
        let issuer = try issuer(context)
        let query = QueryReader(context.request.query)
        let page = try await tenants.clients(
            of: issuer,
            after: try query.integer("after", 0...Int64.max).map { ClientID($0) },
            limit: Int(try query.integer("limit", 1...200) ?? 50)
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("clients")
                writer.array { writer in
                    for client in page.elements {
                        writer.object { TenantFields.write(client, to: &$0) }
                    }
                }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id.rawValue : nil, to: &writer)
            }
        }
    }

    private func client(_ context: RequestContext) async throws -> HTTPResponse {
        let client = try await found(context)
        return NativeAnswers.json { writer in writer.object { TenantFields.write(client, to: &$0) } }
    }

    private func putClient(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["name", "state", "ai", "plan"])
        var change = ClientChange()
        change.name = try Self.label(body, "name")
        change.state = try body.word("state", TenantState.self)
        change.hasAI = try body.bool("ai")
        change.plan = try Self.label(body, "plan")
        let client = try await tenants.putClient(
            try TenantKey(context.parameter("client")),
            of: try issuer(context),
            change,
            as: try context.caller()
        )
        return NativeAnswers.json { writer in writer.object { TenantFields.write(client, to: &$0) } }
    }

    // MARK: Brands and locations

    private func brands(_ context: RequestContext) async throws -> HTTPResponse {
        let client = try await found(context)
        let brands = try await tenants.brands(of: client)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("brands")
                writer.array { writer in
                    for brand in brands { writer.object { TenantFields.write(brand, of: client, to: &$0) } }
                }
            }
        }
    }

    private func putBrand(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["name", "state", "ai"])
        var change = BrandChange()
        change.name = try Self.label(body, "name")
        change.state = try body.word("state", TenantState.self)
        change.ai = try Self.ai(body)
        let client = try await found(context)
        let brand = try await tenants.putBrand(
            try TenantKey(context.parameter("brand")),
            of: client,
            change,
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { TenantFields.write(brand, of: client, to: &$0) }
        }
    }

    private func locations(_ context: RequestContext) async throws -> HTTPResponse {
        let locations = try await tenants.locations(
            of: try await brand(context, of: try await found(context))
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("locations")
                writer.array { writer in
                    for location in locations { writer.object { TenantFields.write(location, to: &$0) } }
                }
            }
        }
    }

    private func putLocation(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["name"])
        let client = try await found(context)
        let location = try await tenants.putLocation(
            try TenantKey(context.parameter("location")),
            of: try await brand(context, of: client),
            in: client,
            name: try Self.label(body, "name"),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in writer.object { TenantFields.write(location, to: &$0) } }
    }

    // MARK: Users

    private func grants(_ context: RequestContext) async throws -> HTTPResponse {
        let user = try await tenants.user(
            try TenantKey(context.parameter("user")),
            of: try issuer(context),
            in: try await grantedClient(context)
        )
        return NativeAnswers.json { writer in writer.object { TenantFields.write(user, to: &$0) } }
    }

    private func putGrants(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["permissions", "grants"])
        let user = try await tenants.grant(
            permissions: try body.list("permissions") ?? [],
            grants: try body.list("grants") ?? [],
            to: try TenantKey(context.parameter("user")),
            of: try issuer(context),
            in: try await grantedClient(context),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in writer.object { TenantFields.write(user, to: &$0) } }
    }

    /// The client that grants are about; nil for all of the application's.
    private func grantedClient(_ context: RequestContext) async throws -> Client? {
        guard let name = try QueryReader(context.request.query).text("client") else { return nil }
        return try await tenants.client(try TenantKey(name), of: try issuer(context))
    }

    private func endSessions(_ context: RequestContext) async throws -> HTTPResponse {
        let count = try await tenants.endSessions(
            of: try TenantKey(context.parameter("user")),
            of: try issuer(context),
            as: try context.caller()
        )
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("ended")
                writer.integer(count)
            }
        }
    }

    // MARK: Reading

    private func issuer(_ context: RequestContext) throws -> String {
        let named = try QueryReader(context.request.query).text("issuer")
        return try tenants.issuer(named: named, as: try context.caller())
    }

    private func found(_ context: RequestContext) async throws -> Client {
        let issuer = try issuer(context)
        return try await tenants.client(try TenantKey(context.parameter("client")), of: issuer)
    }

    private func brand(_ context: RequestContext, of client: Client) async throws -> Brand {
        try await tenants.brand(try TenantKey(context.parameter("brand")), of: client)
    }

    /// A text that people read.
    private static func label(_ body: BodyReader, _ name: String) throws(Failure) -> String? {
        guard let text = try body.string(name) else { return nil }
        guard TenantKey(checking: text) != nil else {
            throw body.wrong(name, "a text of 1 to \(TenantKey.longest) bytes in one line")
        }
        return text
    }

    /// On, off, or as the client's plan says.
    private static func ai(_ body: BodyReader) throws(Failure) -> BrandAI? {
        if let flag = try? body.bool("ai") { return flag ? .on : .off }
        guard let word = try? body.string("ai") else { return nil }
        guard word == BrandAI.inherit.rawValue else { throw body.wrong("ai", "true, false or \"inherit\"") }
        return .inherit
    }
}
