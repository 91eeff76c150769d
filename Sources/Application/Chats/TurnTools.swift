public import Domain

/// The turn for which tools are offered and used, as things stand now.
public struct ToolContext: Sendable {
    /// The turn.
    public let turn: Turn
    /// Who it is for, with what they may do at this moment.
    public let principal: Principal
    /// The client, brand and location that the chat belongs to; nil for an operator's.
    public let place: Place?
    /// The door.
    public let door: CallDoor
    /// The model has a shell tool of its own.
    public let hasNativeShell: Bool

    /// Makes a context.
    public init(turn: Turn, principal: Principal, place: Place?, door: CallDoor, hasNativeShell: Bool) {
        self.turn = turn
        self.principal = principal
        self.place = place
        self.door = door
        self.hasNativeShell = hasNativeShell
    }

    /// Somebody follows who can be asked; behind the OpenAI-compatible door a program waits that asks nobody.
    public var waitsForPeople: Bool { door != .openai }
}

/// What happens to a step while it is carried out, for those who look on; recorded before it goes on.
public enum ToolReport: Sendable, Equatable {
    /// Its ticket.
    case ticket(StepTicket)
    /// What else carries it out.
    case object(StepObject)
    /// A file that it made.
    case artifact(ArtifactNote)
}

extension ToolReport {
    /// The fact that is recorded of it.
    func fact(of step: ToolStepID) -> ChatEventBody {
        switch self {
        case .ticket(let ticket): .toolTicket(step, ticket)
        case .object(let object): .toolProgress(step, object)
        case .artifact(let note): .artifactMade(note, step: step)
        }
    }
}

/// How a step ended.
public struct ToolOutcome: Sendable, Equatable {
    /// What the model is told.
    public var result: ToolStepResult
    /// The ticket at its end, for those who look on; nil when there was none.
    public var ticket: StepTicket?

    /// Makes an outcome.
    public init(_ result: ToolStepResult, ticket: StepTicket? = nil) {
        self.result = result
        self.ticket = ticket
    }

    /// A refusal, with what to do next, for the model.
    public static func refused(_ failure: Failure) -> ToolOutcome {
        ToolOutcome(.text(failure.message + (failure.hint.map { " " + $0 } ?? ""), isError: true))
    }
}

/// A set of tools that turns may use: what is offered to whom, and how a step is carried out.
///
/// The engine records that a step starts before ``run(_:in:_:)``, and what came of it after. A model reaches only what
/// is offered to its person at the moment of the step.
public protocol TurnTools: Sendable {
    /// What a person's turn is offered; nothing for who may use none of them.
    func offered(in context: ToolContext) async throws -> [OfferedTool]

    /// Carries out a step of a tool that is offered now.
    ///
    /// After a crash the same step comes again (``ToolStep/isRepeated``) and must not take effect twice: its turn and
    /// identity make a key. What goes wrong is a result for the model; only cancellation and errors of this server are
    /// thrown. A step may wait for a person for as long as it takes, if a report says so: that time does not count.
    func run(
        _ step: ToolStep,
        in context: ToolContext,
        _ report: @escaping @Sendable (ToolReport) async throws -> Void
    ) async throws -> ToolOutcome

    /// A person ended the turn: what its steps started is to end with it, as far as that is possible.
    func end(_ started: [ToolReport], in context: ToolContext) async throws

    /// The same for a step that was under way then and reported nothing: it may have started something all the same.
    ///
    /// Every set is told; it looks whether the tool is one of its own.
    func end(_ open: ToolStep, in context: ToolContext) async throws

    /// A turn is over, however it ended: what it left open is to be closed.
    ///
    /// Not called when the server is killed; a set looks for what is left when the server starts.
    func turnEnded(_ turn: TurnID) async throws
}

extension TurnTools {
    /// Nothing goes on beyond a step unless a set says otherwise.
    public func end(_ started: [ToolReport], in context: ToolContext) async throws {}
    /// A step starts nothing that it does not report first unless a set says otherwise.
    public func end(_ open: ToolStep, in context: ToolContext) async throws {}
    /// Nothing is left open unless a set says otherwise.
    public func turnEnded(_ turn: TurnID) async throws {}
}

/// All sets of tools of a server, as one.
struct ToolSets: Sendable {
    let sets: [any TurnTools]

    /// What a turn is offered; of two tools with one name the first counts.
    func offered(in context: ToolContext) async throws -> [OfferedTool] {
        var names: Set<String> = []
        var all: [OfferedTool] = []
        for set in sets {
            for tool in try await set.offered(in: context) where names.insert(tool.name).inserted {
                all.append(tool)
            }
        }
        return all
    }

    func run(
        _ step: ToolStep,
        in context: ToolContext,
        _ report: @escaping @Sendable (ToolReport) async throws -> Void
    ) async throws -> ToolOutcome {
        for set in sets {
            let offered = try await set.offered(in: context)
            guard offered.contains(where: { $0.name == step.call.name }) else { continue }
            return try await set.run(step, in: context, report)
        }
        return .refused(
            Failure(
                .notFound,
                code: "unknown_tool",
                message: "There is no tool named \(step.call.name.prefix(64)).",
                hint: "Use one of the tools that are offered."
            )
        )
    }

    func end(_ started: [ToolReport], _ open: ToolStep?, in context: ToolContext) async throws {
        for set in sets {
            try await set.end(started, in: context)
            if let open { try await set.end(open, in: context) }
        }
    }

    func turnEnded(_ turn: TurnID) async throws { for set in sets { try await set.turnEnded(turn) } }
}
