internal import Application
internal import Core
internal import Domain
internal import HTTPServer
internal import Markdown

/// / and /context, rendered from Markdown.
struct PageRoutes: Sendable {
    private let services: EdgeServices
    private let authentication: Authentication

    init(_ services: EdgeServices) {
        self.services = services
        authentication = Authentication(services)
    }

    var routes: [Route] {
        var routes = [Route(.get, "/", access: .open, index)]
        if services.settings.shellIsOn {
            routes.append(Route(.get, "/context", access: .byHandler(.shellRead, on: nil), context))
        }
        return routes
    }

    private func index(_ context: RequestContext) async throws -> HTTPResponse {
        let own = String(decoding: PackageResources.index_md, as: UTF8.self)
        let markdown = await services.settings.pageOverride("README.md") ?? own
        return try page(fill(markdown), title: "Start", place: .start, context)
    }

    private func context(_ context: RequestContext) async throws -> HTTPResponse {
        try await authentication.getFaceCaller(of: context.request).require(.shellRead)
        let own = String(decoding: PackageResources.context_md, as: UTF8.self) + "\n" + limits
        var markdown = own
        // A file of the operator replaces ours, or stands around it where it says {DEFAULT}.
        if let theirs = await services.settings.pageOverride("CONTEXT.md") {
            markdown = theirs.replacing("{DEFAULT}", with: own)
        }
        return try page(fill(markdown), title: "Context", place: nil, context)
    }

    private func fill(_ markdown: String) -> String {
        markdown.replacing("{FQDN}", with: services.settings.baseURL())
    }

    private func page(
        _ markdown: String,
        title: String,
        place: HTMLPage.Place?,
        _ context: RequestContext
    ) throws -> HTTPResponse {
        let accepted = context.request.headers["Accept"] ?? ""
        let format = try QueryReader(context.request.query).word("format", PageFormat.self)
        if format == .md || (format == nil && accepted.contains("text/markdown")) {
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "text/markdown; charset=utf-8", "Vary": "Accept"],
                body: .bytes(Array(markdown.utf8))
            )
        }
        var response = HTMLPage(title: title, basePath: services.settings.basePath, place: place)
            .response(body: renderHTML(markdown: markdown))
        response.headers["Vary"] = "Accept"
        return response
    }

    /// The live limits and the policy.
    private var limits: String {
        let settings = services.settings
        let run = settings.runLimits
        let bound: (Int64?) -> String = { $0.map(String.init) ?? "none" }
        return """
            ## Limits of this server

            | Limit | Value |
            |---|---|
            | Time per command, unless `timeout` says otherwise | \(Int(run.time.inSeconds)) s |
            | Grace between the polite and the forced end | \(Int(run.grace.inSeconds)) s |
            | Output kept per ticket (head and tail; the middle is counted) | \(run.outputBytes) bytes |
            | Output in one answer | \(settings.answerLimit) bytes |
            | Running at a time: in all / per session / per caller | \(settings.runningLimits.total) / \(settings.runningLimits.perSession) / \(settings.runningLimits.perPrincipal) |
            | Tickets that may wait | \(settings.maximumQueued) |
            | Memory per ticket | \(bound(run.memoryBytes)) |
            | Processes per ticket | \(bound(run.processes.map(Int64.init))) |

            ## Policy of this server

            \(services.tickets.policySummary)

            """
    }
}

/// How a page is written.
enum PageFormat: String, CaseIterable {
    case html, md
}
