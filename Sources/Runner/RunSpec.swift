// What the server tells the resident parent about one run. Both programs compile this file.
//
// A message is a head (``RunMessage``) and a specification: fields of a tag (1 byte), a length (4 bytes, little
// endian) and bytes. Unknown tags are skipped; text is bytes, since a command need not be UTF-8.

/// One run, complete: a runner never asks for more.
struct RunSpec: Equatable {
    /// `<session>/<number>/<nonce>`, the journal's name for the ticket.
    var token: [UInt8] = []
    /// The ticket's number, which names its files.
    var number: Int64 = 0
    var command: [UInt8] = []
    /// Where the caller wants it to start; empty for the user's home.
    var directory: [UInt8] = []
    var home: [UInt8] = []
    /// `NAME=value` that every command gets.
    var baseEnvironment: [[UInt8]] = []
    /// `NAME=value` that the session and the ticket add.
    var environment: [[UInt8]] = []
    /// `NAME=value` of the secrets that the command uses; they are in no file.
    var secretEnvironment: [[UInt8]] = []
    /// `NAME=value` by which survivors are found.
    var marker: [UInt8] = []
    /// A number by which survivors are found that took `marker` away; 0 for none.
    ///
    /// See ``Survivors/mark(token:)``.
    var mark: Int64 = 0
    /// Directories in which no command may start.
    var forbidden: [[UInt8]] = []
    /// Where a datagram about the run is sent: a path, or an abstract name that begins with NUL; empty for none.
    var notify: [UInt8] = []
    /// Cgroup directories in which a group for the run is made.
    var groupsV2: [UInt8] = []
    var groupsMemory: [UInt8] = []
    var groupsPids: [UInt8] = []
    var supplementary: [Int64] = []
    /// -1 for the server's own user.
    var uid: Int64 = -1
    var gid: Int64 = -1
    var input: Int64 = 0
    var columns: Int64 = 0
    var rows: Int64 = 0
    var timeMilliseconds: Int64 = 0
    var graceMilliseconds: Int64 = 0
    var outputBytes: Int64 = 0
    var endsAtOutputLimit: Int64 = 0
    var cpuSeconds: Int64 = -1
    var memoryBytes: Int64 = -1
    var processes: Int64 = -1
    var openFiles: Int64 = -1
    var fileBytes: Int64 = -1
    /// Where nothing can be written but below `scratch`.
    var isReadOnly: Int64 = 0
    /// The directory that is private and in memory then.
    var scratch: [UInt8] = []
    var isStateful: Int64 = 0
    /// Which variables of the session's state the run is given.
    var carried: Int64 = 0
    /// What `carried` speaks of; a name that ends with `*` stands for all that begin like it.
    var carriedNames: [[UInt8]] = []

    private static let endTag: UInt8 = 255

    static let inputNone: Int64 = 0
    static let inputBytes: Int64 = 1
    static let inputOpen: Int64 = 2

    static let carriedAll: Int64 = 0
    static let carriedAllBut: Int64 = 1
    static let carriedOnly: Int64 = 2
}

/// The head of a message to the resident parent, and what its descriptors are: always the folder first.
struct RunMessage: Equatable {
    static let version: UInt8 = 1
    static let headSize = 12

    var id: UInt64 = 0
    var hasInput = false
    var hasSecrets = false
    /// The specification is too large for a message and lies in a memory file.
    var isInFile = false
    /// The last descriptor is a socket over which the runner may be given another run after this one.
    var hasLine = false

    var head: [UInt8] {
        var bytes: [UInt8] = [
            Self.version,
            (hasInput ? 1 : 0) | (hasSecrets ? 2 : 0) | (isInFile ? 4 : 0) | (hasLine ? 8 : 0), 0, 0,
        ]
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: id >> UInt64(shift * 8))) }
        return bytes
    }

    init(id: UInt64) { self.id = id }

    init?(head: ArraySlice<UInt8>) {
        guard head.count >= Self.headSize, head[head.startIndex] == Self.version else { return nil }
        let flags = head[head.startIndex + 1]
        hasInput = flags & 1 != 0
        hasSecrets = flags & 2 != 0
        isInFile = flags & 4 != 0
        hasLine = flags & 8 != 0
        for index in (0..<8).reversed() { id = id << 8 | UInt64(head[head.startIndex + 4 + index]) }
    }
}

extension RunSpec {
    /// The fields as bytes.
    var encoded: [UInt8] {
        var writer = SpecWriter()
        writer.text(1, token)
        writer.text(2, command)
        writer.text(3, directory)
        writer.text(4, home)
        writer.text(5, marker)
        writer.text(6, notify)
        writer.text(7, groupsV2)
        writer.text(8, groupsMemory)
        writer.text(9, groupsPids)
        writer.text(11, scratch)
        for item in baseEnvironment { writer.text(32, item) }
        for item in environment { writer.text(33, item) }
        for item in forbidden { writer.text(34, item) }
        for item in secretEnvironment { writer.text(36, item) }
        for item in carriedNames { writer.text(37, item) }
        for item in supplementary { writer.number(35, item) }
        writer.number(64, number)
        writer.number(65, uid)
        writer.number(66, gid)
        writer.number(67, input)
        writer.number(68, columns)
        writer.number(69, rows)
        writer.number(70, timeMilliseconds)
        writer.number(71, graceMilliseconds)
        writer.number(72, outputBytes)
        writer.number(73, endsAtOutputLimit)
        writer.number(74, cpuSeconds)
        writer.number(75, memoryBytes)
        writer.number(76, processes)
        writer.number(77, openFiles)
        writer.number(78, fileBytes)
        writer.number(79, isStateful)
        writer.number(80, carried)
        writer.number(90, isReadOnly)
        writer.number(91, mark)
        writer.number(RunSpec.endTag, 1)
        return writer.bytes
    }

