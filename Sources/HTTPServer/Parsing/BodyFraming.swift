/// How long the body of a request is, and whether its header leaves no doubt (RFC 9112 section 6).
enum BodyFraming: Equatable {
    case none
    case length(Int)
    case chunked

    enum Failure: Error {
        /// Could be read in two ways: refused, since intermediaries may have read it the other way.
        case ambiguous
        /// A transfer coding other than chunked.
        case unknownCoding
    }

    init(_ headers: HTTPHeaders) throws(Failure) {
        let lengths = headers.all("Content-Length")
        let codings = headers.all("Transfer-Encoding")
        guard lengths.count + codings.count <= 1 else { throw .ambiguous }
        if let coding = codings.first {
            guard coding.lowercased() == "chunked" else { throw .unknownCoding }
            self = .chunked
        } else if let length = lengths.first {
            guard !length.isEmpty, length.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                throw .ambiguous
            }
            // A number that does not fit is larger than any limit.
            self = .length(Int(length) ?? .max)
        } else {
            self = .none
        }
    }
}
