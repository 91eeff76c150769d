internal import Application
internal import Domain

/// The links that answers carry: each with a capability for one verb on one ticket or session, never with the hash.
struct Links: Sendable {
    private let source: @Sendable () -> String
    private let capabilities: CapabilitySigner

    init(baseURL: @escaping @Sendable () -> String, capabilities: CapabilitySigner) {
        source = baseURL
        self.capabilities = capabilities
    }

    private var baseURL: String { source() }

    func callback(_ ticket: Ticket) -> String { link("/callback", .read, ticket) }

    func stream(_ ticket: Ticket) -> String { link("/stream", .follow, ticket) }

    func submit(to session: SessionID, named name: SessionName) -> String {
        "\(baseURL)/shell?session=\(name)&cap=\(capabilities.sign(.submit, session: session))&cmd="
    }

    func history(of session: SessionID, named name: SessionName, after number: Int, limit: Int) -> String {
        "\(baseURL)/history?session=\(name)&after=\(number)&limit=\(limit)&cap=\(capabilities.sign(.list, session: session))"
    }

    private func link(_ path: String, _ verb: Capability.Verb, _ ticket: Ticket) -> String {
        let capability = capabilities.sign(verb, session: ticket.id.session, number: ticket.id.number)
        return "\(baseURL)\(path)?session=\(ticket.sessionName)&ticket=\(ticket.id.number)&cap=\(capability)"
    }
}
