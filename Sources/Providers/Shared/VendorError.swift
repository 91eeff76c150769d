internal import Core
internal import HTTPClient

/// An error as a vendor put it, before it is one of ours.
///
/// All vendors' forms are read here: `{"error":{…}}` with `code`, `type`, `status` and `message` in any mixture, the
/// same without its wrapping or in an array, `{"error":"text"}`, `{"detail":…}`, and bodies that are no JSON.
struct VendorError: Error, Sendable, Equatable {
    /// The HTTP status; nil in the middle of a stream, unless the vendor repeats it there.
    var status: Int?
    /// Code, type and status words, lower case.
    var words: [String] = []
    /// What it says to people; may hold anything.
    var message: String?
    /// How long it asks to wait.
    var retryAfter: Duration?

    init(status: Int? = nil, words: [String] = [], message: String? = nil) {
        self.status = status
        self.words = words.map { $0.lowercased() }
        self.message = message
    }

    /// Reads a refused answer.
    init(_ refusal: HTTPClientRefusal, now: Timestamp) {
        if let json = try? LenientJSON.parse(refusal.body) {
            self.init(json: json)
        } else {
            // A page for people; its title would not help anybody.
            self.init()
        }
        status = refusal.status
        if let asked = RetryPolicy.askedWait(refusal.headers, now: now), asked > .zero { retryAfter = asked }
    }

    /// Reads an error object, wrapped or not.
    init(json: JSONValue) {
        let outer = json.array?.first ?? json
        let error = outer["error"] ?? outer
        var words = [error["code"], error["type"], error["status"]].compactMap { $0?.text }
        if let inner = error["details"]?["error_code"]?.text { words.append(inner) }
        for detail in error["details"]?.array ?? [] {
            if let reason = detail["reason"]?.text { words.append(reason) }
        }
        self.init(
            status: error["code"]?.count ?? error["status"]?.count,
            words: words,
            message: error["message"]?.text ?? error.text ?? outer["message"]?.text ?? outer["detail"]?.text
                ?? outer["detail"]?.array?.first?["msg"]?.text
        )
        retryAfter = Self.wait(in: error)
    }

    /// Says whether a text is an error object, as opposed to something else that a vendor may send.
    static func isError(_ json: JSONValue) -> Bool {
        guard let error = (json.array?.first ?? json)["error"] else { return false }
        return error != .null
    }

    /// The wait that an error asks for in its details (google.rpc.RetryInfo) or in words (`try again in 1.2s`).
    private static func wait(in error: JSONValue) -> Duration? {
        for detail in error["details"]?.array ?? [] {
            if let text = detail["retryDelay"]?.text, let wait = duration(text[...]) { return wait }
        }
        guard let message = error["message"]?.text?.lowercased(),
            let range = message.firstRange(of: "try again in ")
        else { return nil }
        return duration(message[range.upperBound...].prefix { $0 != " " && $0 != "," })
    }

    /// Reads durations such as `36s`, `1.2s`, `20ms` and `6m0s`.
    static func duration(_ text: Substring) -> Duration? {
        var rest = text
        var sum = Duration.zero
        var isEmpty = true
        while let first = rest.first, first.isASCII, first.isNumber {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits.hasSuffix(".") ? digits.dropLast() : digits), number < 1e9 else {
                return nil
            }
            let factors: [Substring: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
            guard let factor = factors[unit] else { return nil }
            sum += .milliseconds(Int64((number * factor).rounded(.up)))
            isEmpty = false
        }
        return isEmpty ? nil : sum
    }
}

extension VendorError {
    /// What an error is about.
    enum Trouble: Sendable, Equatable, CaseIterable {
        case key, permission, model, route, contextLength, size, quota, rate, overload, content, request,
            server
    }

    /// The kind of trouble, by the vendor's words first and by the status otherwise.
    var trouble: Trouble {
        let text = message?.lowercased() ?? ""
        let has = { (parts: [String]) in parts.contains { part in words.contains { $0.contains(part) } } }
        let says = { (parts: [String]) in parts.contains { text.contains($0) } }
        if status == 402 || has(["insufficient_quota", "billing", "spend_limit", "insufficient_balance"])
            || says(["credit balance is too low", "exceeded your current quota", "insufficient balance"])
        {
            return .quota
        }
        if has(["invalid_api_key", "api_key_invalid", "authentication", "unauthenticated"]) || status == 401
            || says(["api key not valid", "invalid api key"])
        {
            return .key
        }
        if has(["context_length", "context_size", "context_window"])
            || says([
                "context length", "context window", "context size", "prompt is too long", "too many tokens",
                "maximum number of tokens", "maximum prompt length",
            ])
        {
            return .contextLength
        }
        if has(["model_not_found"]) || (status == 404 && (says(["model"]) || has(["model"]))) {
            return .model
        }
        if status == 413 || has(["request_too_large"]) { return .size }
        if has(["content_policy", "content_filter", "moderation", "_policy", "safety"]) { return .content }
        if has(["rate_limit", "resource_exhausted", "too_many_requests"]) || status == 429 { return .rate }
        if has(["overloaded", "unavailable", "slow_down"]) || [502, 503, 504, 529].contains(status) {
            return .overload
        }
        if has(["permission"]) || status == 403 { return .permission }
        switch status {
        case 404, 405: return .route
        case .some(400..<500): return .request
        case .some: return .server
        case nil:
            return has(["invalid", "image_", "unsupported", "failed_to_download", "mismatch"])
                ? .request : .server
        }
    }

    /// Asking again would not help, whatever the status says.
    var isFinal: Bool {
        switch trouble {
        case .rate, .overload, .server: false
        default: true
        }
    }
}
