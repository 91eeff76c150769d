internal import Domain

/// The files of other tickets that runners moved aside, by the session and the number that they had; see `Journal`.
///
/// Folders are large and such files are rare: what a folder holds is looked up once for many removals in a row.
struct AsideFiles {
    private static let freshness = Duration.seconds(60)

    private struct Folder {
        var names: [Int: [String]] = [:]
        var listed: ContinuousClock.Instant
    }
    private var folders: [SessionName: Folder] = [:]

    /// The names of a ticket's, which are forgotten; those that come to be later are found after a minute.
    mutating func take(_ number: Int, of name: SessionName, in folder: Descriptor) -> [String] {
        let now = ContinuousClock.now
        folders = folders.filter { now - $0.value.listed < Self.freshness }
        if folders[name] == nil { folders[name] = Self.list(folder, now) }
        return folders[name]?.names.removeValue(forKey: number) ?? []
    }

    private static func list(_ folder: Descriptor, _ now: ContinuousClock.Instant) -> Folder {
        var found = Folder(listed: now)
        for name in SessionFolders.names(in: folder) where name.contains(".aside-") {
            guard let number = Int(name.prefix { $0 != "." }) else { continue }
            found.names[number, default: []].append(name)
        }
        return found
    }
}
