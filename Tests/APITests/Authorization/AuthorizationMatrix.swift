import Core
import Domain
import HTTPServer

@testable import API

/// Something that the matrix found.
struct MatrixFinding: Sendable, CustomStringConvertible {
    let route: String
    let caller: MatrixCaller
    /// The kind of object it is about.
    let kind: ObjectKind?
    let problem: String

    var description: String { "\(route) as \(caller.rawValue): \(problem)" }
}

/// Every route of the router × every caller, with an object of the kind that the route names.
///
/// What is right is derived from the registries alone: ``RouteAccess`` of the route, and ``ObjectKind/ownerRule``. Each
/// request is about an object of its own, so that no answer depends on another one.
struct AuthorizationMatrix {
    let world: MatrixWorld

    private enum Verdict: String {
        case admitted, unauthenticated, forbidden, missing, notUnderstood, broken
    }

    /// All that is wrong; nothing on a server that is right.
    func findings() async throws -> [MatrixFinding] {
        var findings: [MatrixFinding] = []
        // So that lists have something to leak.
        for kind in ObjectKind.allCases where kind.ownerRule == .owner {
            _ = try await world.make(kind, of: try world.owner(for: .rightOperator, .open))
        }
        for route in world.routes {
            for caller in MatrixCaller.allCases { findings += try await ask(route, caller) }
        }
        return findings
    }

    private func ask(_ route: Route, _ caller: MatrixCaller) async throws -> [MatrixFinding] {
        let access = route.access
        let finding: (ObjectKind?, String) -> MatrixFinding = { kind, problem in
            MatrixFinding(
                route: "\(route.method) \(route.template)",
                caller: caller,
                kind: kind,
                problem: problem
            )
        }
        let request: MatrixRequest
        do {
            let owner = try world.owner(for: caller, access)
            var fixture: ObjectFixture?
            if let kind = access.object { fixture = try await world.make(kind, of: owner) }
            request = try MatrixRequest(route, fixture, world.document)
        } catch let error as ObjectFixture.Missing {
            return [finding(access.object, error.description)]
        } catch let error as MatrixRequest.Undocumented {
            return [finding(access.object, error.description)]
        }
        var headers: HTTPHeaders = [:]
        if let bearer = try await world.bearer(caller, access) {
            headers["Authorization"] = "Bearer \(bearer)"
        }
        let response = await world.harness.respond(
            route.method,
            request.path,
            query: request.query,
            headers: headers,
            body: request.body
        )
        let principal = try world.principal(caller, access)
        let (wanted, found) = (right(access, caller, principal), verdict(response.status, access))
        var findings: [MatrixFinding] = []
        if found != wanted {
            let status = "\(found.rawValue) (\(response.status))"
            findings.append(finding(access.object, "\(status), which should be \(wanted.rawValue)"))
        }
        guard case .bytes(let bytes) = response.body else { return findings }
        let text = String(decoding: bytes, as: UTF8.self)
        for kind in leakable(access) {
            let seen = world.numbers(kind, of: principal).others.first { text.contains($0) }
            if let seen { findings.append(finding(kind, "shows the \(kind.rawValue) \(seen) of another")) }
        }
        return findings
    }

    /// Kinds of which nobody but the owner may see a number; a link shows what it leads to.
    private func leakable(_ access: RouteAccess) -> [ObjectKind] {
        access.door == .link ? [] : ObjectKind.allCases.filter { $0.ownerRule == .owner }
    }

    /// What the registries say.
    private func right(_ access: RouteAccess, _ caller: MatrixCaller, _ principal: Principal?) -> Verdict {
        if access.door == .open || access.door == .link { return .admitted }
        guard let principal else { return .unauthenticated }
        if access.door == .signIn, principal.signIn == nil { return .forbidden }
        if let permission = access.permission, !principal.permissions.contains(permission) {
            return .forbidden
        }
        switch access.object?.ownerRule {
        case nil, .shared: return .admitted
        case .holder(let permission):
            return principal.permissions.contains(permission) ? .admitted : .forbidden
        case .owner:
            return caller == .rightOperator || caller == .withoutPermission ? .admitted : .missing
        }
    }

    private func verdict(_ status: Int, _ access: RouteAccess) -> Verdict {
        // What is open to everybody may look at credentials in its body: the form of sign-in does.
        if access.door == .open { return status < 500 && status != 404 ? .admitted : .broken }
        switch status {
        case 401: return .unauthenticated
        case 403: return .forbidden
        case 404: return .missing
        // Then nothing was proven about the object.
        case 400, 422: return access.object == nil ? .admitted : .notUnderstood
        case 500...: return .broken
        default: return .admitted
        }
    }
}
