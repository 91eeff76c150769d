/// Below which group of version 2 the groups of tickets are made, by the group that the server was started in.
///
/// A group that hands on controllers takes no processes (cgroups(7), no internal processes). Below a unit of systemd
/// that would forbid the next start of the server as long as a ticket lives: systemd puts the new main process into
/// the unit's own group, and the kernel answers EBUSY. So the unit has a slice of its own, and the tickets' groups
/// lie beside the unit in it.
struct ControlGroupPlace: Equatable {
    /// The slice of the unit in integrations/systemd.
    static let slice = "deckhand.slice"
    /// Where the server moves when it was started in a group that must be emptied.
    static let server = "/deckhand-server"

    /// Relative to the mount.
    let base: String
    /// The server and its neighbours have to leave it first.
    let mustBeEmptied: Bool

    /// Nil where none may be made: in a systemd service outside the slice.
    init?(ofServer path: String) {
        let parts = path.split(separator: "/")
        let parent = "/" + parts.dropLast().joined(separator: "/")
        if parts.isEmpty {
            base = "/"
            mustBeEmptied = false
        } else if parts.dropLast().last == Self.slice[...] || "/" + parts[parts.count - 1] == Self.server {
            base = parent
            mustBeEmptied = false
        } else if parts[parts.count - 1].hasSuffix(".service") {
            return nil
        } else {
            base = path
            mustBeEmptied = true
        }
    }
}
