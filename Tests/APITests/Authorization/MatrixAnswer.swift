import HTTPServer
import TestSupport

@testable import API

/// What an answer shows.
struct MatrixAnswer {
    let bytes: [UInt8]

    /// How long a stream is read that does not end.
    private static let patience = Duration.milliseconds(250)
    private static let mostPieces = 1_000

    /// Reads the body; of one that is sent piece by piece what comes until its end, or soon; or, where it is said what
    /// must come, until that is there.
    init(_ response: HTTPResponse, until isEnough: (@Sendable ([UInt8]) -> Bool)? = nil) async {
        switch response.body {
        case .empty: bytes = []
        case .bytes(let bytes): self.bytes = bytes
        case .stream(_, let write):
            let collected = Recorder<[UInt8]>()
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let writer = HTTPResponseWriter { piece in
                        collected.record(piece)
                        let isDone = isEnough?(collected.all.flatMap(\.self)) ?? false
                        if isDone || collected.all.count > Self.mostPieces { throw CancellationError() }
                    }
                    try? await write(writer)
                }
                let patience = isEnough == nil ? Self.patience : .seconds(60)
                group.addTask { try? await Task.sleep(for: patience) }
                await group.next()
                group.cancelAll()
            }
            bytes = collected.all.flatMap(\.self)
        }
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
