/// Why something may not run, in the words that go with a denied ticket: reason, rule, and a next permitted step.
public struct Refusal: Sendable, Equatable {
    /// Why.
    public var reason: String
    /// The rule that says so.
    public var rule: String
    /// What may be done instead.
    public var hint: String

    /// Makes a value.
    public init(reason: String, rule: String, hint: String) {
        self.reason = reason
        self.rule = rule
        self.hint = hint
    }

    /// One text for all three; ``init(text:)`` takes it apart again.
    public var text: String { "\(reason)\(Self.opening)\(rule)\(Self.closing)\(hint)" }

    /// Takes a text apart; nil when it was not made by ``text``.
    public init?(text: String) {
        guard let opening = text.firstRange(of: Self.opening),
            let closing = text[opening.upperBound...].firstRange(of: Self.closing)
        else { return nil }
        reason = String(text[..<opening.lowerBound])
        rule = String(text[opening.upperBound..<closing.lowerBound])
        hint = String(text[closing.upperBound...])
    }

    private static let opening = " (rule "
    private static let closing = "). "
}
