internal import Application
internal import Core
internal import Domain
internal import HTTPServer

/// Wallets, holds, transfers and places as JSON; amounts are whole minor units.
struct WalletFields: Sendable {
    private let credits: CreditServices

    init(_ credits: CreditServices) { self.credits = credits }

    // MARK: Names

    func names(of wallet: Wallet) async throws -> PlaceName {
        try await credits.places.names(of: Place(client: wallet.owner.client, brand: wallet.owner.brand))
    }

    func names(of places: [Place]) async throws -> [Place: PlaceName] {
        var names: [Place: PlaceName] = [:]
        for place in Set(places) { names[place] = try await credits.places.names(of: place) }
        return names
    }

    func names(of principals: [PrincipalID]) async throws -> [PrincipalID: PrincipalName] {
        var names: [PrincipalID: PrincipalName] = [:]
        for principal in Set(principals) { names[principal] = try await credits.places.name(of: principal) }
        return names
    }

    /// The brand or user that a cap is about, as the host application calls it; nil for each user.
    func name(of cap: SpendingCap) async throws -> String? {
        switch cap.subject {
        case .brand(let brand):
            try await credits.places.names(of: Place(client: cap.client, brand: brand)).brand
        case .user(let user): try await credits.places.name(of: user.principal).name
        case .eachUser: nil
        }
    }

    // MARK: Members

    func writeMembers(of wallet: Wallet, _ owner: PlaceName, to writer: inout JSONWriter) {
        writer.key("id")
        writer.integer(wallet.id.rawValue)
        writer.key("issuer")
        writer.optional(owner.issuer)
        writer.key("client")
        writer.string(owner.client)
        writer.key("brand")
        writer.optional(owner.brand)
        writeUnit(to: &writer)
        writer.key("balance")
        writer.integer(wallet.balance.minor)
        writer.key("held")
        writer.integer(wallet.held.minor)
        writer.key("line")
        writer.integer(wallet.line.minor)
        writer.key("available")
        writer.integer(wallet.available.minor)
        writer.key("created")
        writer.time(wallet.created)
    }

    func writeUnit(to writer: inout JSONWriter) {
        let unit = credits.service.unit
        writer.key("unit")
        writer.object { writer in
            writer.key("name")
            writer.string(unit.name)
            writer.key("decimals")
            writer.integer(unit.decimals)
        }
    }

    func write(_ hold: Hold, _ place: PlaceName?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(hold.id.rawValue)
            writer.key("amount")
            writer.integer(hold.draft.amount.minor)
            writer.key("item")
            writer.string(hold.draft.item.description)
            writer.key("brand")
            writer.optional(place?.brand)
            writer.key("location")
            writer.optional(place?.location)
            writer.key("created")
            writer.time(hold.created)
            writer.key("expires")
            writer.time(hold.draft.expires)
        }
    }

    func write(_ transfer: Transfer, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(transfer.id.rawValue)
            writer.key("kind")
            writer.string(transfer.step.kind.rawValue)
            writer.key("amount")
            writer.integer(transfer.step.amount.minor)
            writer.key("held")
            writer.integer(transfer.step.held.minor)
            writer.key("balance")
            writer.integer(transfer.balance.minor)
            writer.key("written_off")
            writer.integer(transfer.step.writtenOff.minor)
            writer.key("hold")
            writer.optional(transfer.hold?.rawValue)
            writer.key("usage")
            writer.optional(transfer.usage?.rawValue)
            writer.key("key")
            writer.optional(transfer.key)
            writer.key("note")
            writer.optional(transfer.note)
            writer.key("by")
            writer.string(transfer.principal.rawValue)
            writer.key("created")
            writer.time(transfer.created)
        }
    }

    // MARK: Answers

    func answer(_ page: Page<Transfer>) -> HTTPResponse {
        NativeAnswers.json { writer in
            writer.object { writer in
                writeUnit(to: &writer)
                writer.key("transfers")
                writer.array { writer in for transfer in page.elements { write(transfer, to: &writer) } }
                NativeAnswers.writeNext(
                    page.hasMore ? page.elements.last?.id.rawValue : nil,
                    to: &writer
                )
            }
        }
    }
}

extension WalletFields {
    /// A page of events that thresholds raised.
    static func answer(_ page: Page<WalletEvent>) -> HTTPResponse {
        NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("events")
                writer.array { writer in for event in page.elements { write(event, to: &writer) } }
                NativeAnswers.writeNext(page.hasMore ? page.elements.last?.id : nil, to: &writer)
            }
        }
    }

    private static func write(_ event: WalletEvent, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.integer(event.id)
            writer.key("wallet")
            writer.integer(event.wallet.rawValue)
            writer.key("threshold")
            writer.integer(event.threshold.minor)
            writer.key("balance")
            writer.integer(event.balance.minor)
            writer.key("created")
            writer.time(event.created)
        }
    }
}
