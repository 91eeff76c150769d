import Application
import Core
import Domain
import Storage

@testable import API

extension AssistantHarness {
    /// The one action that the application declares.
    static func catalogue() throws -> [Action] {
        let schema = try JSONSchema(.object(["type": .string("object")]))
        return [
            Action(
                issuer: issuer,
                name: "matrix",
                title: "Matrix",
                description: "For the matrix.",
                parameters: schema,
                endpoint: "http://127.0.0.1:1/"
            )
        ]
    }

    /// That action and one source of the application, which never answers.
    static func actions(_ stores: Stores, _ clock: any WallClock) throws -> ActionServices {
        let requests = HostRequests(
            sessions: stores.userSessions,
            tenants: stores.tenants,
            clock: clock
        )
        return ActionServices(
            actions: ActionService(
                actions: try catalogue(),
                store: stores.actions,
                caller: SilentHost(),
                requests: requests,
                credits: CreditService(
                    wallets: stores.wallets,
                    meter: stores.meter,
                    audit: stores.audit,
                    prices: nil,
                    clock: clock
                ),
                clock: clock
            ),
            context: ContextService(
                sources: [],
                store: stores.actions,
                caller: SilentHost(),
                requests: requests,
                clock: clock
            )
        )
    }
}

private struct SilentHost: HostCaller {
    func call(_ call: HostCall) async throws -> HostAnswer { .unreachable("nobody is there") }
}
