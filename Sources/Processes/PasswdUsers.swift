internal import CLinux
internal import Core
public import Domain

/// Looks users up on a thread of its own: a directory service may be asked.
struct PasswdUsers: SystemUsers {
    private let thread = DedicatedThread(name: "users")

    func user(_ uid: UInt32) async throws -> SystemUser? {
        try await thread.run {
            var entry = unsafe passwd()
            var found: UnsafeMutablePointer<passwd>?
            var buffer = [CChar](repeating: 0, count: 16_384)
            guard unsafe getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil
            else {
                return nil
            }
            return unsafe SystemUser(uid: entry.pw_uid, name: String(cString: entry.pw_name))
        }
    }

    func user(named name: String) async throws -> SystemUser? {
        try await thread.run {
            guard let user = try? RunAs.lookUp(name) else { return nil }
            return SystemUser(uid: user.uid, name: user.name)
        }
    }
}

/// The users of this machine.
public func makeSystemUsers() -> any SystemUsers { PasswdUsers() }
