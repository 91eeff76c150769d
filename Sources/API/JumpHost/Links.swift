internal import Application
internal import Domain

/// The links that answers carry: each with a capability for one verb on one ticket or session, never with the hash.
///
/// A capability names whoever the answer is for, so that a link is worth at any time what they may do then.
struct Links: Sendable {
    private let source: @Sendable () -> String
    private let capabilities: CapabilitySigner
    private let holder: Capability.Holder?
    /// Links that lead to commands are for those who may run some.
    private var leadsOn: Bool

    /// The links of an answer for `caller`, who is named by `holder`; without one they carry no capability.
    init(
        baseURL: @escaping @Sendable () -> String,
        capabilities: CapabilitySigner,
        holder: Capability.Holder?,
        caller: Principal
    ) {
        source = baseURL
        self.capabilities = capabilities
        self.holder = holder
        leadsOn = caller.permissions.contains(.shellRun)
    }

    /// The links of an answer for a caller of these services.
    init(_ services: EdgeServices, for caller: Principal) {
        self.init(
            baseURL: services.settings.baseURL,
            capabilities: services.access.capabilities,
            holder: services.access.holder(caller),
            caller: caller
        )
    }

    /// The same links for an answer that was itself got by a link that only reads.
    var readOnly: Links {
        var links = self
        links.leadsOn = false
        return links
    }

    private var baseURL: String { source() }

    /// Where the result is to be had; whoever submitted learns there how to go on.
    func callback(_ ticket: Ticket) -> String {
        link("/callback", leadsOn ? .answer : .read, ticket)
    }

    /// Where a result is to be read again, and nothing else.
    func result(_ ticket: Ticket) -> String { link("/callback", .read, ticket) }

    func stream(_ ticket: Ticket) -> String { link("/stream", .follow, ticket) }

    func submit(to session: SessionID, named name: SessionName) -> String {
        let capability = leadsOn ? parameter(.submit, session) : ""
        return "\(baseURL)/shell?session=\(name)\(capability)&cmd="
    }

    /// The next page of a list of a session's tickets.
    func page(_ path: String, of session: Session, after number: Int, limit: Int) -> String {
        "\(baseURL)\(path)?session=\(session.name)&after=\(number)&limit=\(limit)\(parameter(.list, session.id))"
    }

    private func link(_ path: String, _ verb: Capability.Verb, _ ticket: Ticket) -> String {
        let capability = parameter(verb, ticket.id.session, ticket.id.number)
        return "\(baseURL)\(path)?session=\(ticket.sessionName)&ticket=\(ticket.id.number)\(capability)"
    }

    private func parameter(_ verb: Capability.Verb, _ session: SessionID, _ number: Int = 0) -> String {
        guard let holder else { return "" }
        return "&cap=\(capabilities.sign(verb, for: holder, session: session, number: number))"
    }
}
