// Masks secrets in a stream of bytes. The server compiles this file too, for what models say.

/// One set of forms in the order of their bytes, with a filter that tells where none of them can begin.
struct FormSet {
    /// Whether one line break (`\n` or `\r\n`) may stand between any two bytes of a form, but for its first ones:
    /// otherwise the end of nearly every line would be held back.
    let wraps: Bool
    private static let firstBreak = 3
    private(set) var bytes: [UInt8] = []
    private(set) var starts: [Int] = []
    private(set) var ends: [Int] = []
    /// One bit for each hash of three bytes with which something in the stream could begin.
    private(set) var filter = [UInt64](repeating: 0, count: 1_024)

    static let shortest = 4

    init(wraps: Bool) { self.wraps = wraps }

    var isEmpty: Bool { starts.isEmpty }

    /// Adds a form, which must not come before the last one, nor be the same.
    mutating func append(_ form: ArraySlice<UInt8>) {
        guard form.count >= Self.shortest else { return }
        starts.append(bytes.count)
        bytes += form
        ends.append(bytes.count)
        let (a, b, c) = (form[form.startIndex], form[form.startIndex + 1], form[form.startIndex + 2])
        let bit = Self.hash(a, b, c)
        filter[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    static func hash(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Int {
        let key = UInt32(a) << 16 | UInt32(b) << 8 | UInt32(c)
        return Int((key &* 0x9E37_79B1) >> 16)
    }

    /// Looks at one place: how many bytes the longest form there covers (0 for none), and whether the data end
    /// within a longer one.
    func look(_ data: [UInt8], at place: Int) -> (length: Int, isOpen: Bool) {
        var low = 0
        var high = starts.count
        var depth = 0
        var index = place
        var length = 0
        while true {
            // The shortest of those that agree so far comes first.
            if starts[low] + depth == ends[low] {
                length = index - place
                low += 1
                if low == high { return (length, false) }
            }
            if wraps, depth >= Self.firstBreak, index < data.count {
                if data[index] == 13 {
                    // At the end of the data a newline may follow.
                    if index + 1 == data.count { return (length, true) }
                    if data[index + 1] == 10 { index += 2 }
                } else if data[index] == 10 {
                    index += 1
                }
            }
            if index == data.count { return (length, true) }
            let byte = data[index]
            low = bound(byte, depth, low, high, isAfter: false)
            high = bound(byte, depth, low, high, isAfter: true)
            if low == high { return (length, false) }
            depth += 1
            index += 1
        }
    }

    /// The first form within a range whose byte at `depth` is not below (or is above) a byte.
    private func bound(_ byte: UInt8, _ depth: Int, _ low: Int, _ high: Int, isAfter: Bool) -> Int {
        var low = low
        var high = high
        while low < high {
            let middle = (low + high) / 2
            let other = bytes[starts[middle] + depth]
            if other < byte || (isAfter && other == byte) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// All that is masked.
///
/// A list is fields of a kind (1 byte: 1 if line breaks are allowed within), a length (4 bytes, little endian) and
/// bytes, each kind in the order of its bytes and without repetitions.
struct MaskForms {
    private(set) var exact = FormSet(wraps: false)
    private(set) var wrapped = FormSet(wraps: true)

    var isEmpty: Bool { exact.isEmpty && wrapped.isEmpty }

    init() {}

    /// Adds a form; those of each kind in the order of their bytes and without repetitions.
    mutating func append(_ form: ArraySlice<UInt8>, wraps: Bool) {
        if wraps { wrapped.append(form) } else { exact.append(form) }
    }

    init(list: [UInt8]) {
        var index = 0
        while index + 5 <= list.count {
            var count = 0
            for byte in list[(index + 1)..<(index + 5)].reversed() { count = count << 8 | Int(byte) }
            guard count > 0, count <= list.count - index - 5 else { break }
            let form = list[(index + 5)..<(index + 5 + count)]
            append(form, wraps: list[index] == 1)
            index += 5 + count
        }
    }

    /// Says whether a form occurs.
    func occurs(in bytes: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(bytes)
        return bytes.indices.contains { look(bytes, at: $0).length > 0 }
    }

    func look(_ data: [UInt8], at place: Int) -> (length: Int, isOpen: Bool) {
        var found = exact.isEmpty ? (0, false) : exact.look(data, at: place)
        if !wrapped.isEmpty {
            let other = wrapped.look(data, at: place)
            found = (max(found.0, other.length), found.1 || other.isOpen)
        }
        return found
    }
}

/// Replaces every byte that is part of a form; holds back only what could be the beginning of one.
///
/// What is held back waits for more bytes or for the end, however long that takes: after a while it would be a part
/// of a secret just the same.
struct Masker {
    private static let replacement = Array("[redacted]".utf8)

    private let forms: MaskForms
    /// The end of what came, which could be the beginning of a form.
    private var held: [UInt8] = []
    /// How many of the held bytes belong to a form that was replaced already.
    private var covered = 0

    init(forms: MaskForms) { self.forms = forms }

    /// Something is held back that was not shown.
    var isHolding: Bool { held.count > covered }

    /// Lets go of less than so many bytes that are held back.
    ///
    /// Should a form begin with them, the rest of it is left out.
    mutating func release(below limit: Int) -> [UInt8] {
        guard held.count - covered < limit else { return [] }
        let result = Array(held[covered...])
        covered = held.count
        return result
    }

    /// What can be passed on of these bytes, and of those held back before.
    mutating func mask(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        held += bytes
        return pass(isEnd: false)
    }

    /// What was held back, at the end of the stream.
    mutating func flush() -> [UInt8] { pass(isEnd: true) }

    private mutating func pass(isEnd: Bool) -> [UInt8] {
        let data = held
        var result: [UInt8] = []
        result.reserveCapacity(data.count)
        // Bytes before `cover` are replaced, bytes before `written` are in the result.
        var cover = covered
        var written = covered
        var place = candidate(data, from: 0)
        while place < data.count {
            let (length, isOpen) = forms.look(data, at: place)
            if isOpen, !isEnd { break }
            if length > 0 {
                if place >= cover {
                    result += data[written..<place]
                    result += Self.replacement
                }
                cover = max(cover, place + length)
                written = cover
            }
            place = candidate(data, from: place + 1)
        }
        if written < place { result += data[written..<place] }
        covered = max(cover - place, 0)
        held = Array(data[place...])
        return result
    }

    /// The next place at which a form could begin.
    private func candidate(_ data: [UInt8], from start: Int) -> Int {
        let data = data.span
        let exact = forms.exact.filter.span
        let wrapped = forms.wrapped.filter.span
        var place = start
        while place + 2 < data.count {
            let bit = FormSet.hash(data[place], data[place + 1], data[place + 2])
            if (exact[bit >> 6] | wrapped[bit >> 6]) & (1 << UInt64(bit & 63)) != 0 { return place }
            place += 1
        }
        return place
    }
}
