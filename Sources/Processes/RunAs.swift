internal import CLinux
public import Domain

/// The system user that commands run as.
public struct RunAs: Sendable, Equatable {
    /// The login name.
    public var name: String
    /// The user's number.
    public var uid: UInt32
    /// The user's main group.
    public var gid: UInt32
    /// All groups.
    public var groups: [UInt32]
    /// The home directory, where commands start by default.
    public var home: String

    /// Looks a user up by name, or the server's own with nil; throws `Failure` with code `unknown_user`.
    ///
    /// Blocks (getpwnam_r(3) may ask a directory service), so it is not for the cooperative pool.
    public static func lookUp(_ name: String?) throws(Failure) -> RunAs {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let code =
            if let name {
                unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
            } else {
                unsafe getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found)
            }
        guard code == 0, unsafe found != nil else {
            if name == nil {
                let number = geteuid()
                return RunAs(name: "\(number)", uid: number, gid: getegid(), groups: [getegid()], home: "/")
            }
            throw Failure(
                .invalid,
                code: "unknown_user",
                message: "There is no system user of that name.",
                hint: "Name an existing user of this machine."
            )
        }
        let login = unsafe String(cString: entry.pw_name)
        var groups = [gid_t](repeating: 0, count: 256)
        var count = Int32(groups.count)
        if unsafe getgrouplist(login, entry.pw_gid, &groups, &count) < 0 { count = Int32(groups.count) }
        return unsafe RunAs(
            name: login,
            uid: entry.pw_uid,
            gid: entry.pw_gid,
            groups: Array(groups.prefix(Int(count))),
            home: String(cString: entry.pw_dir)
        )
    }

    /// Says whether this is the server's own user.
    var isOwn: Bool { uid == geteuid() }
}
