internal import HTTPServer

/// One route: a method, a path template, and what it does.
struct Route: Sendable {
    typealias Handler = @Sendable (RequestContext) async throws -> HTTPResponse

    let method: HTTPMethod
    /// Such as `/v1/sessions/{session}`.
    let template: StaticString
    let access: RouteAccess
    /// The last parameter takes the rest of the path, slashes included.
    let takesRest: Bool
    let handler: Handler

    init(
        _ method: HTTPMethod,
        _ template: StaticString,
        access: RouteAccess,
        takesRest: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.template = template
        self.access = access
        self.takesRest = takesRest
        self.handler = handler
    }

    var segments: [Substring] { template.description.split(separator: "/") }
}
