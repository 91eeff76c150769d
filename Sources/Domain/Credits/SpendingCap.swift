public import Core

/// How much may be spent by somebody within a time, whatever the wallet holds.
public struct SpendingCap: Sendable, Equatable {
    /// Whose spending is counted.
    public enum Subject: Hashable, Sendable {
        case brand(BrandID)
        case user(UserID)
        /// Each user of the client who has no cap of that period of their own.
        case eachUser
    }

    /// Over which time, in UTC.
    public enum Period: String, Sendable, CaseIterable {
        case day, month

        /// The first day of the period around a point in time.
        public func start(at now: Timestamp) -> UTCDay {
            self == .day ? UTCDay(now) : UTCDay(now).monthStart
        }

        /// The first day after the period around a point in time.
        public func end(at now: Timestamp) -> UTCDay {
            self == .day ? UTCDay(now).next : UTCDay(now).nextMonthStart
        }
    }

    /// The client.
    public let client: ClientID
    /// Whose spending.
    public let subject: Subject
    /// Over which time.
    public let period: Period
    /// How much.
    public let amount: Credits

    /// Makes a cap.
    public init(client: ClientID, subject: Subject, period: Period, amount: Credits) {
        self.client = client
        self.subject = subject
        self.period = period
        self.amount = amount
    }

    /// Of all caps of a client, those that limit what a principal spends at a place.
    public static func binding(_ caps: [SpendingCap], _ place: Place, _ principal: PrincipalID)
        -> [SpendingCap]
    {
        let user = UserID(principal)
        return caps.filter { cap in
            guard cap.client == place.client else { return false }
            switch cap.subject {
            case .brand(let brand): return brand == place.brand
            case .user(let other): return other == user
            case .eachUser:
                guard let user else { return false }
                return !caps.contains {
                    $0.client == cap.client && $0.subject == .user(user) && $0.period == cap.period
                }
            }
        }
    }
}

/// A cap does not allow what was to be reserved or spent.
public struct CapReached: Error, Sendable, Equatable {
    /// The cap.
    public let cap: SpendingCap
    /// What was spent or reserved of it.
    public let taken: Credits
    /// What was asked for.
    public let needed: Credits
    /// Makes a value.
    public init(cap: SpendingCap, taken: Credits, needed: Credits) {
        self.cap = cap
        self.taken = taken
        self.needed = needed
    }
}
