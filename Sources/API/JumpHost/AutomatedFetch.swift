internal import Domain
internal import HTTPServer

/// Tells requests that nobody meant: prefetches, previews and reconnecting event sources.
///
/// They never run anything.
enum AutomatedFetch {
    private static let previewAgents = [
        "slackbot", "slack-imgproxy", "twitterbot", "facebookexternalhit", "facebot", "whatsapp",
        "telegrambot",
        "discordbot", "linkedinbot", "skypeuripreview", "microsoftpreview", "bingpreview", "googlebot",
        "bingbot",
        "applebot", "google-pagerenderer", "embedly", "redditbot", "pinterestbot", "mastodon", "iframely",
        "vkshare",
        "zoombot", "yandexbot", "baiduspider", "duckduckbot",
    ]

    /// Throws `Failure` of kind forbidden for a request that must not run anything.
    static func refuse(_ request: HTTPRequest) throws(Failure) {
        guard request.method != .head else {
            throw Failure(
                .methodNotAllowed,
                code: "head_runs_nothing",
                message: "HEAD never runs a command.",
                hint: "Use GET to submit."
            )
        }
        let purposes = ["Purpose", "Sec-Purpose", "X-Purpose", "X-Moz"].compactMap {
            request.headers[$0]?.lowercased()
        }
        if purposes.contains(where: {
            $0.contains("prefetch") || $0.contains("preview") || $0.contains("prerender")
        }) {
            throw refusal("prefetch_runs_nothing", "A prefetch never runs a command.")
        }
        if let agent = request.headers["User-Agent"]?.lowercased(),
            previewAgents.contains(where: { agent.contains($0) })
        {
            throw refusal("preview_runs_nothing", "A link preview never runs a command.")
        }
        if request.headers["Last-Event-ID"] != nil {
            throw refusal("reconnect_runs_nothing", "A reconnecting event source never runs a command.")
        }
    }

    private static func refusal(_ code: String, _ message: String) -> Failure {
        Failure(
            .forbidden,
            code: code,
            message: message,
            hint: "Submit once without it, and follow the stream link of the answer."
        )
    }
}
