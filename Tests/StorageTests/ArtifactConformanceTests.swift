import Core
import Domain
import SQL
import Storage
import TestSupport
import Testing

@Suite("Artifacts keep the promises of their port")
struct ArtifactConformanceTests {
    @Test("on SQLite", arguments: ArtifactStoreSuite.cases)
    func database(_ promise: ArtifactStoreSuite.Case) async throws {
        let installation = try await Installation()
        let stores = installation.stores
        var places: [Place] = []
        for name in ["acme", "zeta"] {
            let key = try TenantKey(name)
            let now = Timestamp(seconds: 1_000)
            let client = try await stores.tenants.putClient(key, of: "https://app", ClientChange(), at: now)
            let brand = try await stores.tenants.putBrand(key, of: client, BrandChange(), at: now)
            places.append(Place(client: client.id, brand: brand.id))
        }
        try await promise.run(
            ArtifactStoreSuite.Subject(store: stores.artifacts, audit: stores.audit, places: places)
        )
        await installation.database.close()
    }

    @Test("what is in use, and lists, are read from indexes")
    func plans() async throws {
        let installation = try await Installation()
        let plans: [(SQLStatement, String)] = [
            (
                "explain query plan select count(*), sum(size) from artifacts where owner = 'a'",
                "artifacts_owner"
            ),
            ("explain query plan select sum(size) from artifacts where client_id = 1", "artifacts_client"),
            (
                "explain query plan select id from artifacts where expires <= 1 order by expires limit 9",
                "artifacts_expires"
            ),
            ("explain query plan select 1 from artifacts where digest = x'00' limit 1", "artifacts_digest"),
        ]
        for (statement, index) in plans {
            let plan = try await installation.database.read { db in
                try db.all(statement).map { try $0.get("detail", as: String.self) }.joined(separator: "; ")
            }
            #expect(plan.contains("INDEX \(index)"), "\(plan)")
        }
        await installation.database.close()
    }
}
