import Core

/// What the section `approvals` of `deckhand.json5` says.
struct ApprovalConfiguration: Sendable {
    /// Who is told about approvals; nil for nobody.
    var webhook: WebhookConfiguration?
}

/// Where notices about approvals are sent.
struct WebhookConfiguration: Sendable {
    /// All of it; path and query may hold a secret of the receiver.
    let url: Secret<String>
    /// Scheme, host and port.
    let origin: String
    /// What signs the notices.
    let secret: Secret<String>
    /// Says whether command, directory and user are told too.
    var tellsDetail = false
}
