/// What lies below /v1/admin for those who look after this server; each of these needs a sign-in with `admin`.
enum AdminRoutes {
    static func all(_ services: EdgeServices, _ admin: AdminServices) -> [Route] {
        var routes = OperatorRoutes(services, admin).routes + TokenRoutes(admin).routes
        routes += ServerRoutes(services, admin).routes
        if services.settings.shellIsOn, let policy = admin.policy { routes += PolicyRoutes(policy).routes }
        return routes
    }
}
