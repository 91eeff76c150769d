internal import Application
internal import Core
internal import Domain

/// A stretch of a shared chat as JSON.
struct SharedAnswer: Sendable {
    let opened: OpenedShare
    let piece: SharedPiece

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("title")
            writer.optional(opened.title)
            writer.key("following")
            writer.bool(opened.share.extent == .following)
            writer.key("includes_output")
            writer.bool(opened.share.includesOutput)
            writer.key("created")
            writer.time(opened.share.created)
            writer.key("expires")
            writer.time(opened.share.expires)
            writer.key("entries")
            writer.array { writer in
                for fact in piece.facts {
                    writer.object { writer in
                        writer.key("number")
                        writer.integer(fact.number)
                        writer.key("time")
                        writer.time(fact.time)
                        writer.key("type")
                        fact.content.writeMembers(to: &writer)
                    }
                }
            }
            NativeAnswers.writeNext(piece.next, to: &writer)
        }
    }
}

extension SharedContent {
    /// The value of `type`, and what else there is.
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .message(let parts, let model):
            writer.string("message")
            writer.key("model")
            writer.string(model.description)
            writer.key("parts")
            writer.array { writer in for part in parts { part.write(to: &writer) } }
        case .answer(let text, let isComplete):
            writer.string("answer")
            writer.key("text")
            writer.string(text)
            writer.key("complete")
            writer.bool(isComplete)
        case .call(let call):
            writer.string("call")
            writer.key("call_id")
            writer.string(call.id)
            writer.key("name")
            writer.string(call.name)
            switch call.request {
            case .shell(let commands, _, _):
                writer.key("commands")
                writer.array { writer in for command in commands { writer.string(command) } }
            case .function(_, let arguments):
                writer.key("arguments")
                writer.string(arguments)
            }
        case .result(let step, let result):
            writer.string("result")
            writer.key("call_id")
            writer.string(step.call)
            writer.key("step")
            writer.integer(step.index)
            result.writeMembers(to: &writer)
        case .ended(let state):
            writer.string("ended")
            writer.key("state")
            writer.string(state.rawValue)
        }
    }
}

extension SharedPart {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            switch self {
            case .text(let text):
                writer.string("text")
                writer.key("text")
                writer.string(text)
            case .image(let mediaType):
                writer.string("image")
                writer.key("media_type")
                writer.string(mediaType)
            }
        }
    }
}

extension SharedResult {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .command(let outcome, let output):
            switch outcome {
            case .exit(let code):
                writer.key("exit_code")
                writer.integer(code)
            case .timeout:
                writer.key("timed_out")
                writer.bool(true)
            }
            guard let output else { return }
            writer.key("stdout")
            writer.string(output.stdout)
            writer.key("stderr")
            writer.string(output.stderr)
        case .text(let text, let isError):
            writer.key("error")
            writer.bool(isError)
            guard let text else { return }
            writer.key("text")
            writer.string(text)
        }
    }
}
