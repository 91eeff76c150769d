internal import Core
internal import Domain

/// A ticket with its session: what is needed to start it.
struct RunPlan: Sendable {
    let ticket: Ticket
    let session: Session

    /// The request for a runner, limits resolved.
    func request(defaults: RunLimits, carrying: CarriedVariables) -> RunRequest {
        let options = ticket.options
        var request = RunRequest(
            ticket: ticket.id,
            nonce: ticket.nonce,
            folder: session.name,
            command: ticket.command,
            workingDirectory: options.workingDirectory ?? session.workingDirectory,
            environment: session.environment.merging(options.environment) { _, own in own },
            input: options.input,
            terminal: options.terminal,
            limits: options.limits.applied(to: session.limits.applied(to: defaults)),
            isStateful: session.mode == .stateful
        )
        request.runAs = options.runAs
        request.carrying = carrying
        return request
    }

    /// Whether it is small enough to be kept in memory while it waits; larger ones are read again.
    var isSmall: Bool {
        var size = ticket.command.utf8.count
        if case .bytes(let bytes) = ticket.options.input { size += bytes.count }
        return size <= 2_048 && ticket.options.environment.isEmpty && session.environment.isEmpty
    }
}
