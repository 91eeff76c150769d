public import Domain
internal import Core
internal import Testing

/// What an `OperatorStore` and its `SignInStore` must do, tried on empty ones.
public enum SignInStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any OperatorStore & SignInStore>

    private static let start = Timestamp(seconds: 1_700_000_040)
    private static let later = start + .seconds(3_600)

    private static func draft(_ name: String, _ source: OperatorSource = .local) throws -> OperatorDraft {
        OperatorDraft(
            name: try OperatorName(name),
            passphraseHash: Secret("hash of \(name)"),
            permissions: [.chat, .admin],
            source: source
        )
    }

    private static func begin(
        _ stores: any SignInStore,
        _ person: Operator,
        secret: [UInt8]? = nil,
        limit: Int = 10
    ) async throws -> SignIn {
        try #require(
            try await stores.beginSignIn(
                secret == nil ? .client : .browser,
                of: person,
                secretDigest: secret,
                expires: later,
                limit: limit,
                at: start
            )
        )
    }

    /// All cases.
    public static var cases: [Case] { operatorCases + signInCases + endCases }

    private static var operatorCases: [Case] {
        [
            Case("an operator is found by name in any case of letters, with the hash") { stores in
                var draft = try draft("Ann", .environment)
                draft.runAs = "nobody"
                let ann = try await stores.createOperator(draft, at: start)
                #expect(ann.permissions == [.chat, .admin])
                #expect(ann.runAs == "nobody" && ann.source == .environment && !ann.isDisabled)
                #expect(ann.created == start)
                let found = try await stores.credential(named: try OperatorName("aNN"))
                #expect(found?.person == ann)
                #expect(found?.passphraseHash.reveal() == "hash of Ann")
                #expect(try await stores.credential(named: try OperatorName("Anna")) == nil)
                #expect(try await stores.operator(ann.id) == ann)
                #expect(try await stores.operator(OperatorID(99)) == nil)
            },
            Case("a name is taken in any case of letters") { stores in
                _ = try await stores.createOperator(draft("ann"), at: start)
                let failure = await #expect(throws: Failure.self) {
                    try await stores.createOperator(draft("ANN"), at: start)
                }
                #expect(failure?.code == "operator_exists")
                _ = try await stores.createOperator(draft("Bob"), at: start)
                #expect(try await stores.operators().map(\.name.rawValue) == ["ann", "Bob"])
            },
            Case("changes are kept, and count what ends sign-ins") { stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let change: @Sendable (OperatorChange) async throws -> Operator = { change in
                    try #require(try await stores.changeOperator(ann.id, change, at: start))
                }
                #expect(try await change(.permissions([.share])).permissions == [.share])
                #expect(try await change(.runAs("nobody")).runAs == "nobody")
                #expect(try await change(.runAs(nil)).runAs == nil)
                #expect(try await change(.enable).epoch == 1)
                #expect(try await change(.passphrase(hash: Secret("new"))).epoch == 2)
                let credential = try await stores.credential(named: ann.name)
                #expect(credential?.passphraseHash.reveal() == "new")
                let disabled = try await change(.disable)
                #expect(disabled.isDisabled && disabled.epoch == 3)
                #expect(try await change(.disable).epoch == 3)
                let enabled = try await change(.enable)
                #expect(!enabled.isDisabled && enabled.epoch == 3)
                #expect(try await stores.operator(ann.id) == enabled)
                #expect(try await stores.changeOperator(OperatorID(9), .disable, at: start) == nil)
            },
        ]
    }

    private static var signInCases: [Case] {
        [
            Case("a sign-in is found by its digest and by its id, with its operator") { stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let digest = [UInt8](repeating: 0, count: 31) + [9]
                let made = try await begin(stores, ann, secret: digest)
                #expect(made.operator == ann.id && made.kind == .browser && made.epoch == 1)
                #expect(made.created == start && made.lastSeen == start && made.expires == later)
                let known = KnownSignIn(signIn: made, person: ann)
                #expect(try await stores.signIn(secretDigest: digest) == known)
                #expect(try await stores.signIn(made.id) == known)
                #expect(try await stores.signIn(secretDigest: Array(digest.dropLast())) == nil)
                #expect(try await stores.signIn(secretDigest: []) == nil)
                let client = try await begin(stores, ann)
                #expect(client.kind == .client && client.id != made.id)
                #expect(try await stores.signIn(client.id)?.signIn == client)
                #expect(try await stores.signIn(SignInID(99)) == nil)
            },
            Case("an operator who was changed meanwhile does not get in") { stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let change = OperatorChange.passphrase(hash: Secret("new"))
                let now = try #require(try await stores.changeOperator(ann.id, change, at: start))
                let refused = try await stores.beginSignIn(
                    .client,
                    of: ann,
                    secretDigest: nil,
                    expires: later,
                    limit: 9,
                    at: start
                )
                #expect(refused == nil)
                _ = try await begin(stores, now)
                let disabled = try #require(try await stores.changeOperator(ann.id, .disable, at: start))
                let shut = try await stores.beginSignIn(
                    .client,
                    of: disabled,
                    secretDigest: nil,
                    expires: later,
                    limit: 9,
                    at: start
                )
                #expect(shut == nil)
            },
            Case("beyond the limit the oldest sign-ins of that operator end") { stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let bob = try await stores.createOperator(draft("bob"), at: start)
                let other = try await begin(stores, bob)
                var made: [SignIn] = []
                for _ in 0..<5 { made.append(try await begin(stores, ann, limit: 3)) }
                let live = try await stores.signIns(of: ann.id, at: start)
                #expect(live.map(\.id) == made.suffix(3).reversed().map(\.id))
                #expect(try await stores.signIns(of: bob.id, at: start) == [other])
            },
            Case("use is remembered, and moves the end on but never back") { stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let id = try await begin(stores, ann).id
                let end = later + .seconds(90)
                try await stores.touchSignIn(id, lastSeen: start + .seconds(60), expires: end)
                try await stores.touchSignIn(id, lastSeen: start, expires: later)
                let touched = try await stores.signIn(id)?.signIn
                #expect(touched?.lastSeen == start + .seconds(60) && touched?.expires == end)
            },
        ]
    }

    private static var endCases: [Case] {
        [
            Case("only its operator ends a sign-in, once") { stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let bob = try await stores.createOperator(draft("bob"), at: start)
                let id = try await begin(stores, ann).id
                let before = try await stores.accessChanges()
                #expect(try await !stores.endSignIn(id, of: bob.id, at: start))
                #expect(try await !stores.endSignIn(SignInID(99), of: ann.id, at: start))
                #expect(try await stores.accessChanges() == before)
                #expect(try await stores.endSignIn(id, of: ann.id, at: start))
                #expect(try await !stores.endSignIn(id, of: ann.id, at: start))
                #expect(try await stores.accessChanges() > before)
                #expect(try await stores.signIn(id)?.signIn.ended == start)
                #expect(try await stores.signIns(of: ann.id, at: start) == [])
            },
            Case("expiry, a new passphrase and disabling end sign-ins, and the count of changes tells") {
                stores in
                let ann = try await stores.createOperator(draft("ann"), at: start)
                let bob = try await stores.createOperator(draft("bob"), at: start)
                let mine = try await begin(stores, ann).id
                let other = try await begin(stores, bob).id
                let all: Set<SignInID> = [mine, other, SignInID(99)]
                #expect(try await stores.liveSignIns(among: all, at: start) == [mine, other])
                #expect(try await stores.liveSignIns(among: [], at: start) == [])
                let end = try #require(try await stores.nextEnd(of: all, after: start))
                #expect(end > start && end <= later)
                #expect(try await stores.nextEnd(of: all, after: later) == nil)
                #expect(try await stores.nextEnd(of: [], after: start) == nil)
                #expect(try await stores.liveSignIns(among: all, at: later) == [])
                let before = try await stores.accessChanges()
                _ = try await stores.changeOperator(ann.id, .disable, at: start)
                #expect(try await stores.accessChanges() > before)
                #expect(try await stores.liveSignIns(among: all, at: start) == [other])
                _ = try await stores.changeOperator(ann.id, .enable, at: start)
                #expect(try await stores.liveSignIns(among: all, at: start) == [other])
                let change = OperatorChange.passphrase(hash: Secret("new"))
                _ = try await stores.changeOperator(bob.id, change, at: start)
                #expect(try await stores.liveSignIns(among: all, at: start) == [])
            },
        ]
    }
}
