/// Colours, where they are wanted.
struct TerminalPaint: Sendable {
    let isOn: Bool

    /// Off when `NO_COLOR` is set (https://no-color.org), the terminal is `dumb`, or nobody looks.
    init(_ environment: [String: String], isTerminal: Bool) {
        isOn = isTerminal && environment["NO_COLOR"]?.isEmpty != false && environment["TERM"] != "dumb"
    }

    init(isOn: Bool) { self.isOn = isOn }

    func faint(_ text: String) -> String { painted("2", text) }
    func bold(_ text: String) -> String { painted("1", text) }
    func good(_ text: String) -> String { painted("32", text) }
    func bad(_ text: String) -> String { painted("31", text) }
    func attention(_ text: String) -> String { painted("1;33", text) }

    private func painted(_ code: String, _ text: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