    /// Reads fields; nil when a length does not fit or the end is missing.
    init?(bytes: ArraySlice<UInt8>) {
        var reader = SpecReader(rest: bytes)
        var isWhole = false
        while let (tag, value) = reader.next() {
            switch tag {
            case 1: token = Array(value)
            case 2: command = Array(value)
            case 3: directory = Array(value)
            case 4: home = Array(value)
            case 5: marker = Array(value)
            case 6: notify = Array(value)
            case 7: groupsV2 = Array(value)
            case 8: groupsMemory = Array(value)
            case 9: groupsPids = Array(value)
            case 11: scratch = Array(value)
            case 32: baseEnvironment.append(Array(value))
            case 33: environment.append(Array(value))
            case 34: forbidden.append(Array(value))
            case 35: supplementary.append(SpecReader.number(value))
            case 36: secretEnvironment.append(Array(value))
            case 37: carriedNames.append(Array(value))
            case 64: number = SpecReader.number(value)
            case 65: uid = SpecReader.number(value)
            case 66: gid = SpecReader.number(value)
            case 67: input = SpecReader.number(value)
            case 68: columns = SpecReader.number(value)
            case 69: rows = SpecReader.number(value)
            case 70: timeMilliseconds = SpecReader.number(value)
            case 71: graceMilliseconds = SpecReader.number(value)
            case 72: outputBytes = SpecReader.number(value)
            case 73: endsAtOutputLimit = SpecReader.number(value)
            case 74: cpuSeconds = SpecReader.number(value)
            case 75: memoryBytes = SpecReader.number(value)
            case 76: processes = SpecReader.number(value)
            case 77: openFiles = SpecReader.number(value)
            case 78: fileBytes = SpecReader.number(value)
            case 79: isStateful = SpecReader.number(value)
            case 80: carried = SpecReader.number(value)
            case 90: isReadOnly = SpecReader.number(value)
            case 91: mark = SpecReader.number(value)
            case RunSpec.endTag: isWhole = true
            default: break
            }
        }
        guard reader.rest.isEmpty, isWhole else { return nil }
    }
}

private struct SpecWriter {
    var bytes: [UInt8] = []

    mutating func text(_ tag: UInt8, _ value: [UInt8]) {
        bytes.append(tag)
        for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value.count >> (shift * 8))) }
        bytes += value
    }

    mutating func number(_ tag: UInt8, _ value: Int64) {
        var text: [UInt8] = []
        for shift in 0..<8 { text.append(UInt8(truncatingIfNeeded: value >> Int64(shift * 8))) }
        self.text(tag, text)
    }
}

private struct SpecReader {
    var rest: ArraySlice<UInt8>

    mutating func next() -> (UInt8, ArraySlice<UInt8>)? {
        guard rest.count >= 5 else { return nil }
        let start = rest.startIndex
        var count = 0
        for index in (1...4).reversed() { count = count << 8 | Int(rest[start + index]) }
        guard count <= rest.count - 5 else { return nil }
        defer { rest = rest[(start + 5 + count)...] }
        return (rest[start], rest[(start + 5)..<(start + 5 + count)])
    }

    static func number(_ value: ArraySlice<UInt8>) -> Int64 {
        var number: UInt64 = 0
        for byte in value.reversed() { number = number << 8 | UInt64(byte) }
        return Int64(bitPattern: number)
    }
}

/// What the resident parent answers: with id 0 a greeting, whose error says how hiding went (-1: not asked for).
struct RunReply: Equatable {
    static let size = 24

    var id: UInt64
    var pid: Int64
    var error: Int64

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for value in [id, UInt64(bitPattern: pid), UInt64(bitPattern: error)] {
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
        }
        return bytes
    }

    init(id: UInt64, pid: Int64, error: Int64) {
        self.id = id
        self.pid = pid
        self.error = error
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        var values: [UInt64] = [0, 0, 0]
        for (index, byte) in bytes.enumerated() { values[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8) }
        id = values[0]
        pid = Int64(bitPattern: values[1])
        error = Int64(bitPattern: values[2])
    }
}

/// A frame of an interactive ticket's input: kind, length (2 bytes, little endian), bytes; at most 4,096 bytes in all,
/// which a pipe takes whole or not at all (pipe(7)).
enum InputFrame {
    static let data: UInt8 = 1
    static let close: UInt8 = 2
    static let resize: UInt8 = 3
    static let headSize = 3
    static let maximumPayload = 4_093

    static func encoded(_ kind: UInt8, _ payload: ArraySlice<UInt8>) -> [UInt8] {
        [kind, UInt8(truncatingIfNeeded: payload.count), UInt8(truncatingIfNeeded: payload.count >> 8)]
            + payload
    }
}
