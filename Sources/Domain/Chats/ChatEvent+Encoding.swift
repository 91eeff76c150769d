public import Core

extension ChatEvent {
    /// Puts a fact into the form in which it is stored and sent.
    public init(_ body: ChatEventBody, number: Int64, turn: TurnID, at time: Timestamp) {
        var hidden = HiddenParts()
        var json = JSONWriter(capacity: 128)
        json.object { json in
            json.key("turn")
            if turn == .none { json.null() } else { json.integer(turn.rawValue) }
            json.key("time")
            json.time(time)
            body.writeMembers(to: &json, &hidden)
        }
        self.init(
            number: number,
            turn: turn,
            time: time,
            kind: body.kind,
            json: json.bytes,
            hidden: hidden.bytes
        )
    }
}

extension ChatEventBody {
    fileprivate func writeMembers(to json: inout JSONWriter, _ hidden: inout HiddenParts) {
        switch self {
        case .turnStarted(let draft): draft.writeMembers(to: &json, &hidden)
        case .turnResumed: break
        case .contextTrimmed(let turns):
            json.key("turns")
            json.integer(turns)
        case .contextSummarised(let summary):
            json.key("turns")
            json.integer(summary.turns)
            json.key("through")
            json.integer(summary.through.rawValue)
            json.key("text")
            json.string(summary.text)
            json.write(summary.usage)
        case .modelStarted(let call): json.writeCall(call)
        case .text(let call, let text), .reasoning(let call, let text):
            json.writeCall(call)
            json.key("text")
            json.string(text)
        case .toolBegan(let call, let index, let name):
            json.writeCall(call)
            json.key("index")
            json.integer(index)
            json.key("name")
            json.string(name)
        case .toolArguments(let call, let index, let command, let text):
            json.writeCall(call)
            json.key("index")
            json.integer(index)
            if let command {
                json.key("command")
                json.integer(command)
            }
            json.key("text")
            json.string(text)
        case .modelFinished(let call, let items, let reason, let usage):
            json.writeCall(call)
            json.key("reason")
            json.string(reason.rawValue)
            json.key("items")
            json.array { json in
                for (index, item) in items.enumerated() {
                    item.write(to: &json, &hidden)
                    if let native = item.native { hidden.natives[index] = native }
                }
            }
            json.write(usage)
        case .modelInterrupted(let call, let text, let failure):
            json.writeCall(call)
            json.key("text")
            json.string(text)
            json.write(failure)
        case .toolStarted(let id, let name):
            json.write(id)
            json.key("name")
            json.string(name)
        case .toolTicket(let id, let ticket):
            json.write(id)
            ticket.writeMembers(to: &json)
        case .toolProgress(let id, let object):
            json.write(id)
            object.writeMembers(to: &json)
        case .toolFinished(let id, let result, let ticket):
            json.write(id)
            result.writeMembers(to: &json)
            if let ticket {
                json.key("ticket")
                json.object { json in ticket.writeMembers(to: &json) }
            }
        case .artifactMade(let note, let step):
            if let step { json.write(step) }
            note.writeMembers(to: &json)
        case .chatTitled(let title):
            json.key("title")
            json.string(title)
        case .turnFinished(let state, let usage, let failure):
            json.key("state")
            json.string(state.rawValue)
            json.write(usage)
            json.write(failure)
        }
    }
}

/// What belongs to an event and is not shown.
struct HiddenParts {
    var images: [[UInt8]] = []
    var natives: [Int: NativeItem] = [:]
    var instructions: String?
    var tools: [OfferedTool]?
    /// The items as JSON text.
    var history: [UInt8]?

