internal import Domain

/// Redirections and here-documents.
extension ShellTreeBuilder {
    private static let operators = [
        "&>>", "<<<", "<<-", "&>", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">",
    ]

    mutating func redirection(_ node: SyntaxNode) -> ShellRedirection {
        know(node, ["N", "Word", "Hdoc"])
        let sign = operatorText(node, among: Self.operators)
        let target = node["Word"].map { word($0) } ?? ShellWord(.undecoded, written(node))
        if node["N"]?["Value"]?.text?.hasPrefix("{") ?? false {
            return ShellRedirection(.namedDescriptor, target)
        }
        switch sign {
        case "<": return ShellRedirection(.read, target)
        case ">", ">>", ">|", "&>", "&>>", "<>": return ShellRedirection(.write, target)
        case ">&", "<&": return duplicate(target, isOutput: sign == ">&")
        case "<<", "<<-": return document(node, isIndented: sign == "<<-")
        case "<<<": return string(node["Word"] ?? .null)
        default:
            unknown("a redirection")
            return ShellRedirection(.write, target)
        }
    }

    /// `>&2`, `<&-` and `>&2-`; with any other word behind it, `>&` writes to a file.
    private func duplicate(_ target: ShellWord, isOutput: Bool) -> ShellRedirection {
        guard let text = target.literal else {
            return ShellRedirection(isOutput ? .write : .duplicate, target)
        }
        let digits = text.hasSuffix("-") && text != "-" ? text.dropLast() : text[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if text == "-" || isNumber {
            return ShellRedirection(.duplicate, ShellWord(.literal, String(digits)))
        }
        return ShellRedirection(isOutput ? .write : .duplicate, target)
    }

    private func string(_ word: SyntaxNode) -> ShellRedirection {
        let value = WordDecoder.word(word, in: source, plain: true)
        return ShellRedirection(value.kind == .literal ? .text : .dynamicText, value)
    }

    private func document(_ node: SyntaxNode, isIndented: Bool) -> ShellRedirection {
        guard let delimiter = node["Word"], let body = node["Hdoc"] else {
            return ShellRedirection(.text, ShellWord(.literal, ""))
        }
        let isQuoted = delimiter.list("Parts").contains { part in
            part.type != "Lit" || (part["Value"]?.text?.contains("\\") ?? true)
        }
        let plain =
            isQuoted
            ? body.list("Parts").compactMap { $0["Value"]?.text }.joined()
            : WordDecoder.text(body, in: source)
        guard var text = plain else {
            return ShellRedirection(.dynamicText, ShellWord(.undecoded, written(body)))
        }
        // What stands before the closing word in its line is no part of it.
        if let end = text.lastIndex(of: "\n") { text = String(text[...end]) } else { text = "" }
        if isIndented {
            text = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.drop { $0 == "\t" } }.joined(separator: "\n")
        }
        return ShellRedirection(.text, ShellWord(.literal, text))
    }
}
