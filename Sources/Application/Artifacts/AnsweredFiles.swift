internal import Core
internal import Domain
internal import FoundationEssentials

/// Takes the files out of an application's answer to an action.
///
/// `{"files": [{"title": "…", "media_type": "…", "type": "…", "data": "BASE64"}]}`: each entry with `data` becomes an
/// artifact, and stands in the answer as that from then on. Links are left as they are; nothing is fetched.
struct AnsweredFiles: Sendable {
    /// Files of one answer.
    static let most = 8
    /// Bytes of the answer beside them.
    static let mostBeside = 64 << 10
    /// Bytes of all files of one answer, whatever may be kept.
    static let mostInline = 16 << 20

    let service: ArtifactService

    /// How long an answer with files may be.
    var maximumBytes: Int {
        Self.mostBeside + min(service.settings.maximumBytes, Self.mostInline) / 3 * 4 + 4_096
    }

    /// The answer with numbers in place of bytes, and what was made of them.
    ///
    /// Files that cannot be kept are named with the reason: what the application did is done.
    func kept(_ answer: [UInt8], of proposal: ActionProposal, as principal: Principal) async throws -> (
        answer: [UInt8], made: [Artifact]
    ) {
        guard case .object(var members)? = try? JSONValue(parsing: answer),
            let files = members["files"]?.array
        else { return (Self.bounded(answer, []), []) }
        var made: [Artifact] = []
        var shown: [JSONValue] = []
        for (index, entry) in files.enumerated() {
            guard let data = entry["data"] else {
                shown.append(entry)
                continue
            }
            do {
                guard made.count < Self.most else { throw Self.tooMany }
                let artifact = try await keep(entry, data, index, of: proposal, as: principal)
                made.append(artifact)
                shown.append(Self.shown(artifact))
            } catch is CancellationError {
                throw CancellationError()
            } catch let failure as Failure {
                shown.append(Self.leftOut(entry, failure))
            } catch {
                service.logger.error(
                    "a file of an action cannot be kept",
                    .init("error", LogValue.error(error))
                )
                shown.append(Self.leftOut(entry, Self.wrong("this server could not keep it")))
            }
        }
        members["files"] = .array(shown)
        return (Self.bounded(JSONValue.object(members).bytes, shown), made)
    }

    private func keep(
        _ entry: JSONValue,
        _ data: JSONValue,
        _ index: Int,
        of proposal: ActionProposal,
        as principal: Principal
    ) async throws -> Artifact {
        let draft = proposal.draft
        guard service.isOpen(to: principal, at: draft.place) else { throw Self.notPermitted }
        guard let format = entry["media_type"]?.string.flatMap(ArtifactFormat.init(mediaType:)) else {
            throw Self.wrong("its media_type is none that is kept")
        }
        guard let text = data.string, let bytes = Data(base64Encoded: text) else {
            throw Self.wrong("its data is not base64")
        }
        let kind = entry["type"]?.string.flatMap(ArtifactKind.init(rawValue:))
        let file = MadeFile(
            title: try ArtifactTitle(entry["title"]?.string ?? ""),
            kind: kind,
            format: format,
            bytes: Array(bytes)
        )
        let home = ArtifactHome(owner: draft.owner, place: draft.place, chat: draft.chat, turn: draft.turn)
        let origin = ArtifactOrigin(.action, key: "\(proposal.id)/\(index)")
        return try await service.keep(file, by: origin, in: home)
    }

    // MARK: What is shown

    private static func shown(_ artifact: Artifact) -> JSONValue {
        .object([
            "artifact": .integer(artifact.id.rawValue),
            "type": .string(artifact.draft.kind.rawValue),
            "title": .string(artifact.draft.title.rawValue),
            "media_type": .string(artifact.draft.format.rawValue),
            "size": .integer(Int64(artifact.draft.size)),
        ])
    }

    private static func leftOut(_ entry: JSONValue, _ failure: Failure) -> JSONValue {
        var members = ["left_out": JSONValue.string(failure.message)]
        if let title = entry["title"]?.string { members["title"] = .string(String(title.prefix(200))) }
        return .object(members)
    }

    /// What the application did is done, however long its answer is.
    private static func bounded(_ answer: [UInt8], _ files: [JSONValue]) -> [UInt8] {
        guard answer.count > mostBeside else { return answer }
        return JSONValue.object([
            "left_out": .string("The answer had \(answer.count) bytes; at most \(mostBeside) are kept."),
            "files": .array(Array(files.prefix(most))),
        ]).bytes
    }

    private static func wrong(_ why: String) -> Failure {
        Failure(.unprocessable, code: "artifact_invalid", message: "The file was not kept: \(why).")
    }

    private static let tooMany = wrong("an answer may bring \(most) files")
    private static let notPermitted = wrong("the user may not have files here")
}
