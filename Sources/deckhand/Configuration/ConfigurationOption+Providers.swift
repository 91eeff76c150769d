import Core
import Domain
import Providers

extension ConfigurationOption {
    static let providers =
        ProviderKind.allCases.compactMap(\.vendor).map(key) + [
            ConfigurationOption(
                key: "OPENAI_BASE_URL",
                group: .providers,
                placeholder: "URL",
                summary: "Where the interface of OPENAI_API_KEY is, version included.",
                defaultText: "https://api.openai.com/v1",
                apply: { text, draft throws(UnacceptableValue) in
                    draft.configuration.openAI.baseURL = try ProviderURL.checked(text)
                },
                show: { $0.openAI.baseURL }
            )
        ] + ProviderKind.allCases.compactMap(\.vendor).map(model)

    private static func model(of vendor: ProviderVendor) -> ConfigurationOption {
        ConfigurationOption(
            key: vendor.modelName,
            group: .providers,
            placeholder: "MODEL",
            summary: "The model of \(vendor.keyName) that is used when nobody chooses.",
            defaultText: vendor.defaultModel,
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.vendorModels[vendor.modelName] = try ProviderText.modelName(text)
            },
            show: { $0.vendorModels[vendor.modelName] ?? vendor.defaultModel }
        )
    }

    private static func key(of vendor: ProviderVendor) -> ConfigurationOption {
        ConfigurationOption(
            key: vendor.keyName,
            group: .providers,
            placeholder: "TEXT",
            summary: "The key of an account at \(vendor.name), which makes the provider “\(vendor.id)”.",
            defaultText: "none",
            isSecret: true,
            apply: { text, draft throws(UnacceptableValue) in
                draft.configuration.vendorKeys[vendor.keyName] = try ProviderText.key(text)
            },
            show: { configuration in
                configuration.vendorKeys[vendor.keyName].map { "set, \($0.reveal().count) characters" }
                    ?? "none"
            }
        )
    }
}
