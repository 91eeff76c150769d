import CLinux

/// Settings that programs of this package give the server beside what a person wrote: small files in the form of
/// `deckhand.json5`, in a folder of the data directory.
///
/// Whatever a person wrote beats them; of two files the later name beats the earlier one.
enum SettingsFolder {
    static func path(in dataDirectory: String) -> String { dataDirectory + "/settings.d" }

    /// The files, those first that beat the others.
    static func files(in dataDirectory: String) -> [String] {
        let folder = path(in: dataDirectory)
        // A folder that cannot be read belongs to a data directory that is not the caller's.
        let entries = (try? FileCopy.entries(of: folder)) ?? []
        let names = entries.filter { $0.kind == .file && $0.name.hasSuffix(".json5") && $0.name.first != "." }
        return names.reversed().map { folder + "/" + $0.name }
    }
}
