internal import Core
internal import Domain

/// Artifacts as JSON.
enum ArtifactFields {
    static func write(_ artifact: Artifact, to writer: inout JSONWriter) {
        let draft = artifact.draft
        writer.object { writer in
            writer.key("id")
            writer.integer(artifact.id.rawValue)
            writer.key("type")
            writer.string(draft.kind.rawValue)
            writer.key("title")
            writer.string(draft.title.rawValue)
            writer.key("name")
            writer.string(draft.title.fileName(draft.format))
            writer.key("media_type")
            writer.string(draft.format.rawValue)
            writer.key("size")
            writer.integer(draft.size)
            writer.key("sha256")
            writer.string(draft.digest.hex)
            writer.key("source")
            writer.string(draft.origin.source.rawValue)
            writer.key("chat")
            writer.integer(draft.home.chat.rawValue)
            writer.key("turn")
            writer.integer(draft.home.turn.rawValue)
            writer.key("created")
            writer.time(artifact.created)
            writer.key("expires")
            writer.time(draft.expires)
        }
    }

    /// What is in use for the caller, and how much can be.
    static func write(_ usage: ArtifactUsage, _ quota: ArtifactQuota, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("files")
            writer.integer(usage.count)
            writer.key("most_files")
            writer.integer(quota.countOfOwner)
            writer.key("bytes")
            writer.integer(usage.bytes)
            writer.key("most_bytes")
            writer.integer(quota.bytesOfOwner)
        }
    }
}
