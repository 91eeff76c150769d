internal import FoundationEssentials

/// A file of the web faces, as `make web` bundled it.
public struct WebFile: Sendable {
    /// The contents.
    public let bytes: [UInt8]
    /// The same, compressed (RFC 1952).
    public let gzipped: [UInt8]
    /// Changes with the contents.
    public let hash: String

    init(_ bytes: StaticString, gzipped: StaticString, hash: String) {
        self.bytes = decoded(bytes)
        self.gzipped = decoded(gzipped)
        self.hash = hash
    }
}

/// The web faces, the console at /app and the panel widget, and the document of the API.
///
/// The bundles are no part of the repository: when the compiler does not find them, run `make web`.
public enum WebAssets: Sendable {
    /// What a page of a panel names: it loads the widget's inside from ``files`` when somebody opens it.
    public static let launcher = WebFile(
        Bundles.launcher,
        gzipped: Bundles.launcherGzipped,
        hash: Bundles.launcherHash
    )
    /// The widget's inside and the parts of the console, by names that carry the hash of their contents.
    public static let files: [String: WebFile] = Dictionary(
        uniqueKeysWithValues: Bundles.files.map {
            ($0.name, WebFile($0.bytes, gzipped: $0.gzipped, hash: $0.name))
        }
    )
    /// The name of the console's first part.
    public static let consoleName = Bundles.consoleName
    /// The names of the parts that the first one needs at once.
    public static let consoleEarly = Bundles.consoleEarly.split(separator: " ").map(String.init)
    /// The style sheet of the pages that have no script.
    public static let sheet = WebFile(Bundles.sheet, gzipped: Bundles.sheetGzipped, hash: Bundles.sheetHash)
    /// The drawing in a browser's tab, as SVG.
    public static let icon = decoded(Bundles.icon)
    /// The console's page, with `{BASE}`, `{CONSOLE}` and `{PRELOADS}` to be filled in.
    public static let page = String(decoding: decoded(Bundles.page), as: UTF8.self)
    /// Sources/API/openapi.json: every route, parameter and error.
    public static var document: [UInt8] { decoded(Bundles.document) }
}

private func decoded(_ text: StaticString) -> [UInt8] {
    Array(Data(base64Encoded: text.description) ?? Data())
}
