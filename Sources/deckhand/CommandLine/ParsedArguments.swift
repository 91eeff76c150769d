import Core

/// The words after a command's name, taken apart by its specification.
///
/// `--name value` and `--name=value` are the same; `--` ends the options; an option given twice is a mistake.
struct ParsedArguments: Sendable, Equatable {
    private(set) var operands: [String] = []
    /// By flag; a switch has an empty value.
    private(set) var values: [String: String] = [:]

    init(_ words: some Sequence<String>, for specification: CommandSpecification) throws(UsageError) {
        var rest = Array(words)[...]
        var takesOptions = true
        while let word = rest.popFirst() {
            if takesOptions, word == "--" {
                takesOptions = false
            } else if takesOptions, word.hasPrefix("-"), word != "-" {
                try add(option: word, &rest, specification)
            } else {
                operands.append(word)
            }
        }
        let required = specification.operands.filter { !$0.isOptional }.count
        guard operands.count >= required else {
            throw UsageError("\(specification.operands[operands.count].name) is missing")
        }
        guard operands.count <= specification.operands.count else {
            throw UsageError(
                "“\(operands[specification.operands.count])” is one word too many; put a command into quotes"
            )
        }
    }

    private mutating func add(
        option word: String,
        _ rest: inout ArraySlice<String>,
        _ specification: CommandSpecification
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        guard let option = specification.options.first(where: { $0.flag == flag }) else {
            if flag == "--token" || flag == "--hash" {
                throw UsageError(
                    "\(flag) is not taken here, where other users could read it; set DECKHAND_TOKEN"
                )
            }
            let near = Spelling.nearest(to: flag, among: specification.options.map(\.flag))
            throw UsageError("\(flag) is not an option\(near.map { "; did you mean \($0)?" } ?? "")")
        }
        guard values[flag] == nil else { throw UsageError("\(flag) is given twice") }
        guard option.placeholder != nil else {
            guard parts.count == 1 else { throw UsageError("\(flag) takes no value") }
            values[flag] = ""
            return
        }
        if parts.count == 2 {
            values[flag] = String(parts[1])
        } else if let value = rest.popFirst() {
            values[flag] = value
        } else {
            throw UsageError("\(flag) needs a value")
        }
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    subscript(flag: String) -> String? { values[flag] }

    /// The operand at a place; for those that are required.
    func operand(_ index: Int) -> String { operands[index] }

    func integer(_ flag: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = values[flag] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("\(flag) needs a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func duration(_ flag: String, unit: String = "s", atMost limit: Duration) throws(UsageError) -> Duration?
    {
        guard let text = values[flag] else { return nil }
        do throws(UnacceptableValue) {
            return try ConfigurationValue.duration(text, unit: unit, atMost: limit)
        } catch {
            throw UsageError("\(flag): \(error.reason). \(error.hint)")
        }
    }

    /// The number of a ticket.
    static func ticketNumber(_ text: String) throws(UsageError) -> Int {
        guard let number = Int(text), number > 0 else {
            throw UsageError("“\(text)” is not the number of a ticket")
        }
        return number
    }
}
