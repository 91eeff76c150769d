/// One change of a panel's tree; each is atomic, or harmless when it was done in part and is done again.
enum PanelStep: Sendable, Equatable {
    /// Remembers, before anything of it is done.
    case note(PanelRecord)
    /// Lets a path be changed, or nobody any more.
    case thaw(String)
    case freeze(String)
    case makeFolder(String)
    /// Puts bytes into a path's place, in one move; with owner and mode of another file where there is one.
    case write(path: String, bytes: [UInt8], mode: UInt32, like: String?)
    /// Copies a file to the backups, by its digest.
    case keep(String)
    /// Gives a file a second name, in the place of what is there; the file itself stays as it is.
    case alias(String, as: String)
    /// Moves a file onto another one's place.
    case move(String, onto: String)
    /// Puts a backup into a path's place.
    case restore(digest: String, to: String)
    /// Takes away what a run that was cut off may have left beside a path.
    case tidy(String)
    case remove(String)
    /// Removes a folder if nothing is in it.
    case removeFolder(String)
    case run([String], mustSucceed: Bool)
    /// Forgets what was remembered; the backups stay.
    case forget
}
