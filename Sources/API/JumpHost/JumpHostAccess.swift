internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// A ticket or session of the GET face with who asks for it.
struct JumpHostAccess: Sendable {
    let services: EdgeServices
    let authentication: Authentication

    init(_ services: EdgeServices) {
        self.services = services
        authentication = Authentication(services)
    }

    /// The ticket that the query names, and the links that an answer about it may carry.
    func answer(_ request: HTTPRequest) async throws -> (ticket: Ticket, links: Links) {
        let found = try await find(request, [.read, .answer])
        let links = Links(services, for: found.caller)
        // A link that only reads yields no link that does more.
        return (found.ticket, found.verb == .read ? links.readOnly : links)
    }

    /// The ticket that the query names, allowed by its capability or by a credential; and who asks.
    func ticket(
        _ request: HTTPRequest,
        _ verbs: Set<Capability.Verb>
    ) async throws -> (ticket: Ticket, caller: Principal) {
        let found = try await find(request, verbs)
        return (found.ticket, found.caller)
    }

    /// With the verb of the capability, if it was one that let them in.
    private func find(
        _ request: HTTPRequest,
        _ verbs: Set<Capability.Verb>
    ) async throws -> (ticket: Ticket, caller: Principal, verb: Capability.Verb?) {
        let query = QueryReader(request.query)
        if let capability = try capability(request, verbs) {
            try Self.check(number: try query.text("ticket"), against: capability)
            let id = TicketID(session: capability.session, number: capability.number)
            let holder = try await services.access.principal(capability.holder)
            let ticket = try await services.tickets.ticket(id, as: holder)
            try Self.check(session: try query.text("session"), against: ticket.sessionName)
            return (ticket, holder, capability.verb)
        }
        let principal = try await authentication.getFaceCaller(of: request)
        guard let name = try query.text("session"), !name.isEmpty else { throw Self.sessionMissing }
        let number = try RequestContext.ticketNumber(try query.text("ticket") ?? "")
        let ticket = try await services.tickets.ticket(
            number: number,
            in: try SessionName(name),
            as: principal
        )
        return (ticket, principal, nil)
    }

    /// The session that the query names, for listing its tickets.
    func session(_ request: HTTPRequest) async throws -> (Session, Principal) {
        let query = QueryReader(request.query)
        if let capability = try capability(request, [.list]) {
            let holder = try await services.access.principal(capability.holder)
            let session = try await services.tickets.session(capability.session, as: holder)
            try Self.check(session: try query.text("session"), against: session.name)
            return (session, holder)
        }
        let principal = try await authentication.getFaceCaller(of: request)
        guard let name = try query.text("session"), !name.isEmpty else { throw Self.sessionMissing }
        return (try await services.tickets.session(named: try SessionName(name), as: principal), principal)
    }

    /// Where a submission goes and who submits.
    func target(_ request: HTTPRequest, command: String) async throws -> (SubmissionTarget, Principal) {
        let query = QueryReader(request.query)
        let name = try query.text("session")
        if let capability = try capability(request, [.submit]) {
            let holder = try await services.access.principal(capability.holder)
            let session = try await services.tickets.session(capability.session, submittingAs: holder)
            try Self.check(session: name, against: session.name)
            return (.existing(capability.session), holder)
        }
        let principal = try await authentication.getFaceCaller(of: request)
        if let name, !name.isEmpty { return (.named(try SessionName(name)), principal) }
        let isFresh = try query.flag("fresh")
        return (
            .random(repeatedBy: isFresh ? nil : "\(principal.id)|\(request.clientAddress)|\(command)"),
            principal
        )
    }

    /// The capability of the query, which must be for one of these verbs.
    private func capability(_ request: HTTPRequest, _ verbs: Set<Capability.Verb>) throws(Failure)
        -> Capability?
    {
        guard let text = try QueryReader(request.query).text("cap") else { return nil }
        let capability = try services.access.capability(text, from: request.clientAddress)
        guard verbs.contains(capability.verb) else {
            throw Failure(
                .forbidden,
                code: "capability_for_other_use",
                message: "This link is for something else.",
                hint: "Follow each link of an answer as it is, without moving its cap to another path."
            )
        }
        return capability
    }

    private static func check(session given: String?, against name: SessionName) throws(Failure) {
        guard given == nil || given == "" || given == name.rawValue else { throw mismatch }
    }

    private static func check(number given: String?, against capability: Capability) throws(Failure) {
        guard let given, !given.isEmpty else { return }
        guard try RequestContext.ticketNumber(given) == capability.number else { throw mismatch }
    }

    private static let mismatch = Failure(
        .forbidden,
        code: "capability_mismatch",
        message: "This link is for another ticket or session.",
        hint: "Follow the link as it was given, or send the hash."
    )

    private static let sessionMissing = Failure(
        .invalid,
        code: "session_missing",
        message: "Invalid or missing 'session' parameter",
        hint: "Send the session's name, as it stands in the answer to /shell."
    )
}
