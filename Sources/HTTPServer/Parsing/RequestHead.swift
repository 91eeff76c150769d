/// The head of a request after all checks that need no more than the head.
struct RequestHead {
    let method: HTTPMethod
    let target: RequestTarget
    let headers: HTTPHeaders
    let framing: BodyFraming
}

/// Why a head is refused.
struct HeadRefusal: Error {
    let reason: HTTPRejection.Reason
    let message: String
    var hint: String?
    var pathText: String?
}

/// A head as it came in.
struct RawHead {
    let method: String
    let version: String
    let target: [UInt8]
    let headers: HTTPHeaders
    /// Bytes of names and values, and four for each field.
    let headerBytes: Int
    /// Whether all names are tokens, no value has control characters (RFC 9110 section 5.5), and nothing else was sent.
    let isWellFormed: Bool
}

/// The checks of heads.
struct HeadRules: Sendable {
    let limits: HTTPLimits
    let base: [String]
    let hosts: HostRule

    /// Checks a head, or throws the refusal.
    func check(
        _ raw: RawHead,
        listener: HTTPListenerKind,
        onLoopback: Bool
    ) throws(HeadRefusal) -> RequestHead {
        let lineLength = raw.method.utf8.count + raw.target.count + raw.version.utf8.count + 2
        if lineLength > limits.requestLine {
            throw HeadRefusal(
                reason: .targetTooLong,
                message: "The request line has \(lineLength) bytes; the limit is \(limits.requestLine).",
                hint: "Send the parameters in the body of a POST request instead.",
                pathText: pathAlone(raw.target)
            )
        }
        let target = try parseTarget(raw.target, listener)
        let path = target.pathText
        if raw.headerBytes > limits.headerBytes || raw.headers.count > limits.headerCount {
            throw HeadRefusal(
                reason: .headersTooLarge,
                message:
                    "The header has \(raw.headers.count) fields in \(raw.headerBytes) bytes; the limits are "
                    + "\(limits.headerCount) and \(limits.headerBytes).",
                hint: "Send fewer or smaller header fields.",
                pathText: path
            )
        }
        guard raw.isWellFormed, raw.version.hasPrefix("HTTP/1.") else {
            throw HeadRefusal(reason: .malformed, message: "The request is not well-formed.", pathText: path)
        }
        let framing = try frame(raw.headers, path)
        try checkHost(raw, target, listener, onLoopback)
        return RequestHead(
            method: HTTPMethod(raw.method),
            target: target,
            headers: raw.headers,
            framing: framing
        )
    }

    private func parseTarget(_ raw: [UInt8], _ listener: HTTPListenerKind) throws(HeadRefusal)
        -> RequestTarget
    {
        do throws(RequestTarget.Failure) {
            return try RequestTarget(raw, base: base)
        } catch {
            switch error {
            case .malformed:
                throw HeadRefusal(reason: .malformed, message: "The request target is not well-formed.")
            case .badEncoding:
                throw HeadRefusal(
                    reason: .badEncoding,
                    message:
                        "The request target has a broken percent escape, a NUL, or bytes that are not UTF-8.",
                    hint: "Encode each byte of the UTF-8 text as %XX, exactly once.",
                    pathText: pathAlone(raw)
                )
            case .outsideBasePath:
                // The base path is what a proxy in front is reached by; a process beside us need not know it.
                if listener == .unix, let target = try? RequestTarget(raw, base: []) { return target }
                throw HeadRefusal(
                    reason: .outsideBasePath,
                    message: "There is nothing at this path.",
                    hint: "Paths begin with /\(base.joined(separator: "/"))."
                )
            }
        }
    }

    private func frame(_ headers: HTTPHeaders, _ path: String) throws(HeadRefusal) -> BodyFraming {
        do throws(BodyFraming.Failure) {
            return try BodyFraming(headers)
        } catch {
            switch error {
            case .ambiguous:
                throw HeadRefusal(
                    reason: .malformed,
                    message: "The length of the body can be read in more than one way.",
                    hint: "Send one Content-Length, or one Transfer-Encoding, not both.",
                    pathText: path
                )
            case .unknownCoding:
                throw HeadRefusal(
                    reason: .notImplemented,
                    message: "The only transfer coding served here is chunked.",
                    pathText: path
                )
            }
        }
    }

    private func checkHost(
        _ raw: RawHead,
        _ target: RequestTarget,
        _ listener: HTTPListenerKind,
        _ onLoopback: Bool
    ) throws(HeadRefusal) {
        let values = raw.headers.all("Host")
        let isOld = raw.version == "HTTP/1.0"
        guard values.count == 1 || (values.isEmpty && isOld),
            values.allSatisfy({ HostRule.isWellFormed($0) || $0.isEmpty })
        else {
            throw HeadRefusal(
                reason: .badHost,
                message: "A request needs exactly one well-formed Host header.",
                pathText: target.pathText
            )
        }
        if listener == .unix { return }
        // HTTP/1.0 clients without Host are no browsers, so nothing can have been rebound.
        guard let host = target.authority ?? values.first else { return }
        if !hosts.allows(host, onLoopback: onLoopback) {
            throw HeadRefusal(
                reason: .unknownHost,
                message: "This server does not answer for that host name.",
                hint: "Use a configured host name, or add this one to the configuration.",
                pathText: target.pathText
            )
        }
    }

    private func pathAlone(_ raw: [UInt8]) -> String? {
        try? RequestTarget(Array(raw.prefix { $0 != UInt8(ascii: "?") }), base: base).pathText
    }
}
