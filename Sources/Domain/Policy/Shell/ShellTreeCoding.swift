/// Trees as compact bytes, to be stored with the parser's version.
extension ShellTree {
    /// The tree as bytes.
    public var encoded: [UInt8] {
        var writer = Writer()
        writer.number(commands.count)
        for command in commands { writer.command(command) }
        writer.number(constructs.count)
        for construct in constructs {
            writer.bytes.append(construct.kind.rawValue)
            writer.text(construct.detail)
        }
        return writer.bytes
    }

    /// Reads what ``encoded`` made; nil for anything else.
    public init?(encoded bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        do throws(Malformed) {
            var commands: [ShellCommand] = []
            for _ in 0..<(try reader.count()) { commands.append(try reader.command()) }
            var constructs: [ShellConstruct] = []
            for _ in 0..<(try reader.count()) {
                let kind = ShellConstruct.Kind(rawValue: try reader.byte()) ?? .unknown
                constructs.append(ShellConstruct(kind, try reader.text()))
            }
            guard reader.isAtEnd else { return nil }
            self.init(commands: commands, constructs: constructs)
        } catch {
            return nil
        }
    }
}

private struct Malformed: Error {}

private struct Writer {
    var bytes: [UInt8] = []

    mutating func number(_ value: Int) {
        var rest = UInt(value)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func text(_ value: String) {
        number(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func word(_ word: ShellWord) {
        bytes.append(word.kind.rawValue)
        text(word.text)
    }

    mutating func command(_ command: ShellCommand) {
        number(command.assignments.count)
        for assignment in command.assignments {
            text(assignment.name)
            bytes.append(assignment.value == nil ? 0 : 1)
            if let value = assignment.value { word(value) }
        }
        number(command.words.count)
        for value in command.words { word(value) }
        number(command.redirections.count)
        for redirection in command.redirections {
            bytes.append(redirection.kind.rawValue)
            word(redirection.target)
        }
        switch command.directory {
        case .initial: bytes.append(0)
        case .unknown: bytes.append(1)
        case .path(let path):
            bytes.append(2)
            text(path)
        }
        number(command.pipedFrom.count)
        for place in command.pipedFrom { number(place) }
        bytes.append((command.function == nil ? 0 : 1) | (command.isEmbedded ? 2 : 0))
        if let function = command.function { text(function) }
    }
}

private struct Reader {
    let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard place < bytes.count else { throw Malformed() }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() throws(Malformed) -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = try byte()
            guard shift <= 56 else { throw Malformed() }
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A number of elements, each of which takes a byte at least.
    mutating func count() throws(Malformed) -> Int {
        let value = try number()
        guard value <= bytes.count - place else { throw Malformed() }
        return value
    }

    mutating func text() throws(Malformed) -> String {
        let length = try count()
        defer { place += length }
        return String(decoding: bytes[place..<place + length], as: UTF8.self)
    }

    mutating func word() throws(Malformed) -> ShellWord {
        guard let kind = ShellWord.Kind(rawValue: try byte()) else { throw Malformed() }
        return ShellWord(kind, try text())
    }

    mutating func command() throws(Malformed) -> ShellCommand {
        var command = ShellCommand()
        for _ in 0..<(try count()) {
            let name = try text()
            command.assignments.append(
                ShellAssignment(name: name, value: try byte() == 0 ? nil : try word())
            )
        }
        let words = try count()
        command.words.reserveCapacity(words)
        for _ in 0..<words { command.words.append(try word()) }
        for _ in 0..<(try count()) {
            guard let kind = ShellRedirection.Kind(rawValue: try byte()) else { throw Malformed() }
            command.redirections.append(ShellRedirection(kind, try word()))
        }
        switch try byte() {
        case 0: command.directory = .initial
        case 1: command.directory = .unknown
        case 2: command.directory = .path(try text())
        default: throw Malformed()
        }
        for _ in 0..<(try count()) { command.pipedFrom.append(try number()) }
        let marks = try byte()
        if marks & 1 != 0 { command.function = try text() }
        command.isEmbedded = marks & 2 != 0
        return command
    }
}