    var bytes: [UInt8]? {
        if images.isEmpty, natives.isEmpty, instructions == nil, tools == nil, history == nil { return nil }
        var json = JSONWriter()
        json.object { json in
            if !images.isEmpty {
                json.key("images")
                json.array { json in for image in images { json.string(TextCoding.base64URL(image)) } }
            }
            if !natives.isEmpty {
                json.key("natives")
                json.object { json in
                    for (index, native) in natives.sorted(by: { $0.key < $1.key }) {
                        json.key(dynamic: "\(index)")
                        json.object { json in
                            json.key("dialect")
                            json.string(native.dialect)
                            json.key("json")
                            json.string(String(decoding: native.json, as: UTF8.self))
                        }
                    }
                }
            }
            if let instructions {
                json.key("instructions")
                json.string(instructions)
            }
            if let tools {
                json.key("tools")
                json.array { json in for tool in tools { tool.write(to: &json) } }
            }
            if let history {
                json.key("history")
                json.raw(history)
            }
        }
        return json.bytes
    }
}

extension OfferedTool {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            guard case .function(let tool) = self else {
                json.key("type")
                json.string("shell")
                return
            }
            json.key("type")
            json.string("function")
            json.key("name")
            json.string(tool.name)
            json.key("description")
            json.string(tool.description)
            json.key("parameters")
            tool.parameters.write(to: &json)
            json.key("strict")
            json.bool(tool.isStrict)
        }
    }
}

extension TurnDraft {
    fileprivate func writeMembers(to json: inout JSONWriter, _ hidden: inout HiddenParts) {
        json.key("message")
        json.write(message, &hidden)
        if !results.isEmpty {
            json.key("results")
            json.array { json in
                for result in results { ModelItem(.toolResult(result)).write(to: &json, &hidden) }
            }
        }
        json.key("model")
        json.string(options.model.description)
        if let reasoning = options.reasoning {
            json.key("reasoning")
            json.string(reasoning.rawValue)
        }
        if let verbosity = options.verbosity {
            json.key("verbosity")
            json.string(verbosity.rawValue)
        }
        json.key("tools")
        switch options.tools {
        case .server: json.string("server")
        case .none: json.string("none")
        case .caller(let tools):
            json.string("caller")
            hidden.tools = tools
        }
        json.key("door")
        json.string(options.door.rawValue)
        if let replacing {
            json.key("replaces")
            json.integer(replacing.rawValue)
        }
        if endsWithCaller {
            json.key("ends_with_caller")
            json.bool(true)
        }
        hidden.instructions = options.instructions
        guard let history else { return }
        var items = JSONWriter()
        items.array { items in
            for (index, item) in history.enumerated() {
                item.write(to: &items, &hidden)
                if let native = item.native { hidden.natives[index] = native }
            }
        }
        hidden.history = items.bytes
    }
}

extension ModelItem {
    fileprivate func write(to json: inout JSONWriter, _ hidden: inout HiddenParts) {
        json.object { json in
            json.key("type")
            switch content {
            case .user(let parts):
                json.string("user")
                json.key("parts")
                json.write(parts, &hidden)
            case .system(let text): json.writeText("system", text)
            case .assistant(let text): json.writeText("assistant", text)
            case .refusal(let text): json.writeText("refusal", text)
            case .reasoning(let text): json.writeText("reasoning", text)
            case .toolCall(let call): call.writeMembers(to: &json)
            case .toolResult(let result): result.writeMembers(to: &json, &hidden)
            }
        }
    }
}

extension ToolCall {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.string("tool_call")
        json.key("id")
        json.string(id)
        json.key("name")
        json.string(name)
        switch request {
        case .function(_, let arguments):
            json.key("arguments")
            json.string(arguments)
        case .shell(let commands, let timeout, let maximumOutput):
            json.key("commands")
            json.array { json in for command in commands { json.string(command) } }
            if let timeout {
                json.key("timeout_ms")
                json.integer(timeout.inMilliseconds)
            }
            if let maximumOutput {
                json.key("max_output")
                json.integer(maximumOutput)
            }
        }
    }
}

