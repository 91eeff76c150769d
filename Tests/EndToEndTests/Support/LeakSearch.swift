import FoundationEssentials

/// Looks for planted values in every form in which they could leave the server.
struct LeakSearch {
    /// The forms by their first eight bytes, each with the name of its value, which may be printed.
    private let forms: [UInt64: [(name: String, form: [UInt8])]]

    init(_ planted: [(name: String, value: String)]) {
        var table: [UInt64: [(name: String, form: [UInt8])]] = [:]
        for (name, value) in planted {
            for form in Self.forms(of: value) {
                table[form.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, default: []].append((name, form))
            }
        }
        forms = table
    }

    /// What is found, as `name of the value (form)`.
    func finds(in bytes: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        var window: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            window = window << 8 | UInt64(byte)
            guard index >= 7, let candidates = forms[window] else { continue }
            for (name, form) in candidates where bytes[(index - 7)...].starts(with: form) {
                found.insert("\(name) as \(form.count) bytes")
            }
        }
        return found
    }

    private static func forms(of value: String) -> Set<[UInt8]> {
        let bytes = Array(value.utf8)
        var forms: Set<[UInt8]> = [bytes]
        for shift in 0..<3 {
            // Of the base64 of what could stand before it, the characters that depend on it alone.
            let text = Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString()
            let known = Array(text.utf8).prefix((shift + bytes.count) * 8 / 6).dropFirst((shift * 8 + 5) / 6)
            forms.insert(Array(known))
            forms.insert(known.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 })
        }
        let hex = bytes.map { String(UInt32($0) + 256, radix: 16).dropFirst() }.joined()
        forms.insert(Array(hex.utf8))
        forms.insert(Array(hex.uppercased().utf8))
        forms.insert(Array(Escaping.percent(value).utf8))
        forms.insert(Array(Escaping.percent(value).lowercased().utf8))
        let json = value.flatMap { character -> [Character] in
            character == "\"" || character == "\\" || character == "/" ? ["\\", character] : [character]
        }
        forms.insert(Array(String(json).utf8))
        forms.insert(Array(value.replacing("\"", with: "\\\"").utf8))
        return forms.filter { $0.count >= 8 }
    }
}

extension Files {
    /// Every regular file below a directory.
    static func all(below path: String) -> [String] {
        names(in: path).flatMap { name -> [String] in
            let child = path + "/" + name
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: child, isDirectory: &isDirectory) else { return [] }
            return isDirectory ? all(below: child) : [child]
        }
    }
}
