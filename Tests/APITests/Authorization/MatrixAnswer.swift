import HTTPServer

@testable import API

/// What an answer shows.
struct MatrixAnswer {
    let bytes: [UInt8]

    /// Nothing of a body that is sent piece by piece.
    init(_ response: HTTPResponse) {
        if case .bytes(let bytes) = response.body { self.bytes = bytes } else { bytes = [] }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// All numbers that stand in it, wherever they do: looking for each of many in a long text takes too long.
    var numbers: Set<Int64> {
        var (numbers, current): (Set<Int64>, Int64?) = ([], nil)
        for byte in bytes {
            if (0x30...0x39).contains(byte) {
                current = (current ?? 0) &* 10 &+ Int64(byte &- 0x30)
            } else if let number = current {
                numbers.insert(number)
                current = nil
            }
        }
        if let current { numbers.insert(current) }
        return numbers
    }
}

extension Route {
    /// A list of objects, or something else that names none and shows what there is.
    var isList: Bool { method == .get && access.object == nil && access.door != .open }
}
