internal import Core
internal import Domain

/// Clients, brands, locations and users as they stand in JSON; ids are those of the host application.
enum TenantFields {
    static func write(_ client: Client, to writer: inout JSONWriter) {
        write(client.key, client.name, to: &writer)
        writer.key("state")
        writer.string(client.state.rawValue)
        writer.key("ai")
        writer.bool(client.hasAI)
        writer.key("plan")
        UserSessionFields.write(client.plan, to: &writer)
    }

    /// `ai` says whether it is on for the brand, with the client's plan taken into account where the brand has no own word.
    static func write(_ brand: Brand, of client: Client, to writer: inout JSONWriter) {
        write(brand.key, brand.name, to: &writer)
        writer.key("state")
        writer.string(brand.state.rawValue)
        writer.key("ai")
        writer.bool(brand.hasAI ?? client.hasAI)
        writer.key("inherits_ai")
        writer.bool(brand.hasAI == nil)
    }

    static func write(_ location: Location, to writer: inout JSONWriter) {
        write(location.key, location.name, to: &writer)
    }

    static func write(_ user: HostUser, to writer: inout JSONWriter) {
        write(user.subject, user.name, to: &writer)
        writer.key("permissions")
        UserSessionFields.write(user.granted.permissions.map(\.rawValue), to: &writer)
        writer.key("grants")
        UserSessionFields.write(user.granted.grants, to: &writer)
    }

    private static func write(_ key: TenantKey, _ name: String?, to writer: inout JSONWriter) {
        writer.key("id")
        writer.string(key.rawValue)
        writer.key("name")
        UserSessionFields.write(name, to: &writer)
    }
}
