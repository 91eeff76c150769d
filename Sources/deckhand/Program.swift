internal import Core
internal import Domain
internal import SQL

/// The program: finds the command that was asked for, runs it, and explains what went wrong.
enum Program {
    /// Runs the program for a command line without the program's own name; blocks the main thread.
    ///
    /// Returns the exit code.
    static func main(_ arguments: [String]) -> Int32 {
        let found = Result { try command(arguments[...]) }
        // Before anything starts a thread, since the mask is inherited by all of them; and only for commands that
        // listen, so that Ctrl-C simply ends the others.
        let signals = (try? found.get()).flatMap { type(of: $0).handlesSignals ? SignalSource() : nil }
        return ProgramTask.run {
            let program = ProgramContext(
                surroundings: .current(),
                console: StandardConsole(),
                signals: signals
            )
            return await run(found, program)
        }
    }

    /// Runs a command and explains its error.
    static func run(_ command: Result<any Command, any Error>, _ program: ProgramContext) async -> Int32 {
        do {
            return try await command.get().run(program)
        } catch {
            return await explain(error, program.console)
        }
    }

    /// The command of a command line; `-h`, `--help` and `--version` may stand anywhere before `--`.
    static func command(_ words: ArraySlice<String>) throws -> any Command {
        let options = words.prefix { $0 != "--" }
        if words.isEmpty { return HelpCommand(topic: []) }
        if words.first == "--version" { return VersionCommand(printsJSON: false) }
        if options.contains("--help") || options.contains("-h") {
            return HelpCommand(topic: Array(options.prefix { !$0.hasPrefix("-") }.prefix(2)))
        }
        let (found, rest) = try CommandTable.find(words)
        return try found.make(rest)
    }

    /// Says what went wrong and what to do; 2 for wrong usage, else 1.
    private static func explain(_ error: any Error, _ console: any Console) async -> Int32 {
        switch error {
        case let error as UsageError:
            await console.say("deckhand: \(error)")
            await console.say("See: deckhand help")
            return 2
        case let error as ConfigurationError:
            await console.say(error.description)
            return 2
        case let failure as Failure:
            await console.say("deckhand: \(failure.message)")
            if let hint = failure.hint { await console.say(hint) }
        case is ConsoleClosed:
            // As a program that SIGPIPE has ended: 128 + 13.
            return 141
        case is CancellationError:
            await console.say("deckhand: interrupted")
        default:
            await console.say("deckhand: \(error)")
        }
        return 1
    }
}
