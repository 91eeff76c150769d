import Application
import Core
import Domain

/// Whom a hosting panel lets in, and where its pages ask.
struct PanelConfiguration: Sendable {
    /// The Unix socket that the panel's pages ask; nil where there is no panel.
    var socketPath: String?
    /// Whom root is, and what customers get.
    var settings = PanelSettings()

    var customers: PanelCustomers { settings.customers }
}

extension ConfigurationOption {
    private typealias Value = ConfigurationValue

    static let panel = [
        ConfigurationOption(
            key: "DECKHAND_PANEL_SOCKET",
            group: .panel,
            placeholder: "FILE",
            summary:
                "The Unix socket on which pages of a hosting panel ask who they may vouch for; every user may open it.",
            defaultText: "none",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.panel.socketPath = text == "none" ? nil : try draft.absolute(text)
            },
            show: { $0.panel.socketPath ?? "none" }
        ),
        ConfigurationOption(
            key: "DECKHAND_PANEL_OPERATOR",
            group: .panel,
            placeholder: "NAME",
            summary: "The operator that root of the panel is.",
            defaultText: "nobody",
            apply: { text, draft throws(UnacceptableValue) in
                guard let name = try? OperatorName(text) else {
                    throw UnacceptableValue(
                        "“\(text)” is not the name of an operator",
                        hint: "Give a name of deckhand user list."
                    )
                }
                draft.configuration.panel.settings.rootOperator = name
            },
            show: { $0.panel.settings.rootOperator?.rawValue ?? "nobody" }
        ),
        ConfigurationOption(
            key: "DECKHAND_PANEL_CUSTOMERS",
            group: .panel,
            placeholder: "off|chat|shell",
            summary:
                "What customers of the panel get: nothing, the assistant without commands, or commands as their own system user.",
            defaultText: "chat",
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.panel.settings.customers = try Value.choice(text, PanelCustomers.self)
            },
            show: { $0.panel.settings.customers.rawValue }
        ),
        ConfigurationOption(
            key: "DECKHAND_PANEL_LOWEST_UID",
            group: .panel,
            placeholder: "NUMBER",
            summary: "Users with lower numbers are the system's own, and no customers.",
            defaultText: "1000",
            apply: { text, draft throws(UnacceptableValue) in
                let number = try Value.count(text, in: 1...Int(UInt32.max - 1))
                draft.configuration.panel.settings.lowestUID = UInt32(number)
            },
            show: { "\($0.panel.settings.lowestUID)" }
        ),
    ]
}
