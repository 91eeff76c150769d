internal import Core
internal import Domain

extension TurnRunner {
    /// Pictures on one answer.
    private static let mostPictures = 8

    /// Keeps the pictures that a model made in a call.
    ///
    /// What cannot be kept is said in the answer. Who may have no files gets no pictures.
    func drawn(_ images: [ImageContent], in call: Int, as principal: Principal) async throws -> (
        facts: [ChatEventBody], remarks: [ModelItem]
    ) {
        guard let artifacts = services.artifacts, artifacts.isOpen(to: principal, at: chat.place) else {
            return ([], [])
        }
        let home = ArtifactHome(owner: turn.owner, place: chat.place, chat: turn.chat, turn: turn.id)
        let title = chat.title ?? Self.title(draft) ?? "Picture"
        var facts: [ChatEventBody] = []
        for (index, image) in images.prefix(Self.mostPictures).enumerated() {
            do {
                guard let format = ArtifactFormat(mediaType: image.mediaType) else {
                    throw Self.unknownPicture
                }
                let name = (try? ArtifactTitle(title)) ?? ArtifactTitle(stored: "Picture")
                let file = MadeFile(title: name, kind: .image, format: format, bytes: image.bytes)
                let origin = ArtifactOrigin(.image, key: "\(call)/\(index)")
                facts.append(
                    .artifactMade(try await artifacts.keep(file, by: origin, in: home).note, step: nil)
                )
            } catch let failure as Failure {
                let why = failure.message + (failure.hint.map { " " + $0 } ?? "")
                return (facts, [ModelItem(.assistant("(A picture could not be kept. \(why))"))])
            }
        }
        return (facts, [])
    }

    private static let unknownPicture = Failure(
        .unprocessable,
        code: "artifact_type_mismatch",
        message: "Its media type is none that is kept."
    )
}
