public import Core

/// How much a model is to think before it answers.
public enum ReasoningEffort: String, Sendable, CaseIterable {
    case none, minimal, low, medium, high, xhigh
}

/// How long answers are to be.
public enum Verbosity: String, Sendable, CaseIterable {
    case low, medium, high
}

/// A function that the model may ask for.
public struct FunctionTool: Sendable, Equatable {
    /// The name: letters, digits, dashes and underscores, at most 64.
    public var name: String
    /// What it does and when to use it, for the model.
    public var description: String
    /// The JSON Schema of its arguments, an object.
    public var parameters: JSONValue
    /// The provider is to hold the model to the schema.
    public var isStrict: Bool

    /// Makes a function tool.
    public init(name: String, description: String, parameters: JSONValue, isStrict: Bool = false) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.isStrict = isStrict
    }
}

/// A tool that is offered to the model.
public enum OfferedTool: Sendable, Equatable {
    case function(FunctionTool)
    /// The provider's own shell tool; only where ``ModelCapabilities/shellTool`` says so.
    case shell

    /// The name by which calls mean it.
    public var name: String {
        switch self {
        case .function(let tool): tool.name
        case .shell: "shell"
        }
    }
}

/// Whether the model must use a tool.
public enum ToolChoice: Sendable, Equatable {
    case automatic, none, required
    case function(String)
}

/// The shape an answer must have.
public enum ResponseFormat: Sendable, Equatable {
    case text
    /// Any JSON object.
    case jsonObject
    /// JSON that matches a schema.
    case jsonSchema(name: String, schema: JSONValue, isStrict: Bool)
}

/// Through which door a call of a provider was asked for; for usage rows.
public enum CallDoor: String, Sendable, CaseIterable {
    /// A turn of a chat.
    case chat
    /// The first seed's `/openai`.
    case seed
    /// The OpenAI-compatible routes.
    case openai
    /// The title of a chat.
    case title
    /// A summary of a chat's older turns.
    case summary
    /// A probe of the operator.
    case check
    /// An action of the host application.
    case action
    /// What the host application did itself and reported.
    case host
}

/// For whom and for what a provider is called; never sent to the provider.
public struct CallContext: Sendable, Equatable {
    /// Who pays.
    public var principal: PrincipalID
    /// The door.
    public var door: CallDoor
    /// The turn; nil outside turns.
    public var turn: TurnID?
    /// The client, brand and location that it is done for; nil for what operators ask for.
    public var place: Place?
    /// The user's own account or key is used, so that nothing is charged.
    public var isOwnAccount = false

    /// Makes a context.
    public init(principal: PrincipalID, door: CallDoor, turn: TurnID? = nil, place: Place? = nil) {
        self.principal = principal
        self.door = door
        self.turn = turn
        self.place = place
    }
}

/// One call of a model.
public struct ModelRequest: Sendable {
    /// The model, as the provider calls it.
    public var model: String
    /// What the model is to heed throughout; nil for nothing.
    public var instructions: String?
    /// The conversation.
    public var items: [ModelItem]
    /// What it may ask for.
    public var tools: [OfferedTool] = []
    /// Whether it must.
    public var toolChoice = ToolChoice.automatic
    /// Several calls in one answer; nil for the provider's default.
    public var parallelToolCalls: Bool?
    /// How much to think; nil for the provider's default.
    public var reasoning: ReasoningEffort?
    /// How long to answer; nil for the provider's default.
    public var verbosity: Verbosity?
    /// The most tokens to produce, thinking included; nil for the provider's default.
    public var maximumOutputTokens: Int?
    /// 0 to 2; nil for the provider's default, and left out where a model refuses it.
    public var temperature: Double?
    /// 0 to 1; nil for the provider's default.
    public var topP: Double?
    /// Texts at which to stop.
    public var stop: [String] = []
    /// The shape of the answer.
    public var format = ResponseFormat.text
    /// Calls with the same text may share a prompt cache; not an identity of a person.
    public var cacheKey: String?
    /// For whom.
    public var context: CallContext

    /// Makes a request with the provider's defaults.
    public init(model: String, instructions: String? = nil, items: [ModelItem], context: CallContext) {
        self.model = model
        self.instructions = instructions
        self.items = items
        self.context = context
    }
}
