/// An image in a message: its bytes, never an address, because addresses in messages are not fetched.
public struct ImageContent: Sendable, Equatable {
    /// Such as `image/png`.
    public let mediaType: String
    /// The file's bytes.
    public let bytes: [UInt8]

    /// Makes a value.
    public init(mediaType: String, bytes: [UInt8]) {
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// A part of a message.
public enum ContentPart: Sendable, Equatable {
    case text(String)
    case image(ImageContent)
}

/// What the model asks to be done.
public struct ToolCall: Sendable, Equatable {
    /// What is to be done.
    public enum Request: Sendable, Equatable {
        /// A function with arguments as JSON text; `{}` for none.
        case function(name: String, arguments: String)
        /// Commands for the shell tool, in order; with a time limit for each and a bound of the output in characters.
        case shell(commands: [String], timeout: Duration?, maximumOutput: Int?)
    }

    /// The provider's name for the call, which pairs it with its result; unique within a turn.
    public let id: String
    /// What is to be done.
    public let request: Request

    /// Makes a call.
    public init(id: String, request: Request) {
        self.id = id
        self.request = request
    }

    /// The function's name; `shell` for the shell tool.
    public var name: String {
        switch request {
        case .function(let name, _): name
        case .shell: "shell"
        }
    }
}

/// How one command of a shell call ended.
public struct ShellCommandResult: Sendable, Equatable {
    /// How it ended.
    public enum Outcome: Sendable, Equatable {
        /// With this code; 128 + n for signal n.
        case exit(code: Int)
        /// It did not end in time.
        case timeout
    }

    /// What it printed, as text.
    public var stdout: String
    /// What it printed as errors, and what is to be said about the run.
    public var stderr: String
    /// How it ended.
    public var outcome: Outcome

    /// Makes a value.
    public init(stdout: String, stderr: String, outcome: Outcome) {
        self.stdout = stdout
        self.stderr = stderr
        self.outcome = outcome
    }
}

/// What came of a tool call.
public struct ToolResult: Sendable, Equatable {
    /// What the model is told.
    public enum Content: Sendable, Equatable {
        /// Text, and images if there are any; `isError` when the tool could not do it.
        case parts([ContentPart], isError: Bool)
        /// One entry per command of the call, in the same order; for calls of the shell tool only.
        case shell([ShellCommandResult], maximumOutput: Int?)
    }

    /// The call.
    public let callID: String
    /// The function's name, which some providers want again.
    public let name: String
    /// What the model is told.
    public let content: Content

    /// Makes a result.
    public init(callID: String, name: String, content: Content) {
        self.callID = callID
        self.name = name
        self.content = content
    }
}

/// An item of a conversation in a provider's own form, replayed to the same kind of provider as it was.
///
/// Such as encrypted reasoning that a later call needs. It leaves the server for the provider only, and sealed for a caller
/// who keeps a conversation of its own; what a vendor's interface hands to every client anyway, such as the signature of
/// a call, goes to callers as it is.
public struct NativeItem: Sendable, Equatable {
    /// The interface it belongs to, such as `openai-responses`; other interfaces ignore it.
    public let dialect: String
    /// The item as JSON text.
    public let json: [UInt8]

    /// Makes a value.
    public init(dialect: String, json: [UInt8]) {
        self.dialect = dialect
        self.json = json
    }
}

/// One item of a conversation, in order, as a model is shown it.
public struct ModelItem: Sendable, Equatable {
    /// What it is.
    public enum Content: Sendable, Equatable {
        /// What a person (or a program in their place) said.
        case user([ContentPart])
        /// What is to be heeded like the instructions, at this place of the conversation.
        case system(String)
        /// What the model said.
        case assistant(String)
        /// What the model said when it declined.
        case refusal(String)
        /// What the model thought, as far as it is shown; may be empty where only ``ModelItem/native`` matters.
        case reasoning(String)
        /// What the model asked to be done.
        case toolCall(ToolCall)
        /// What came of it.
        case toolResult(ToolResult)
    }

    /// What it is.
    public var content: Content
    /// The provider's own form; nil where nothing is lost without it.
    public var native: NativeItem?

    /// Makes an item.
    public init(_ content: Content, native: NativeItem? = nil) {
        self.content = content
        self.native = native
    }
}
