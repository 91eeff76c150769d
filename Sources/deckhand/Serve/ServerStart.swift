internal import Core
internal import Domain
internal import HTTPServer

/// What is known when the server listens.
struct ServerStart: Sendable {
    let listeners: [BoundListener]
    /// What links begin with.
    let baseURL: String
    /// The operator that was made just now because there was none; the passphrase is shown once.
    let firstOperator: (name: OperatorName, passphrase: Secret<String>)?
}
