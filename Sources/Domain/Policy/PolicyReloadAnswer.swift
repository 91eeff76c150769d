/// What became of a request to read the rules of the configuration file again.
public struct PolicyReloadAnswer: Sendable, Equatable {
    /// The request.
    public let request: String
    /// How many rules are in force now.
    public let rules: Int
    /// Why the old rules stay; nil when the new ones are in force.
    public let trouble: String?

    /// Makes a value.
    public init(request: String, rules: Int, trouble: String?) {
        self.request = request
        self.rules = rules
        self.trouble = trouble
    }
}
