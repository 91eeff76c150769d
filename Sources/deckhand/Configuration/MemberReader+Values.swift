import Core
import Domain

extension MemberReader {
    /// One of the words of a type.
    mutating func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) -> Word?
    where Word.RawValue == String {
        text(name) { text throws(UnacceptableValue) in
            guard let word = Word(rawValue: text) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw UnacceptableValue("“\(text)” is not known", hint: "Give one of: \(known).")
            }
            return word
        }
    }

    /// A time as text such as `"90s"`, or a whole number of `unit`.
    mutating func duration(_ name: String, unit: String = "s", _ range: ClosedRange<Duration>) -> Duration? {
        guard let value = value(of: name) else { return nil }
        let from = ConfigurationValue.show(range.lowerBound)
        let to = ConfigurationValue.show(range.upperBound)
        let text = value.string ?? value.integer.map { String($0) } ?? ""
        guard
            let duration = try? ConfigurationValue.duration(text, unit: unit, atMost: range.upperBound),
            range.contains(duration)
        else {
            note(
                name,
                "it is not acceptable as a time",
                "Give a number of \(unit == "d" ? "days" : "seconds"), or a text such as \"90s\" or \"2h\", "
                    + "from \(from) to \(to)."
            )
            return nil
        }
        return duration
    }

    /// A number of bytes, or a text such as `"64KiB"`.
    mutating func bytes(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = value(of: name) else { return nil }
        let text = value.string ?? value.integer.map { String($0) } ?? ""
        do throws(UnacceptableValue) {
            return Int(
                try ConfigurationValue.bytes(text, in: Int64(range.lowerBound)...Int64(range.upperBound))
            )
        } catch {
            note(name, "it is not acceptable as a size", error.hint)
            return nil
        }
    }

    /// What a million tokens cost: an object with `input`, `output` and maybe `cachedInput`.
    mutating func price(_ name: String) -> ModelPrice? {
        guard var price = member(name) else { return nil }
        defer { take(price) }
        guard price.isObject else {
            price.note(nil, "it does not hold an object", "Write { input: 1.25, output: 10 }.")
            return nil
        }
        let input = price.millionths("input")
        let cached = price.millionths("cachedInput")
        let output = price.millionths("output")
        guard let input, let output else {
            price.note("input", "input and output are both needed", "Give what a million tokens cost.")
            return nil
        }
        return ModelPrice(input: input, cachedInput: cached ?? input, output: output)
    }
}
