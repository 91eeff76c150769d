import Core

/// What was done to a panel's tree: written before it is done, so that a run that was cut off can be completed or undone.
struct PanelRecord: Sendable, Equatable {
    enum State: String, Sendable { case installing, installed, removing }

    var state: State
    /// The files that are ours, with the digest of what was put there.
    var files: [String: String] = [:]
    /// Folders that were made.
    var folders: [String] = []
    /// Digests of the panel's own pages that lay in the place of ours; each is kept as a backup.
    var originals: [String] = []
    /// What could not be changed before, and is made so again.
    var frozen: [String] = []
    /// The digests of what the panel was told of; empty when it was not.
    var registered = ""
    var socket: String
    var server: String
    /// The root of the panel's file system, without a slash at its end.
    var root = ""

    init(state: State, socket: String, server: String) {
        self.state = state
        self.socket = socket
        self.server = server
    }

    var bytes: [UInt8] {
        JSONValue.object([
            "format": .integer(1), "state": .string(state.rawValue),
            "files": .object(files.mapValues(JSONValue.string)), "folders": Self.list(folders),
            "originals": Self.list(originals), "frozen": Self.list(frozen),
            "registered": .string(registered), "socket": .string(socket), "server": .string(server),
            "root": .string(root),
        ]).bytes + [10]
    }

    /// Nil for what is no record of this format.
    init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), value["format"]?.integer == 1,
            let state = value["state"]?.string.flatMap(State.init), let socket = value["socket"]?.string,
            let server = value["server"]?.string
        else { return nil }
        self.init(state: state, socket: socket, server: server)
        files = value["files"]?.object?.compactMapValues(\.string) ?? [:]
        folders = Self.texts(value["folders"])
        originals = Self.texts(value["originals"])
        frozen = Self.texts(value["frozen"])
        registered = value["registered"]?.string ?? ""
        root = value["root"]?.string ?? ""
    }

    private static func list(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }

    private static func texts(_ value: JSONValue?) -> [String] {
        value?.array?.compactMap(\.string) ?? []
    }
}
