/// A request target (RFC 9112 section 3.2), taken apart and decoded.
struct RequestTarget: Equatable {
    enum Failure: Error {
        /// Not a form of target that is served.
        case malformed
        /// A broken escape, NUL, control character or bytes that are not UTF-8.
        case badEncoding
        /// Well-formed, but not below the base path.
        case outsideBasePath
    }

    /// The authority of the absolute form, which takes the place of `Host`.
    let authority: String?
    let path: [String]
    let pathText: String
    let query: HTTPQuery

    /// Reads a raw target; `base` holds the segments of the base path.
    init(_ raw: [UInt8], base: [String]) throws(Failure) {
        var rest = raw[...]
        authority = try Self.takeAuthority(&rest)
        if rest.elementsEqual("*".utf8) {
            (path, pathText, query) = ([], "*", HTTPQuery())
            return
        }
        guard rest.first == UInt8(ascii: "/") else { throw .malformed }
        let mark = rest.firstIndex(of: UInt8(ascii: "?"))
        var segments = try Self.segments(of: rest[..<(mark ?? rest.endIndex)])
        guard segments.starts(with: base) else { throw .outsideBasePath }
        segments.removeFirst(base.count)
        path = segments
        pathText = "/" + segments.map(Self.escapingSlashes).joined(separator: "/")
        query =
            try mark.map { mark throws(Failure) in try Self.query(of: rest[(mark + 1)...]) } ?? HTTPQuery()
    }

    /// Takes `http://authority` off the front, if it is there.
    private static func takeAuthority(_ rest: inout ArraySlice<UInt8>) throws(Failure) -> String? {
        guard let scheme = ["http://", "https://"].first(where: { rest.starts(with: $0.utf8) }) else {
            return nil
        }
        rest = rest.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = String(validating: rest[..<end], as: UTF8.self)
        rest = rest[end...]
        guard let authority, !authority.isEmpty else { throw .malformed }
        if rest.first != UInt8(ascii: "/") { rest = Array("/".utf8) + rest }
        return authority
    }

    private static func segments(of path: ArraySlice<UInt8>) throws(Failure) -> [String] {
        var segments: [String] = []
        for raw in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentDecoding.decode(raw, plusIsSpace: false) else { throw .badEncoding }
            segments.append(segment)
        }
        return segments == [""] ? [] : segments
    }

    private static func query(of raw: ArraySlice<UInt8>) throws(Failure) -> HTTPQuery {
        guard let query = HTTPQuery(encoded: raw) else { throw .badEncoding }
        return query
    }

    /// A slash inside a segment must not look like one between segments.
    private static func escapingSlashes(_ segment: String) -> String {
        segment.utf8.contains(UInt8(ascii: "/"))
            ? segment.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%2F")
            : segment
    }
}
