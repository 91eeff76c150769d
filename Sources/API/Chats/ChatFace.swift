/// For whom the routes of chats are: the same use cases under two paths, each with its own door.
enum ChatFace: Sendable {
    /// Operators of this server, their tokens and programs.
    case operators
    /// Users of host applications.
    case users

    /// What the paths begin with.
    var root: String {
        switch self {
        case .operators: "/v1"
        case .users: "/v1/ai"
        }
    }
}
