internal import Domain

// Failures that several use cases of tickets share.
extension Failure {
    static func sessionNotFound(_ name: SessionName) -> Failure {
        Failure(
            .notFound,
            code: "session_not_found",
            message: "There is no session named \(name).",
            hint: "Submit a command to this session, which makes it, or list the sessions."
        )
    }

    static var sessionGone: Failure {
        Failure(
            .notFound,
            code: "session_not_found",
            message: "The session of this link does not exist any more.",
            hint: "Submit to a new session."
        )
    }

    static func ticketNotFound(_ number: Int, session: SessionName) -> Failure {
        Failure(
            .notFound,
            code: "ticket_not_found",
            message: "There is no ticket \(number) in session \(session).",
            hint: "Ask /history for the session's tickets."
        )
    }
}
