/// What a command reads, as far as the command line itself says it.
enum CommandInput {
    private static let options: Set<String> = ["-n", "-e", "-E", "-ne", "-en", "--"]

    /// The texts of here-documents and here-strings, and those that `echo` and `printf` write into its pipe.
    static func texts(of command: ShellCommand, in tree: ShellTree) -> [String] {
        var texts = command.redirections.filter { $0.kind == .text }.map(\.target.text)
        for place in command.pipedFrom where tree.commands.indices.contains(place) {
            let producer = tree.commands[place]
            guard let name = producer.words.first?.literal, ["echo", "printf"].contains(name) else {
                continue
            }
            let words = BraceExpansion.words(Array(producer.words.dropFirst()))
            let text = words.map(\.text).drop { options.contains($0) }.joined(separator: " ")
            texts.append(plain(text))
        }
        return texts
    }

    /// The escapes that both may turn into white space.
    private static func plain(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
                if "ntrfv".contains(character) { result.append(" ") } else { result += "\\\(character)" }
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return isEscaped ? result + "\\" : result
    }
}