extension ToolResult {
    fileprivate func writeMembers(to json: inout JSONWriter, _ hidden: inout HiddenParts) {
        json.string("tool_result")
        json.key("id")
        json.string(callID)
        json.key("name")
        json.string(name)
        switch content {
        case .parts(let parts, let isError):
            json.key("parts")
            json.write(parts, &hidden)
            json.key("error")
            json.bool(isError)
        case .shell(let commands, let maximumOutput):
            json.key("commands")
            json.array { json in
                for command in commands { json.object { json in command.writeMembers(to: &json) } }
            }
            if let maximumOutput {
                json.key("max_output")
                json.integer(maximumOutput)
            }
        }
    }
}

extension ShellCommandResult {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.key("stdout")
        json.string(stdout)
        json.key("stderr")
        json.string(stderr)
        switch outcome {
        case .exit(let code):
            json.key("exit_code")
            json.integer(code)
        case .timeout:
            json.key("timed_out")
            json.bool(true)
        }
    }
}

extension ToolStepResult {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        switch self {
        case .command(let command): command.writeMembers(to: &json)
        case .text(let text, let isError):
            json.key("text")
            json.string(text)
            json.key("error")
            json.bool(isError)
        }
    }
}

extension StepTicket {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.key("session")
        json.string(session.rawValue)
        json.key("session_id")
        json.integer(ticket.session.rawValue)
        json.key("number")
        json.integer(ticket.number)
        json.key("state")
        json.string(state)
        if let approval {
            json.key("approval")
            json.integer(approval)
        }
        if let exitCode {
            json.key("exit_code")
            json.integer(exitCode)
        }
        if let signal {
            json.key("signal")
            json.integer(signal)
        }
        if let duration {
            json.key("duration_ms")
            json.integer(duration.inMilliseconds)
        }
    }
}

extension StepObject {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.key("kind")
        json.string(kind)
        json.key("id")
        json.string(id)
        json.key("state")
        json.string(state)
        json.key("waiting")
        json.bool(isWaiting)
    }
}

extension JSONWriter {
    fileprivate mutating func writeCall(_ call: Int) {
        key("call")
        integer(call)
    }

    fileprivate mutating func writeText(_ type: String, _ text: String) {
        string(type)
        key("text")
        string(text)
    }

    fileprivate mutating func write(_ id: ToolStepID) {
        key("call_id")
        string(id.call)
        key("step")
        integer(id.index)
    }

    fileprivate mutating func write(_ parts: [ContentPart], _ hidden: inout HiddenParts) {
        array { json in
            for part in parts {
                json.object { json in
                    json.key("type")
                    switch part {
                    case .text(let text): json.writeText("text", text)
                    case .image(let image):
                        json.string("image")
                        json.key("media_type")
                        json.string(image.mediaType)
                        json.key("bytes")
                        json.integer(image.bytes.count)
                        hidden.images.append(image.bytes)
                    }
                }
            }
        }
    }

    fileprivate mutating func write(_ usage: TokenUsage) {
        key("usage")
        object { json in
            json.key("input")
            json.integer(usage.input)
            json.key("cached_input")
            json.integer(usage.cachedInput)
            json.key("output")
            json.integer(usage.output)
            json.key("reasoning")
            json.integer(usage.reasoning)
        }
    }

    fileprivate mutating func write(_ failure: Failure?) {
        guard let failure else { return }
        key("failure")
        object { json in
            json.key("code")
            json.string(failure.code)
            json.key("message")
            json.string(failure.message)
            if let hint = failure.hint {
                json.key("hint")
                json.string(hint)
            }
            if let funds = failure.funds {
                json.key("funds")
                json.object { funds.writeMembers(to: &$0) }
            }
        }
    }
}

extension ArtifactNote {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.key("artifact")
        json.object { json in
            json.key("id")
            json.integer(id.rawValue)
            json.key("type")
            json.string(kind.rawValue)
            json.key("title")
            json.string(title.rawValue)
            json.key("media_type")
            json.string(format.rawValue)
            json.key("size")
            json.integer(size)
        }
    }
}
