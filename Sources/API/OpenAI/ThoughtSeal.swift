internal import Core
internal import Domain

/// Hands a caller the provider's own form of a thought, and takes it back: nothing is stored here between calls.
///
/// What is handed out is sealed for the caller, so that nobody reads it, and none but what a provider wrote goes back to
/// one.
struct ThoughtSeal: Sendable {
    /// A thought in the provider's own form.
    struct Thought: Sendable, Equatable {
        let native: NativeItem
        /// Where it belongs among the items of its answer.
        let position: Int
    }

    /// The interface whose items have to be replayed with what they led to.
    static let responses = "openai-responses"
    private static let mark = "dh2."

    private let sealer: any Sealer
    private let label: String

    /// For what one caller is handed.
    init(_ sealer: any Sealer, for principal: PrincipalID) {
        self.sealer = sealer
        label = "thought \(principal.rawValue)"
    }

    /// The text that the caller keeps.
    func text(of thought: Thought) -> String {
        let bytes = Array("\(thought.position) \(thought.native.dialect)\n".utf8) + thought.native.json
        return Self.mark + TextCoding.base64URL(sealer.seal(Secret(bytes), for: label))
    }

    /// The thought of a text; nil when it is not one that this caller was handed.
    func thought(_ text: String) -> Thought? {
        guard text.hasPrefix(Self.mark),
            let sealed = TextCoding.bytes(base64URL: String(text.dropFirst(Self.mark.count))),
            let bytes = sealer.open(sealed, for: label)?.reveal(),
            let end = bytes.firstIndex(of: 10), let head = String(strictUTF8: Array(bytes[..<end])),
            let space = head.firstIndex(of: " "), let position = Int(head[..<space]), position >= 0
        else { return nil }
        let dialect = String(head[head.index(after: space)...])
        return Thought(
            native: NativeItem(dialect: dialect, json: Array(bytes[(end + 1)...])),
            position: position
        )
    }
}
