import Application
import Core
import Crypto
import Domain

/// `deckhand policy reload`.
struct PolicyReloadCommand: PolicyChangeCommand {
    static let specification = CommandSpecification(
        name: "policy reload",
        summary: "Let the running server read the rules of deckhand.json5 again, without a restart.",
        options: [CommandSpecification.dataDirectory],
        details: "Rules with mistakes do not come into force: the old ones stay, and the exit code is 1."
    )

    /// The server looks every second.
    private static let patience = Duration.seconds(15)

    let arguments: ParsedArguments

    init(_ arguments: ParsedArguments) throws(UsageError) { self.arguments = arguments }

    func change(_ service: PolicyService, _ console: any Console) async throws -> String {
        let request = TextCoding.hex(systemRandomBytes(8))
        let answer = try await service.reload(request, within: Self.patience, by: TokenText.principal)
        return "\(answer.rules) rules are in force."
    }
}
