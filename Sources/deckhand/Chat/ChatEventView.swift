import Core
import HTTPClient

/// An event of a chat as the server sends it.
struct ChatEventView: Sendable, Equatable {
    /// A step of a tool call.
    struct Step: Hashable, Sendable {
        let call: String
        let index: Int
    }

    /// What a step came to.
    enum Outcome: Sendable, Equatable {
        case command(stdout: String, stderr: String, exitCode: Int64?)
        /// `exitCode` where a command ended by itself.
        case text(String, isError: Bool, exitCode: Int64? = nil)
    }

    /// A failure in the server's words.
    struct Trouble: Sendable, Equatable {
        let code: String
        let message: String
        let hint: String?
    }

    enum Body: Sendable, Equatable {
        case turnStarted(message: String)
        case contextTrimmed(turns: Int64)
        case contextSummarised(turns: Int64)
        case modelStarted(call: Int64)
        case text(call: Int64, String)
        case reasoning(String)
        /// The whole answer: its text, and what each step of its calls does.
        case modelFinished(call: Int64, text: String, steps: [Step: String])
        case modelInterrupted(Trouble?)
        case toolStarted(Step, name: String)
        case toolTicket(Step, name: String, state: String, approval: Int64?)
        /// A person is asked about what a step does beside commands, or not any more.
        case toolApproval(Step, approval: Int64, isWaiting: Bool)
        case toolFinished(Step, Outcome)
        /// A file was made.
        case artifactMade(id: Int64, title: String, mediaType: String)
        case titled(String)
        case turnFinished(state: String, Trouble?, input: Int64, output: Int64)
        /// Of no interest here, or of a newer server.
        case other
    }

    let number: Int64
    let body: Body

    /// Nil when the event is not understood: its number or data are no such thing.
    init?(_ event: ServerSentEvent) {
        guard let number = Int64(event.id), number > 0,
            let json = try? JSONValue(parsing: Array(event.data.utf8)), json.object != nil
        else { return nil }
        self.init(number: number, kind: event.event, json)
    }

    init(number: Int64, kind: String, _ json: JSONValue) {
        self.number = number
        body = Self.body(kind, json)
    }

    private static func body(_ kind: String, _ json: JSONValue) -> Body {
        let call = json["call"]?.integer ?? 0
        switch kind {
        case "turn.started": return .turnStarted(message: message(json["message"]))
        case "context.trimmed": return .contextTrimmed(turns: json["turns"]?.integer ?? 0)
        case "context.summarised": return .contextSummarised(turns: json["turns"]?.integer ?? 0)
        case "model.started": return .modelStarted(call: call)
        case "text": return .text(call: call, json["text"]?.string ?? "")
        case "reasoning": return .reasoning(json["text"]?.string ?? "")
        case "model.finished":
            let items = json["items"]?.array ?? []
            return .modelFinished(call: call, text: text(items), steps: steps(items))
        case "model.interrupted": return .modelInterrupted(trouble(json))
        case "tool.started": return .toolStarted(step(json), name: json["name"]?.string ?? "")
        case "tool.ticket":
            return .toolTicket(
                step(json),
                name: "\(json["session"]?.string ?? "")/\(json["number"]?.integer ?? 0)",
                state: json["state"]?.string ?? "",
                approval: json["approval"]?.integer
            )
        case "tool.progress":
            guard json["kind"]?.string == "approval", let id = json["id"]?.string.flatMap({ Int64($0) })
            else {
                return .other
            }
            return .toolApproval(step(json), approval: id, isWaiting: json["waiting"]?.bool ?? false)
        case "tool.finished": return .toolFinished(step(json), outcome(json))
        case "artifact.made":
            let artifact = json["artifact"]
            return .artifactMade(
                id: artifact?["id"]?.integer ?? 0,
                title: artifact?["title"]?.string ?? "",
                mediaType: artifact?["media_type"]?.string ?? ""
            )
        case "chat.titled": return .titled(json["title"]?.string ?? "")
        case "turn.finished":
            return .turnFinished(
                state: json["state"]?.string ?? "",
                trouble(json),
                input: json["usage"]?["input"]?.integer ?? 0,
                output: json["usage"]?["output"]?.integer ?? 0
            )
        default: return .other
        }
    }

    private static func message(_ parts: JSONValue?) -> String {
        (parts?.array ?? []).compactMap { $0["text"]?.string }.joined(separator: "\n")
    }

    private static func text(_ items: [JSONValue]) -> String {
        items.filter { $0["type"]?.string == "assistant" || $0["type"]?.string == "refusal" }
            .compactMap { $0["text"]?.string }.joined()
    }

    private static func steps(_ items: [JSONValue]) -> [Step: String] {
        var steps: [Step: String] = [:]
        for item in items where item["type"]?.string == "tool_call" {
            let call = item["id"]?.string ?? ""
            if let commands = item["commands"]?.array {
                for (index, command) in commands.enumerated() {
                    steps[Step(call: call, index: index)] = command.string
                }
            } else {
                let arguments = item["arguments"]?.string ?? ""
                let command = (try? JSONValue(parsing: Array(arguments.utf8)))?["command"]?.string
                steps[Step(call: call, index: 0)] = command ?? arguments
            }
        }
        return steps
    }

    private static func step(_ json: JSONValue) -> Step {
        Step(call: json["call_id"]?.string ?? "", index: Int(json["step"]?.integer ?? 0))
    }

    private static func outcome(_ json: JSONValue) -> Outcome {
        if let text = json["text"]?.string {
            let exitCode = json["ticket"]?["exit_code"]?.integer
            return .text(text, isError: json["error"]?.bool ?? false, exitCode: exitCode)
        }
        return .command(
            stdout: json["stdout"]?.string ?? "",
            stderr: json["stderr"]?.string ?? "",
            exitCode: json["timed_out"]?.bool == true ? nil : json["exit_code"]?.integer
        )
    }

    private static func trouble(_ json: JSONValue) -> Trouble? {
        guard let failure = json["failure"], let code = failure["code"]?.string else { return nil }
        return Trouble(
            code: code,
            message: failure["message"]?.string ?? code,
            hint: failure["hint"]?.string
        )
    }
}
