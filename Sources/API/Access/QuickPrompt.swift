internal import Core

/// A question that the assistant offers by its name.
public struct QuickPrompt: Sendable, Equatable {
    /// What stands on the button.
    public let name: String
    /// What is asked.
    public let text: String

    /// Makes a prompt.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(name)
            writer.key("text")
            writer.string(text)
        }
    }
}
