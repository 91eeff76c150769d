import CLinux
import Core
import Domain
import SQLite
import SQL
import Storage

/// Who may sign in.
enum OperatorProbe {
    /// Reads the database as it is, beside a running server too; nothing is made or brought up to date.
    static func all(_ configuration: Configuration) async -> [Finding] {
        let named = configuration.signIn.operators.count
        let path = configuration.dataDirectory + "/deckhand.sqlite"
        guard unsafe access(path, R_OK) == 0 else {
            return [
                Finding(
                    "operators",
                    .fine,
                    named == 0
                        ? "the first start makes one and shows the passphrase"
                        : "\(named) of LLM_CHATTER_PASSPHRASE"
                )
            ]
        }
        do {
            // Somebody else's data is not opened: files that SQLite makes beside it would be ours.
            _ = try openExistingDataDirectory(configuration)
            let database = try await openSQLite(
                path: path,
                readers: 1,
                logger: Logger(level: .error, sink: NullLogSink())
            )
            let found: [Operator]
            do { found = try await makeStores(on: database).operators.operators() } catch {
                await database.close()
                throw error
            }
            await database.close()
            return [finding(found, named: named)]
        } catch {
            return [
                Finding(
                    "operators",
                    .weak,
                    "not known: the database is of another version, or cannot be read"
                )
            ]
        }
    }

    static func finding(_ operators: [Operator], named: Int) -> Finding {
        let disabled = operators.count(where: \.isDisabled)
        let local = operators.count { $0.source == .local }
        let text =
            "\(operators.count): \(local) local, \(operators.count - local) of LLM_CHATTER_PASSPHRASE, \(disabled) disabled"
        guard operators.count > disabled || named > 0 else {
            return Finding(
                "operators",
                .weak,
                text + "; nobody can sign in",
                hint: "Make one: deckhand user add NAME — or enable one: deckhand user enable NAME"
            )
        }
        return Finding("operators", .fine, text)
    }
}
