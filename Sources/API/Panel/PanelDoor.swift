internal import Application
internal import Core
internal import Domain
public import HTTPServer

/// What the pages of a hosting panel ask, over a Unix socket that every user of the machine may open: one route, and the
/// kernel says who asks.
public struct PanelDoor: HTTPResponder {
    private static let path = "/v1/panel/assertion"

    private let panels: PanelSignIns
    private let settings: EdgeSettings
    private let logger: Logger

    /// Makes the door; nil where no panel is configured.
    public init?(_ services: EdgeServices) {
        guard let panels = services.panels else { return nil }
        self.panels = panels
        settings = services.settings
        logger = services.logger
    }

    /// Answers `POST /v1/panel/assertion`, and nothing else.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        await Logger.$requestID.withValue(request.id) {
            do { return try await answer(request) } catch let failure as Failure {
                return present(PresentedError(failure), request.id)
            } catch {
                if !(error is CancellationError) {
                    logger.error("request failed", .init("error", LogValue.error(error)))
                }
                return present(.internal, request.id)
            }
        }
    }

    /// Renders a refusal of the server.
    public func respond(toRejected rejection: HTTPRejection) -> HTTPResponse {
        let error = PresentedError(
            status: rejection.status,
            code: rejection.reason.rawValue,
            message: rejection.message,
            hint: rejection.hint,
            retryAfter: nil
        )
        return present(error, rejection.id)
    }

    private func present(_ error: PresentedError, _ id: String) -> HTTPResponse {
        ErrorPresenter.response(error, path: Self.path, basePath: settings.basePath, requestID: id)
    }

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.pathText == Self.path, request.method == .post, case .local(let uid, _) = request.peer
        else {
            throw Failure(
                .notFound,
                code: "not_found",
                message: "There is nothing at this path.",
                hint: "This socket takes POST \(Self.path) and nothing else."
            )
        }
        let body = try BodyReader(request, known: ["audience", "user"])
        guard let audience = try body.string("audience"), audience.utf8.count <= 300 else {
            throw Failure(
                .unprocessable,
                code: "invalid_field",
                message: "The field 'audience' is needed.",
                hint: "Send the origin of the page, such as https://panel.example.com:2083."
            )
        }
        let page = audience.lowercased()
        guard PageOrigin.isAdmitted(page, settings) else {
            throw Failure(
                .forbidden,
                code: "panel_origin_not_allowed",
                message: "Pages of this origin are not let in by the panel.",
                hint:
                    "If this is the panel's address, add \(page) to DECKHAND_CORS_ORIGINS and restart the server."
            )
        }
        let signed = try await panels.assertion(forPeer: uid, naming: try body.string("user"), at: page)
        return NativeAnswers.json { writer in
            writer.object { writer in
                writer.key("assertion")
                writer.string(signed.text.reveal())
                writer.key("expires_in")
                writer.integer(Int64(signed.lifetime.inSeconds))
            }
        }
    }
}

/// The origins of pages that may sign people in.
enum PageOrigin {
    /// This server's own, and those of the list.
    static func isAdmitted(_ origin: String, _ settings: EdgeSettings) -> Bool {
        if settings.allowedOrigins.contains(origin) { return true }
        let base = settings.baseURL().lowercased()
        let own = base.dropLast(settings.basePath.utf8.count)
        return origin == String(own)
    }
}
