internal import Core
internal import Domain

/// What a webhook is sent: JSON, documented in docs/policy.md.
enum WebhookBody {
    static func bytes(of notice: ApprovalNotice) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("event")
            writer.string(notice.event)
            writer.key("id")
            writer.integer(notice.id.rawValue)
            writer.key("kind")
            writer.string(notice.kind)
            writer.key("state")
            writer.string(notice.state)
            writer.key("summary")
            writer.string(notice.summary)
            writer.key("link")
            writer.string(notice.link)
            writer.key("created")
            writer.string(notice.created.rfc3339)
            writer.key("expires")
            writer.string(notice.expires.rfc3339)
            writer.key("change")
            writer.integer(notice.change)
            if let detail = notice.detail { write(detail, to: &writer) }
        }
        return writer.bytes
    }

    private static func write(_ detail: ApprovalNotice.Detail, to writer: inout JSONWriter) {
        writer.key("detail")
        writer.object { writer in
            writer.key("command")
            writer.string(detail.command)
            writer.key("cwd")
            if let directory = detail.workingDirectory { writer.string(directory) } else { writer.null() }
            writer.key("user")
            writer.string(detail.user)
        }
    }
}
