public import Core
public import Domain

/// What a scripted provider answers, as JSON says it.
///
/// `{"model": "…", "shell_tool": true, "answers": [{"reasoning": ["…"], "text": ["…"], "calls": [{"name": "…",
/// "arguments": {…}} or {"commands": ["…"]}], "usage": {"input": 1, "cached": 0, "output": 1, "reasoning": 0},
/// "pace_ms": 10, "fail": 429 or {"status": 429, "code": "…", "message": "…", "retry_after_ms": 1000},
/// "cut": true, "hang": true}], "title": {…}, "summary": {…}}`, where the last two are answers to calls for a title and
/// for a summary, which fail without them.
public struct ProviderScript: Sendable {
    /// What is asked to be done.
    enum Call: Sendable, Equatable {
        case function(name: String, arguments: String)
        case commands([String])
    }

    /// One answer: pieces as they are to arrive, and how it ends.
    struct Answer: Sendable {
        var reasoning: [String] = []
        var text: [String] = []
        var calls: [Call] = []
        var usage: TokenUsage?
        /// Before each piece.
        var pace = Duration.zero
        var end = End.complete
    }

    /// How an answer ends, after all its pieces.
    enum End: Sendable {
        case complete
        /// With an error of the vendor.
        case fail(VendorError)
        /// The connection is lost.
        case cut
        /// Nothing more comes, for as long as a provider may be silent.
        case hang
    }

    /// The longest pause before a piece.
    static let longestPace = 60_000

    var model = "scripted"
    var hasShellTool = true
    var answers: [Answer] = []
    /// To calls beside a conversation.
    var title: Answer?
    var summary: Answer?

    /// A script without answers.
    init() {}

    /// Reads a script; throws `invalid_script`.
    public init(_ json: JSONValue) throws(Failure) {
        try Self.check(json, ["model", "shell_tool", "answers", "title", "summary"], "The script")
        model = json["model"]?.string ?? model
        hasShellTool = json["shell_tool"]?.bool ?? true
        title = try json["title"].map { json throws(Failure) in try Self.answer(json, "The title") }
        summary = try json["summary"].map { json throws(Failure) in try Self.answer(json, "The summary") }
        guard let list = json["answers"]?.array else { throw Self.invalid("It has no list \"answers\".") }
        for (number, entry) in list.enumerated() {
            answers.append(try Self.answer(entry, "Answer \(number)"))
        }
    }

    private static func answer(_ json: JSONValue, _ place: String) throws(Failure) -> Answer {
        try check(
            json,
            ["text", "reasoning", "calls", "usage", "pace_ms", "fail", "cut", "hang"],
            place
        )
        var answer = Answer()
        answer.text = try texts(json["text"], "\(place): \"text\"")
        answer.reasoning = try texts(json["reasoning"], "\(place): \"reasoning\"")
        for call in json["calls"]?.array ?? [] { answer.calls.append(try self.call(call, place)) }
        if let usage = json["usage"] {
            try check(usage, ["input", "cached", "output", "reasoning"], "\(place): \"usage\"")
            answer.usage = TokenUsage(
                input: usage["input"]?.count ?? 0,
                cachedInput: usage["cached"]?.count ?? 0,
                output: usage["output"]?.count ?? 0,
                reasoning: usage["reasoning"]?.count ?? 0
            )
        }
        if let pace = json["pace_ms"] {
            guard let count = pace.count, (0...longestPace).contains(count) else {
                throw invalid("\(place): \"pace_ms\" is a number from 0 to \(longestPace).")
            }
            answer.pace = .milliseconds(count)
        }
        if let fail = json["fail"] {
            answer.end = .fail(try error(fail, place))
        } else if json["cut"]?.bool == true {
            answer.end = .cut
        } else if json["hang"]?.bool == true {
            answer.end = .hang
        }
        return answer
    }

    private static func call(_ json: JSONValue, _ place: String) throws(Failure) -> Call {
        try check(json, ["name", "arguments", "commands"], "\(place): a call")
        if json["commands"] != nil {
            return .commands(try texts(json["commands"], "\(place): \"commands\""))
        }
        guard let name = json["name"]?.string, !name.isEmpty else {
            throw invalid("\(place): a call has a \"name\" or \"commands\".")
        }
        switch json["arguments"] {
        // Text stands for itself, so that a script can get its arguments wrong.
        case .string(let text): return .function(name: name, arguments: text)
        case .object(let members):
            let text = String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
            return .function(name: name, arguments: text)
        case nil: return .function(name: name, arguments: "{}")
        default: throw invalid("\(place): \"arguments\" is an object.")
        }
    }

    private static func error(_ json: JSONValue, _ place: String) throws(Failure) -> VendorError {
        guard let status = json.integer ?? json["status"]?.integer, (400...599).contains(status) else {
            throw invalid("\(place): \"fail\" is a status from 400 to 599, or an object with one.")
        }
        if json.object != nil {
            try check(json, ["status", "code", "message", "retry_after_ms"], "\(place): \"fail\"")
        }
        var error = VendorError(
            status: Int(status),
            words: [json["code"]?.string].compactMap(\.self),
            message: json["message"]?.string
        )
        error.retryAfter = json["retry_after_ms"]?.count.map { .milliseconds($0) }
        return error
    }

    /// A list of texts, or one.
    private static func texts(_ json: JSONValue?, _ place: String) throws(Failure) -> [String] {
        guard let json else { return [] }
        if let text = json.string { return [text] }
        let texts = (json.array ?? []).compactMap(\.string)
        guard let count = json.array?.count, count == texts.count else {
            throw invalid("\(place) is a list of texts.")
        }
        return texts
    }

    private static func check(_ json: JSONValue, _ known: Set<String>, _ place: String) throws(Failure) {
        guard let members = json.object else { throw invalid("\(place) is no object.") }
        if let other = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw invalid("\(place) has an unknown member \"\(other)\".")
        }
    }

    private static func invalid(_ what: String) -> Failure {
        Failure(
            .unprocessable,
            code: "invalid_script",
            message: "The script of a provider cannot be played: \(what)",
            hint: "Write {\"answers\": [{\"text\": [\"Hello.\"]}]}."
        )
    }
}
