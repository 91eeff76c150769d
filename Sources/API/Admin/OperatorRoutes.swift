internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// /v1/admin/operators: who may sign in, what they may do, and where they are signed in.
struct OperatorRoutes: Sendable {
    private static let known: Set<String> = ["name", "passphrase", "generate", "permissions", "run_as"]
    private let operators: OperatorService
    private let signIns: SignInService
    private let userCheck: AdminServices.UserCheck

    init(_ services: EdgeServices, _ admin: AdminServices) {
        operators = admin.operators
        signIns = services.signIns
        userCheck = admin.userCheck
    }

    var routes: [Route] {
        let one: StaticString = "/v1/admin/operators/{operator}"
        let theirs: StaticString = "/v1/admin/operators/{operator}/signins"
        return [
            Route(.get, "/v1/admin/operators", access: .signIn(.admin, on: nil), list),
            Route(.post, "/v1/admin/operators", access: .signIn(.admin, on: nil), create),
            Route(.get, one, access: .signIn(.admin, on: .operator), get),
            Route(.patch, one, access: .signIn(.admin, on: .operator), change),
            Route(
                .put,
                "/v1/admin/operators/{operator}/passphrase",
                access: .signIn(.admin, on: .operator),
                setPassphrase
            ),
            Route(.get, theirs, access: .signIn(.admin, on: .operator), signIns),
            Route(.delete, theirs, access: .signIn(.admin, on: .operator), endAll),
            Route(
                .delete,
                "/v1/admin/operators/{operator}/signins/{signin}",
                access: .signIn(.admin, on: .operator),
                endOne
            ),
        ]
    }

    // MARK: Looking

    private func list(_ context: RequestContext) async throws -> HTTPResponse {
        let all = try await operators.list()
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("operators")
                writer.array { writer in for person in all { Self.write(person, to: &writer) } }
                writer.key("permissions")
                writer.array { writer in
                    for permission in Permission.allCases { writer.string(permission.rawValue) }
                }
            }
        }
    }

    private func get(_ context: RequestContext) async throws -> HTTPResponse {
        let person = try await person(context)
        return NativeAnswers.json { Self.write(person, to: &$0) }
    }

    private func person(_ context: RequestContext) async throws -> Operator {
        try await operators.person(try OperatorName(context.parameter("operator")))
    }

    // MARK: Changing

    private func create(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: Self.known)
        guard let name = try body.string("name") else { throw body.wrong("name", "the operator's name") }
        let runAs = try body.string("run_as")
        if let runAs { try await userCheck.check(runAs) }
        let passphrase = try passphrase(body)
        let person = try await operators.create(
            try OperatorName(name),
            passphrase: passphrase.text,
            permissions: try Self.permissions(body) ?? [],
            runAs: runAs,
            by: try context.caller().id
        )
        return NativeAnswers.json(201) {
            Self.write(person, passphrase: passphrase.isGenerated ? passphrase.text : nil, to: &$0)
        }
    }

    private func change(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["permissions", "run_as", "disabled"])
        let caller = try context.caller().id
        let person = try await person(context)
        if let permissions = try Self.permissions(body), permissions != person.permissions {
            try await operators.setPermissions(permissions, of: person.name, by: caller)
        }
        // An empty text takes the user away: null means that nothing is said about it.
        if let user = try body.string("run_as"), user != person.runAs ?? "" {
            if !user.isEmpty { try await userCheck.check(user) }
            try await operators.setRunAs(user.isEmpty ? nil : user, of: person.name, by: caller)
        }
        if let isDisabled = try body.bool("disabled"), isDisabled != person.isDisabled {
            if isDisabled {
                try await operators.disable(person.name, by: caller)
            } else {
                try await operators.enable(person.name, by: caller)
            }
        }
        let changed = try await self.person(context)
        return NativeAnswers.json { Self.write(changed, to: &$0) }
    }

    private func setPassphrase(_ context: RequestContext) async throws -> HTTPResponse {
        let body = try BodyReader(context.request, known: ["passphrase", "generate"])
        let passphrase = try passphrase(body)
        let name = try await person(context).name
        try await operators.setPassphrase(passphrase.text, of: name, by: try context.caller().id)
        let person = try await person(context)
        return NativeAnswers.json {
            Self.write(person, passphrase: passphrase.isGenerated ? passphrase.text : nil, to: &$0)
        }
    }

    /// The one that was sent, or one that is made and shown once.
    private func passphrase(_ body: BodyReader) throws(Failure) -> (text: Secret<String>, isGenerated: Bool) {
        let given = try body.string("passphrase")
        if try body.bool("generate") ?? false {
            guard given == nil else { throw body.wrong("generate", "true without a passphrase") }
            return (operators.generatePassphrase(), true)
        }
        guard let given else { throw body.wrong("passphrase", "a text of 10 characters or more") }
        return (Secret(given), false)
    }

    static func permissions(_ body: BodyReader) throws(Failure) -> Set<Permission>? {
        guard let words = try body.list("permissions") else { return nil }
        var permissions: Set<Permission> = []
        for word in words {
            guard let permission = Permission(rawValue: word) else {
                throw body.wrong("permissions", "a list of permissions; “\(word)” is none")
            }
            permissions.insert(permission)
        }
        return permissions
    }

    // MARK: Sign-ins

    private func signIns(_ context: RequestContext) async throws -> HTTPResponse {
        let caller = try context.caller()
        let all = try await signIns.signIns(of: try await person(context).id, as: caller)
        return SignInRoutes.answer(all, to: caller)
    }

    private func endAll(_ context: RequestContext) async throws -> HTTPResponse {
        let person = try await person(context).id
        return ended(try await signIns.end(nil, of: person, as: try context.caller()))
    }

    private func endOne(_ context: RequestContext) async throws -> HTTPResponse {
        let person = try await person(context).id
        let id = SignInID(Int64(context.parameter("signin")) ?? 0)
        return ended(try await signIns.end(id, of: person, as: try context.caller()))
    }

    private func ended(_ count: Int) -> HTTPResponse {
        NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("ended")
                writer.integer(count)
            }
        }
    }

    // MARK: Shapes

    private static func write(
        _ person: Operator,
        passphrase: Secret<String>? = nil,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("id")
            writer.integer(person.id.rawValue)
            writer.key("name")
            writer.string(person.name.rawValue)
            writer.key("permissions")
            writer.array { writer in
                for permission in person.permissions.sorted() { writer.string(permission.rawValue) }
            }
            writer.key("run_as")
            writer.optional(person.runAs)
            writer.key("source")
            writer.string(person.source.rawValue)
            writer.key("disabled")
            writer.bool(person.isDisabled)
            // New operators begin with 1; another passphrase and shutting out count it up.
            writer.key("has_first_passphrase")
            writer.bool(person.epoch == 1)
            writer.key("created")
            writer.time(person.created)
            if let passphrase {
                writer.key("passphrase")
                writer.string(passphrase.reveal())
            }
        }
    }
}
