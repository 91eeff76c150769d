import Application
import Core
import Domain
import Storage
import TestSupport
import Testing

@testable import API

/// An object that a request of the matrix names, and what paths, queries and bodies call it.
struct ObjectFixture: Sendable {
    /// Values by the name of their parameter.
    let names: [String: String]
    /// What stands in every page that shows it; nil where pages show none of it.
    var marker: String?
}

extension MatrixWorld {
    /// Makes a new object of a kind that belongs to somebody, past the use cases: its owner may lack their permission.
    ///
    /// A new kind of object does not compile until it has its case here.
    func make(_ kind: ObjectKind, of owner: Operator) async throws -> ObjectFixture {
        let serial = nextSerial()
        let principal = owner.id.principal
        switch kind {
        case .session:
            let name = try SessionName("matrix-\(serial)")
            _ = try await stores.tickets.createSession(SessionDraft(name: name), by: principal, at: now)
            return ObjectFixture(names: ["session": name.rawValue])
        case .ticket:
            let draft = TicketDraft(command: "true", origin: .api, submittedBy: principal)
            return try await ticket(draft, serial).fixture
        case .operator:
            let name = "matrix-\(serial)"
            let made = try await stores.operators.createOperator(
                OperatorDraft(
                    name: try OperatorName(name),
                    passphraseHash: Secret("x"),
                    permissions: [],
                    runAs: nil
                ),
                at: now
            )
            let begun = try await stores.signIns.beginSignIn(
                .client,
                of: made,
                secretDigest: nil,
                expires: now + .seconds(9_999),
                limit: 1_000,
                at: now
            )
            let signIn = try #require(begun).id
            return ObjectFixture(names: ["operator": name, "id": "\(made.id)", "signin": "\(signIn)"])
        case .signIn:
            let made = try await stores.signIns.beginSignIn(
                .client,
                of: owner,
                secretDigest: nil,
                expires: now + .seconds(9_999),
                limit: 1_000,
                at: now
            )
            return try noted(kind, owner, #require(made).id.rawValue, ["id"])
        case .token:
            let made = try await harness.tokens.create(
                name: "matrix-\(serial)",
                permissions: [.chat],
                lifetime: nil,
                by: principal
            )
            return ObjectFixture(names: ["token": "\(made.token.id)", "id": "\(made.token.id)"])
        case .chat:
            let chat = try await chat(of: principal)
            let fixture = noted(kind, owner, chat.id.rawValue, ["chat", "id"])
            return ObjectFixture(
                names: fixture.names.merging(["turn": "\(chat.turn)", "chatId": chat.key]) { old, _ in old }
            )
        case .share:
            let (made, token) = try await share(of: principal)
            let fixture = noted(kind, owner, made.id.rawValue, ["share", "id"])
            return ObjectFixture(
                names: fixture.names.merging(["token": token, "shareToken": token]) { old, _ in old }
            )
        case .approval:
            let command = "matrix-marker-\(serial)"
            var draft = TicketDraft(
                command: command,
                origin: .assistant,
                submittedBy: principal,
                state: .awaitingApproval
            )
            draft.approval = Self.question(command, by: principal, until: now + .seconds(9_999))
            let made = try await ticket(draft, serial)
            return ObjectFixture(
                names: ["approval": made.approval ?? "", "id": made.approval ?? ""],
                marker: command
            )
        case .wallet:
            let client = try await stores.tenants.putClient(
                try TenantKey("matrix-\(serial)"),
                of: AssistantHarness.issuer,
                ClientChange(),
                at: now
            )
            let made = try await stores.wallets.open(WalletOwner(client: client.id), at: now)
            return ObjectFixture(names: ["wallet": "\(made.id)", "client": client.key.rawValue])
        case .login:
            // One of an owner is open at a time.
            if var open = try await stores.accounts.openLogin(of: principal) {
                (open.state, open.ended) = (.cancelled, now)
                _ = try await stores.accounts.end(open)
            }
            let made = try await stores.accounts.begin(
                try ProviderID("codex"),
                for: principal,
                at: now,
                expires: now + .seconds(9_999)
            )
            return noted(kind, owner, made.id.rawValue, ["id"])
        case .auditEntry:
            // Whatever is recorded last will do: all rows are alike.
            let entry = AuditEntry(time: now, principal: principal, action: "matrix", subject: "\(serial)")
            try await stores.audit.record(entry)
            return ObjectFixture(names: ["entry": "\(try await stores.auditTrail.head().id)"])
        case .action:
            // Users alone have routes to theirs.
            let client = try await stores.tenants.putClient(
                try TenantKey("matrix-\(serial)"),
                of: AssistantHarness.issuer,
                ClientChange(),
                at: now
            )
            let made = try await stores.actions.proposal(
                waitingOf: principal,
                in: ChatID(try await chat(of: principal).id.rawValue),
                TurnID(Int64(serial) + 9_000_000),
                at: Place(client: client.id),
                now
            )
            return ObjectFixture(names: ["action": "\(made)"])
        case .policyRule:
            let id = "matrix-\(serial)"
            let rule = StoredPolicyRule(
                id: id,
                body: try Self.rule(id),
                isEnabled: true,
                createdBy: principal,
                created: now
            )
            try await stores.policy.addPolicyRule(rule)
            return ObjectFixture(names: ["id": id])
        case .proposal:
            let number = Int64(serial) + 9_000_000
            let text = String(decoding: try Self.rule("matrix-\(serial)").bytes, as: UTF8.self)
            try await stores.proposals.propose(
                RuleProposal(
                    approval: ApprovalID(number),
                    rule: text,
                    command: "matrix-\(serial)",
                    proposedBy: principal,
                    created: now
                )
            )
            return ObjectFixture(names: ["approval": "\(number)"])
        case .actionRecord: return try await make(.action, of: owner)
        case .receipt:
            let chat = try await chat(of: principal)
            _ = try await stores.actions.keep(
                ContextReading(
                    chat: ChatID(chat.id.rawValue),
                    turn: TurnID(chat.turn),
                    source: "matrix",
                    time: now,
                    facts: [ContextFact(id: "1", text: "A fact.", link: nil, rule: "brand")]
                )
            )
            return ObjectFixture(names: ["turn": "\(chat.turn)"])
        case .artifact:
            let made = try await harness.artifact(
                "matrix \(serial)",
                of: principal,
                in: ChatID(try await chat(of: principal).id.rawValue)
            )
            return noted(kind, owner, made.id.rawValue, ["artifact", "id"])
        case .secret:
            let name = try SecretName("MATRIX_\(serial)")
            let value = Secret(Array("value of the matrix \(serial)".utf8))
            _ = try await #require(harness.services.secrets).set(name, value, by: principal)
            return ObjectFixture(names: ["name": name.rawValue])
        case .client:
            let name = "matrix-\(serial)"
            let key = try TenantKey(name)
            let client = try await stores.tenants.putClient(
                key,
                of: AssistantHarness.issuer,
                ClientChange(),
                at: now
            )
            let brand = try await stores.tenants.putBrand(key, of: client, BrandChange(), at: now)
            _ = try await stores.tenants.putLocation(key, of: brand, in: client, name: nil, at: now)
            // Some bodies about a client name one of its users, too.
            _ = try await stores.tenants.grant(
                UserRights(),
                to: key,
                of: AssistantHarness.issuer,
                at: now
            )
            return ObjectFixture(names: ["client": name, "brand": name, "location": name, "user": name])
        case .user:
            let name = "matrix-\(serial)"
            _ = try await stores.tenants.grant(
                UserRights(),
                to: try TenantKey(name),
                of: AssistantHarness.issuer,
                at: now
            )
            return ObjectFixture(names: ["user": name])
        }
    }

    private static func rule(_ program: String) throws -> JSONValue {
        try JSONValue(
            parsing: Array(
                #"{"decision":"deny","program":"\#(program)","reason":"no","matches":["\#(program)"]}"#.utf8
            )
        )
    }

    private func ticket(_ draft: TicketDraft, _ serial: Int) async throws -> (
        fixture: ObjectFixture, approval: String?
    ) {
        let name = try SessionName("matrix-\(serial)")
        let made = try await stores.tickets.append(draft, to: .named(name), maximumQueued: 10_000, at: now)
        let number = "\(made.ticket.id.number)"
        return (
            ObjectFixture(names: ["session": name.rawValue, "number": number, "ticket": number]),
            made.approval.map { "\($0.id.rawValue)" }
        )
    }

    /// A link to a new chat of somebody, and its token.
    @discardableResult
    func share(of owner: PrincipalID) async throws -> (share: Share, token: String) {
        let token = "0123456789abcdef0123456789ab\(1_000 + nextSerial())"
        let draft = ShareDraft(
            chat: try await chat(of: owner).id,
            owner: owner,
            extent: .following,
            includesOutput: true,
            expires: now + .seconds(9_999)
        )
        let digest = FakeCryptography().digest(Array(token.utf8))
        let made = try await stores.shares.createShare(draft, tokenDigest: digest, limit: 1_000, at: now)
        return (try #require(made), token)
    }

    /// A chat with one turn that is over.
    private func chat(of owner: PrincipalID) async throws -> (id: ChatID, turn: Int64, key: String) {
        let key = "matrix-\(nextSerial())"
        let id = try await stores.chats.create(ChatDraft(key: key, title: "matrix"), owner: owner, at: now).id
        let model = ModelReference(provider: try ProviderID("fake"), model: "model")
        let draft = TurnDraft(message: [.text("question")], options: TurnOptions(model: model))
        let begun = try await stores.chats.begin(draft, in: id, owner: owner, above: 0, at: now)
        let over = ChatEvent(
            .turnFinished(.completed, usage: TokenUsage(), failure: nil),
            number: begun.event.number + 1,
            turn: begun.turn.id,
            at: now
        )
        let change = TurnChange(state: .completed, reason: nil, usage: TokenUsage())
        try await stores.chats.record([over], of: begun.turn, change, reserving: 0, at: now)
        return (id, begun.turn.id.rawValue, key)
    }

    private static func question(_ command: String, by principal: PrincipalID, until end: Timestamp)
        -> ApprovalDraft
    {
        ApprovalDraft(
            contents: ApprovalContents(
                command: command,
                host: "h",
                user: "u",
                policyVersion: "v",
                reason: "because",
                rule: "r"
            ),
            requestedBy: principal,
            origin: .assistant,
            reference: nil,
            expires: end,
            maximumAwaiting: 10_000
        )
    }

    /// A fixture whose number must not be seen by others.
    private func noted(_ kind: ObjectKind, _ owner: Operator, _ number: Int64, _ names: [String])
        -> ObjectFixture
    {
        note(number, kind, owner.id)
        return ObjectFixture(names: Dictionary(uniqueKeysWithValues: names.map { ($0, "\(number)") }))
    }
}

extension ActionStore {
    /// A proposal that waits for its owner.
    func proposal(
        waitingOf owner: PrincipalID,
        in chat: ChatID,
        _ turn: TurnID,
        at place: Place,
        _ now: Timestamp
    ) async throws -> ActionID {
        let made = try await propose(
            ActionDraft(
                chat: chat,
                turn: turn,
                step: ToolStepID(call: "call", index: 0),
                owner: owner,
                place: place,
                issuer: AssistantHarness.issuer,
                action: "matrix",
                arguments: "{}",
                price: .zero,
                expires: now + .seconds(9_999)
            ),
            at: now
        )
        _ = try await change(made.id, ActionChange([.proposed], to: .awaitingConfirmation), at: now)
        return made.id
    }
}
