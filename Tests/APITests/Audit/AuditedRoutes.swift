/// What a route that changes something leaves in the audit log.
enum AuditMark: Sendable {
    /// Rows of these kinds, at least.
    case leaves(Set<String>)
    /// The same, of a route that the walk does not ask: where it is asked, or what it would need.
    case listed(Set<String>, String)
    /// None, and why.
    case nothing(String)
}

/// All routes that change something, by method and template: one that is not here fails the build's tests.
enum AuditedRoutes {
    private static let conversation = "a conversation is no setting; what its turns do has rows of its own"
    private static let model = "calls of models are usage rows; what they do has rows of its own"
    private static let run: Set = ["ticket.start", "ticket.end"]

    static let marks: [String: AuditMark] = [
        // Signing in and out.
        "POST /v1/signin": .leaves(["sign_in.begin"]),
        "POST /checkin": .leaves(["sign_in.begin"]),
        "POST /approve/{approval}/signin": .leaves(["sign_in.begin"]),
        "DELETE /v1/signin": .leaves(["sign_in.end"]),
        "DELETE /v1/signins/{id}": .leaves(["sign_in.end"]),
        "POST /v1/signin/assertion": .listed(
            ["sign_in.begin", "sign_in.end"],
            "it needs the word of a panel"
        ),
        "DELETE /v1/admin/operators/{operator}/signins": .leaves(["sign_in.end"]),
        "DELETE /v1/admin/operators/{operator}/signins/{signin}": .leaves(["sign_in.end"]),
        "POST /check": .nothing("it asks whether a sign-in lasts"),
        "POST /v1/ai/session": .leaves(["user_session.begin"]),
        "DELETE /v1/ai/session": .leaves(["user_session.end"]),
        // Commands.
        "GET /shell": .leaves(run),
        "POST /v1/sessions/{session}/tickets": .leaves(run),
        "POST /bridge": .leaves(run),
        "POST /loader_ajax.php": .leaves(run),
        "POST /v1/sessions/{session}/tickets/{number}/input": .leaves(["ticket.input"]),
        "POST /v1/sessions/{session}/tickets/{number}/cancel": .leaves(["ticket.cancel", "ticket.end"]),
        "POST /v1/sessions/{session}/tickets/{number}/resize": .nothing("a terminal's size does nothing"),
        "POST /v1/sessions": .nothing("an empty session does nothing; each of its tickets has rows"),
        "DELETE /v1/sessions/{session}": .leaves(["session.delete"]),
        // Decisions.
        "POST /v1/approvals/{approval}/decide": .leaves(["approval.approve"]),
        "POST /approve/{approval}": .leaves(["approval.approve"]),
        "POST /v1/ai/actions/{action}/confirm": .leaves(["action.confirm"]),
        "POST /v1/ai/actions/{action}/decline": .leaves(["action.decline"]),
        // Settings and grants.
        "PUT /v1/signin/passphrase": .leaves(["operator.passphrase"]),
        "POST /v1/admin/operators": .leaves(["operator.create"]),
        "PATCH /v1/admin/operators/{operator}": .leaves(["operator.permissions"]),
        "PUT /v1/admin/operators/{operator}/passphrase": .leaves(["operator.passphrase"]),
        "POST /v1/admin/tokens": .leaves(["token.create"]),
        "DELETE /v1/admin/tokens/{token}": .leaves(["token.revoke"]),
        "PUT /v1/admin/policy/rules/{id}": .leaves(["policy.change"]),
        "DELETE /v1/admin/policy/rules/{id}": .leaves(["policy.remove"]),
        "POST /v1/admin/policy/reload": .listed(["policy.reload"], "nobody here reads the file again"),
        "POST /v1/admin/policy/try": .nothing("it says what would be decided"),
        "POST /v1/admin/policy/replay": .nothing("it says what would have been decided"),
        "POST /v1/admin/policy/proposals/{approval}/accept": .leaves(["policy.add"]),
        "DELETE /v1/admin/policy/proposals/{approval}": .leaves(["policy.dismiss"]),
        "POST /v1/admin/audit-verification": .leaves(["audit.verify"]),
        "DELETE /v1/ai/artifacts/{artifact}": .leaves(["artifact.delete"]),
        "DELETE /v1/artifacts/{artifact}": .leaves(["artifact.delete"]),
        "PUT /v1/secrets/{name}": .leaves(["secret.set"]),
        "DELETE /v1/secrets/{name}": .leaves(["secret.remove"]),
        "PUT /v1/ai/clients/{client}": .leaves(["client.put"]),
        "PUT /v1/ai/clients/{client}/brands/{brand}": .leaves(["brand.put"]),
        "PUT /v1/ai/clients/{client}/brands/{brand}/locations/{location}": .leaves(["location.put"]),
        "PUT /v1/ai/users/{user}/grants": .leaves(["user.grant"]),
        "DELETE /v1/ai/users/{user}/sessions": .leaves(["user_session.revoke", "share.revoke"]),
        "POST /v1/ai/account/login": .leaves(["account.login"]),
        "DELETE /v1/ai/account/login/{id}": .leaves(["account.cancelled"]),
        "POST /v1/ai/account/logout": .leaves(["account.logout"]),
        "POST /v1/ai/account/switch": .leaves(["account.switch"]),
        "PUT /v1/ai/account/model": .leaves(["account.model"]),
        "POST /v1/shares": .leaves(["share.create"]),
        "POST /mkshr": .leaves(["share.create"]),
        "DELETE /v1/shares/{id}": .leaves(["share.revoke"]),
        "POST /chkshr": .nothing("it reads a share"),
        // Money.
        "POST /v1/admin/wallets": .leaves(["wallet.open"]),
        "PATCH /v1/admin/wallets/{wallet}": .leaves(["wallet.line", "wallet.thresholds"]),
        "POST /v1/admin/wallets/{wallet}/topups": .leaves(["wallet.topup"]),
        "POST /v1/admin/wallets/{wallet}/grants": .leaves(["wallet.grant"]),
        "PUT /v1/admin/caps": .leaves(["cap.set"]),
        "POST /v1/ai/wallet/topups": .leaves(["wallet.open", "wallet.topup"]),
        "POST /v1/ai/wallet/grants": .leaves(["wallet.open", "wallet.grant"]),
        "PUT /v1/ai/wallet/caps": .leaves(["cap.set"]),
        "PUT /v1/ai/wallet/thresholds": .leaves(["wallet.open", "wallet.thresholds"]),
        "POST /v1/ai/usage": .nothing("usage rows and transfers are kept for good, and name who reported"),
        // Conversations.
        "POST /v1/chats": .nothing(conversation),
        "PATCH /v1/chats/{chat}": .nothing(conversation),
        "DELETE /v1/chats/{chat}": .nothing(conversation),
        "POST /v1/chats/{chat}/turns": .nothing(conversation),
        "POST /v1/turns/{turn}/cancel": .nothing(conversation),
        "POST /v1/ai/chats": .nothing(conversation),
        "PATCH /v1/ai/chats/{chat}": .nothing(conversation),
        "DELETE /v1/ai/chats/{chat}": .nothing(conversation),
        "POST /v1/ai/chats/{chat}/turns": .nothing(conversation),
        "POST /v1/ai/turns/{turn}/cancel": .nothing(conversation),
        "POST /v1/ai/chat": .nothing(conversation),
        "POST /openai": .nothing(model),
        "POST /v1/chat/completions": .nothing(model),
        "POST /v1/responses": .nothing(model),
        "DELETE /v1/responses/{id}": .nothing("nothing is kept under such an id"),
        "POST /v1/responses/{id}/cancel": .nothing("nothing is kept under such an id"),
    ]
}
