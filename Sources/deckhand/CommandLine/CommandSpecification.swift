/// What a command takes: a row of the table that yields parsing and help.
struct CommandSpecification: Sendable {
    /// One word given by its place.
    struct Operand: Sendable {
        /// As it stands in help, such as `SESSION`.
        let name: String
        var isOptional = false
    }

    /// One option.
    struct Option: Sendable {
        /// With its dashes, such as `--session`.
        let flag: String
        /// What stands for the value in help; nil for a switch.
        var placeholder: String?
        let summary: String
    }

    /// One word, or two such as `token create`.
    let name: String
    /// One sentence.
    let summary: String
    var operands: [Operand] = []
    var options: [Option] = []
    /// More for the command's own help.
    var details = ""

    /// Prints machine-readable data in place of text.
    static let json = Option(flag: "--json", summary: "Print JSON on standard output.")

    /// The options of every command that talks to a server.
    static let connection = [
        Option(
            flag: "--url",
            placeholder: "URL",
            summary:
                "The server's address in place of the local socket (also DECKHAND_URL); with the token of DECKHAND_TOKEN."
        ),
        Option(
            flag: "--socket",
            placeholder: "FILE",
            summary: "The server's Unix socket (also DECKHAND_SOCKET)."
        ),
        Option(
            flag: "--data",
            placeholder: "DIRECTORY",
            summary: "The data directory that holds the socket (also DECKHAND_DATA)."
        ),
    ]

    /// Names the data directory, for commands that work on it directly.
    static let dataDirectory = Option(
        flag: "--data",
        placeholder: "DIRECTORY",
        summary: "The data directory (also DECKHAND_DATA)."
    )

    /// The flags of the whole configuration.
    static let configuration = ConfigurationOption.all.compactMap { option in
        option.flag.map { Option(flag: $0, placeholder: option.placeholder, summary: option.summary) }
    }
}

/// What is wrong with a command line; exit code 2.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
