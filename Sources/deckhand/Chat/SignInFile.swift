import CLinux
import Core

/// The sign-in of this user at one server, kept between starts: a file that only they may read.
///
/// It lies in `$XDG_STATE_HOME/deckhand` (else `~/.local/state/deckhand`), one file for each server, and holds the
/// token and when it expires; the passphrase is kept nowhere.
struct SignInFile: Sendable {
    struct Kept: Sendable {
        let name: String
        let token: Secret<String>
        /// RFC 3339, in UTC, so that texts compare as times do.
        let expires: String
    }

    let path: String
    private let owner: UInt32
    private let place: String

    /// Nil where the user has no home.
    init?(_ surroundings: Surroundings, place: String) {
        let base: String
        if let state = surroundings.environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            base = state
        } else if let home = surroundings.homeDirectory {
            base = home + "/.local/state"
        } else {
            return nil
        }
        let readable = place.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
                byte
            default: UInt8(ascii: "_")
            }
        }
        // What looks alike in a file's name must not share one (FNV-1a, 64 bits).
        let number = place.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        path =
            "\(base)/deckhand/signin-\(String(decoding: readable.suffix(60), as: UTF8.self))-\(String(number, radix: 16))"
        owner = surroundings.userID
        self.place = place
    }

    /// What is kept and has not expired; nil for nothing, and for what others could have read or written.
    func read(now: Timestamp) -> Kept? {
        guard let bytes = try? PrivateFile.read(path, owner: owner, isSecret: true, limit: 16 << 10),
            let json = try? JSONValue(parsing: bytes), json["place"]?.string == place,
            let name = json["operator"]?.string, let token = json["token"]?.string,
            let expires = json["expires"]?.string, expires > now.rfc3339
        else { return nil }
        return Kept(name: name, token: Secret(token), expires: expires)
    }

    /// Keeps a sign-in in place of an earlier one; says whether that worked.
    @discardableResult
    func write(_ kept: Kept) -> Bool {
        makeFolders()
        remove()
        let json = JSONValue.object([
            "place": .string(place), "operator": .string(kept.name), "token": .string(kept.token.reveal()),
            "expires": .string(kept.expires),
        ])
        do throws(PrivateFile.Trouble) {
            try PrivateFile.create(path, json.bytes + [10])
            return true
        } catch { return false }
    }

    func remove() { _ = unsafe unlink(path) }

    private func makeFolders() {
        let parts = path.split(separator: "/").dropLast()
        var folder = ""
        for part in parts {
            folder += "/" + part
            _ = unsafe mkdir(folder, 0o700)
        }
    }
}
