// swift-tools-version: 6.3
import PackageDescription

// Measures the ledger itself, without a server around it. The targets are those of the program, by links.
let package = Package(
    name: "credits-benchmark",
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSQLite"),
        .target(name: "Core", dependencies: ["CLinux"]),
        .target(name: "SQL", dependencies: ["Core"]),
        .target(name: "Domain", dependencies: ["Core"]),
        .target(name: "SQLite", dependencies: ["CSQLite", "SQL", "Core"]),
        .target(
            name: "Storage",
            dependencies: ["Domain", "SQL", "Core"],
            resources: [.embedInCode("Migrations")]
        ),
        .executableTarget(
            name: "CreditsBenchmark",
            dependencies: ["Storage", "SQLite", "SQL", "Domain", "Core"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .strictMemorySafety(),
        .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"]),
    ]
}
