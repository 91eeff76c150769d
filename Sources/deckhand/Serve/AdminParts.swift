internal import API
internal import Application
internal import Core
internal import Domain
internal import Storage

/// What administrators look after in the console, put together.
struct AdminParts: Sendable {
    let services: AdminServices

    init(
        _ configuration: Configuration,
        stores: Stores,
        operators: OperatorService,
        rules: PolicyParts,
        report: RunningReport,
        notices: NoticeRecord?,
        cryptography: any Cryptography
    ) {
        let clock = SystemWallClock()
        let editor = PolicyEditor(
            policy: rules.policy,
            service: rules.service,
            store: stores.policy,
            proposals: stores.proposals,
            cryptography: cryptography,
            clock: clock
        )
        services = AdminServices(
            operators: operators,
            tokens: TokenService(
                tokens: stores.tokens,
                audit: stores.audit,
                cryptography: cryptography,
                clock: clock
            ),
            policy: configuration.execution.shell ? editor : nil,
            server: LiveReport(report, configuration, operators: stores.operators, notices: notices),
            checkUser: { try await UserRunAs.check($0) }
        )
    }
}
