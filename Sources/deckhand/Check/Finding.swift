import Core

/// What one probe found.
struct Finding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        case fine = "ok"
        /// It serves, but something is missing or slow.
        case weak = "warning"
        /// It cannot serve.
        case broken = "error"
    }

    /// A dotted word, such as `data.speed`.
    let name: String
    let verdict: Verdict
    /// One sentence or value.
    let text: String
    /// What to do; nil when nothing is to be done.
    var hint: String?

    init(_ name: String, _ verdict: Verdict, _ text: String, hint: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.text = text
        self.hint = hint
    }
}
