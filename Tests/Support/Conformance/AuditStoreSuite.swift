public import Domain
internal import Core
internal import Testing

/// What every `AuditStore` must do, tried on an empty one.
public enum AuditStoreSuite: Sendable {
    /// A case of this suite.
    public typealias Case = ConformanceCase<any AuditStore>

    /// All cases.
    public static var cases: [Case] {
        [
            Case("entries come back newest first, as they were recorded") { store in
                let entries = (0..<5).map { index in
                    AuditEntry(
                        time: Timestamp(microseconds: Int64(index)),
                        principal: PrincipalID("socket:0"),
                        action: "token.create",
                        subject: "token/\(index)",
                        detail: "{\"name\":\"ä'\"}"
                    )
                }
                for entry in entries { try await store.record(entry) }
                #expect(try await store.entries(limit: 3) == Array(entries.reversed().prefix(3)))
                #expect(try await store.entries(limit: 99) == Array(entries.reversed()))
                #expect(try await store.entries(limit: 0).isEmpty)
                #expect(try await store.entries(limit: -1).isEmpty)
            },
            Case("concurrent entries are all kept") { store in
                try await withThrowingTaskGroup { group in
                    for index in 0..<50 {
                        group.addTask {
                            try await store.record(
                                AuditEntry(
                                    time: Timestamp(seconds: 1),
                                    principal: .hash,
                                    action: "a",
                                    subject: "\(index)"
                                )
                            )
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(Set(try await store.entries(limit: 99).map(\.subject)).count == 50)
            },
        ]
    }
}
