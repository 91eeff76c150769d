internal import Application
internal import Core
internal import Domain

/// What administrators see of all owners as JSON.
///
/// Conversations are no part of it, and so no numbers of chats.
struct OversightFields: Sendable {
    private let actions: ActionFields
    private let unit: CreditUnit

    init(_ unit: CreditUnit) {
        self.unit = unit
        actions = ActionFields(unit: unit)
    }

    // MARK: Host applications

    func write(_ host: HostSettings, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("issuer")
            writer.string(host.issuer)
            writer.key("name")
            writer.string(host.name)
            writer.key("audience")
            writer.string(host.audience)
            writer.key("keys")
            writer.array { writer in
                for key in host.keys {
                    writer.object { writer in
                        writer.key("id")
                        writer.string(key.id)
                        writer.key("algorithm")
                        writer.string(key.algorithm.rawValue)
                    }
                }
            }
            writer.key("session_seconds")
            writer.integer(host.sessionLifetime.components.seconds)
            writer.key("new_clients_have_ai")
            writer.bool(host.newClientsHaveAI)
            writer.key("is_called_back")
            writer.bool(host.callKey != nil)
        }
    }

    func write(_ role: String, _ rights: UserRights, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("role")
            writer.string(role)
            writer.key("permissions")
            UserSessionFields.write(rights.permissions.map(\.rawValue), to: &writer)
            writer.key("grants")
            UserSessionFields.write(rights.grants, to: &writer)
        }
    }

    // MARK: Users

    func write(_ user: OverseenUser, at now: Timestamp, to writer: inout JSONWriter) {
        writer.object { writer in
            TenantFields.write(user.user, to: &writer)
            writer.key("principal")
            writer.string(user.user.id.principal.rawValue)
            writer.key("created")
            writer.time(user.created)
            writer.key("live_sessions")
            writer.integer(user.liveSessions)
            writer.key("latest")
            if let latest = user.latest { write(latest, at: now, to: &writer) } else { writer.null() }
        }
    }

    func write(_ session: OverseenSession, at now: Timestamp, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(session.session.id.rawValue)
            writer.key("role")
            writer.optional(session.session.role)
            writer.key("client")
            writer.string(session.client)
            writer.key("brands")
            UserSessionFields.write(session.brands, to: &writer)
            writer.key("locations")
            if let locations = session.locations {
                UserSessionFields.write(locations, to: &writer)
            } else {
                writer.null()
            }
            writer.key("teams")
            UserSessionFields.write(session.session.scope.teams, to: &writer)
            writer.key("modules")
            UserSessionFields.write(session.session.scope.modules, to: &writer)
            writer.key("created")
            writer.time(session.session.created)
            writer.key("expires")
            writer.time(session.session.expires)
            writer.key("ended")
            writer.optional(session.session.ended)
            writer.key("live")
            writer.bool(session.session.isLive(at: now))
        }
    }

    // MARK: Accounts

    func write(_ account: OverseenAccount, to writer: inout JSONWriter) {
        writer.object { writer in
            Self.write(account.owner, to: &writer)
            writer.key("provider")
            writer.string(account.provider.rawValue)
            writer.key("state")
            writer.string(account.state.rawValue)
            writer.key("model")
            writer.optional(account.model)
            writer.key("default")
            writer.bool(account.isDefault)
            writer.key("own_key")
            writer.bool(account.hasKey)
            writer.key("login_open")
            writer.bool(account.hasOpenLogin)
            writer.key("changed")
            writer.time(account.changed)
        }
    }

    // MARK: Actions and receipts

    func write(_ action: Action, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("issuer")
            writer.string(action.issuer)
            writer.key("name")
            writer.string(action.name)
            writer.key("title")
            writer.string(action.title)
            writer.key("description")
            writer.string(action.description)
            writer.key("confirmation")
            writer.string(action.confirmation.rawValue)
            writer.key("price")
            writer.integer(action.price.minor)
        }
    }

    /// With what was asked for and answered only where somebody looks into one.
    func write(_ action: OverseenAction, isWhole: Bool, to writer: inout JSONWriter) {
        let (proposal, draft) = (action.proposal, action.proposal.draft)
        writer.object { writer in
            writer.key("id")
            writer.integer(proposal.id.rawValue)
            writer.key("action")
            writer.string(draft.action)
            writer.key("issuer")
            writer.string(draft.issuer)
            writer.key("state")
            writer.string(proposal.state.rawValue)
            Self.write(action.owner, to: &writer)
            Self.write(action.place, to: &writer)
            writer.key("turn")
            writer.integer(draft.turn.rawValue)
            writer.key("price")
            writer.integer(draft.price.minor)
            ActionFields.writeCourse(of: proposal, to: &writer)
            guard isWhole else { return }
            writeUnit(to: &writer)
            writer.key("arguments")
            writer.raw(Array(draft.arguments.utf8))
            writer.key("preview")
            writer.optional(json: proposal.preview)
            writer.key("result")
            writer.optional(json: proposal.result)
        }
    }

    func write(_ receipt: OverseenReceipt, _ readings: [ContextReading]?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("turn")
            writer.integer(receipt.turn.rawValue)
            Self.write(receipt.owner, to: &writer)
            Self.write(receipt.place, to: &writer)
            writer.key("time")
            writer.time(receipt.time)
            guard let readings else {
                writer.key("sources")
                writer.integer(receipt.sources)
                writer.key("missing")
                writer.integer(receipt.missing)
                writer.key("left_out")
                writer.integer(receipt.leftOut)
                return
            }
            writer.key("sources")
            writer.array { writer in for reading in readings { actions.write(reading, to: &writer) } }
        }
    }

    // MARK: Parts

    func writeUnit(to writer: inout JSONWriter) {
        writer.key("unit")
        writer.object { writer in
            writer.key("name")
            writer.string(unit.name)
            writer.key("decimals")
            writer.integer(unit.decimals)
        }
    }

    private static func write(_ owner: OverseenOwner, to writer: inout JSONWriter) {
        writer.key("owner")
        writer.string(owner.principal.rawValue)
        writer.key("name")
        writer.optional(owner.name)
    }

    private static func write(_ place: PlaceName?, to writer: inout JSONWriter) {
        writer.key("client")
        writer.optional(place?.client)
        writer.key("brand")
        writer.optional(place?.brand)
        writer.key("location")
        writer.optional(place?.location)
    }
}
