/// A user of the machine.
public struct SystemUser: Sendable, Equatable {
    /// The user's number.
    public let uid: UInt32
    /// The login name.
    public let name: String

    /// Makes a value.
    public init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }
}

/// The users of the machine, as getpwuid_r(3) finds them.
public protocol SystemUsers: Sendable {
    /// The user with this number, or nil.
    func user(_ uid: UInt32) async throws -> SystemUser?
    /// The user of this login name, or nil.
    func user(named name: String) async throws -> SystemUser?
}
