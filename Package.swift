// swift-tools-version: 6.3
import PackageDescription

// The layout of docs/architecture.md: dependencies point to Domain from both sides, and down to Core.
// scripts/check-architecture compares this file with the table there.
let package = Package(
    name: "deckhand",
    products: [
        .executable(name: "deckhand", targets: ["deckhand"]),
        .executable(name: "deckhand-runner", targets: ["deckhand-runner"]),
    ],
    targets: [
        // C libraries: a module map and a header of static inline shims, nothing else.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CMicroHTTPD"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CMarkGFM"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CCrypt"),

        // Down: what any server needs, and no product.
        .target(name: "Core", dependencies: ["CLinux"]),
        .target(name: "SQL", dependencies: ["Core"]),
        .target(name: "HTTPServer", dependencies: ["CMicroHTTPD", "CLinux", "Core"]),
        .target(name: "HTTPClient", dependencies: ["CCurl", "CLinux", "Core"]),
        .target(name: "Markdown", dependencies: ["CMarkGFM", "Core"]),

        // The middle: nouns, promises, use cases.
        .target(name: "Domain", dependencies: ["Core"]),
        .target(name: "Application", dependencies: ["Domain", "Core"]),

        // Adapters.
        .target(name: "SQLite", dependencies: ["CSQLite", "SQL", "Core"]),
        .target(
            name: "Storage",
            dependencies: ["Domain", "SQL", "Core"],
            resources: [.embedInCode("Migrations")]
        ),
        .target(name: "Processes", dependencies: ["CLinux", "Domain", "Core"]),
        .target(name: "Crypto", dependencies: ["COpenSSL", "CCrypt", "Domain", "Core"]),
        .target(name: "Providers", dependencies: ["HTTPClient", "Processes", "Domain", "Core"]),

        // The edge and the programs.
        .target(name: "WebAssets"),
        .target(
            name: "API",
            dependencies: ["Application", "Domain", "HTTPServer", "Markdown", "WebAssets", "Core"],
            // Embedded by scripts/build-web: as an array of numbers it would be compiled for minutes.
            exclude: ["openapi.json"],
            resources: [.embedInCode("Pages")]
        ),
        .executableTarget(
            name: "deckhand",
            dependencies: [
                "API", "Application", "Domain", "HTTPServer", "HTTPClient", "Markdown", "Storage", "SQL",
                "SQLite", "Processes", "Providers", "Crypto", "Core", "CLinux",
            ],
            // A link to integrations/, whose files the installer of panels carries.
            resources: [.embedInCode("Panel/Files")]
        ),
        .executableTarget(
            name: "deckhand-runner",
            dependencies: ["CLinux"],
            path: "Sources/Runner",
            swiftSettings: [
                .enableExperimentalFeature("Embedded"),
                .unsafeFlags(["-wmo"]),
            ],
            linkerSettings: [.unsafeFlags(["-Xclang-linker", "-static"])]
        ),

        // No test target depends on deckhand-runner: its static linking would spread to the test bundle. A plain
        // `swift build --build-tests` builds it beside them.
        // Tests. TestSupport holds helpers and the conformance suites of the ports.
        .target(
            name: "TestSupport",
            dependencies: ["Domain", "Core", "CLinux"],
            path: "Tests/Support"
        ),
        .testTarget(name: "CoreTests", dependencies: ["Core", "TestSupport"]),
        .testTarget(name: "DomainTests", dependencies: ["Domain", "Core", "TestSupport"]),
        .testTarget(
            name: "ApplicationTests",
            dependencies: ["Application", "Storage", "SQLite", "SQL", "Domain", "Core", "TestSupport"]
        ),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "Core", "CLinux", "TestSupport"]),
        .testTarget(
            name: "APITests",
            dependencies: [
                "API", "Application", "Storage", "SQLite", "SQL", "Domain", "HTTPServer", "WebAssets", "Core",
                "TestSupport",
            ]
        ),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "SQL", "Core", "TestSupport"]),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "SQLite", "SQL", "Domain", "Core", "TestSupport"]
        ),
        .testTarget(
            name: "ProcessesTests",
            dependencies: ["Processes", "Domain", "Core", "CLinux", "TestSupport"]
        ),
        .testTarget(
            name: "PolicyTests",
            dependencies: [
                "Application", "Processes", "Storage", "SQLite", "SQL", "Crypto", "CLinux", "Domain",
                "Core", "TestSupport",
            ]
        ),
        .testTarget(name: "CryptoTests", dependencies: ["Crypto", "Domain", "Core", "TestSupport"]),
        .testTarget(
            name: "CreditsTests",
            dependencies: ["Application", "Storage", "SQLite", "SQL", "Domain", "Core", "TestSupport"]
        ),
        .testTarget(
            name: "ProvidersTests",
            dependencies: [
                "Providers", "Application", "Processes", "HTTPClient", "HTTPServer", "Domain", "Core",
                "CLinux", "SQL", "SQLite", "Storage",
                "TestSupport",
            ],
            exclude: ["Codex/requirements.txt"]
        ),
        .testTarget(name: "MarkdownTests", dependencies: ["Markdown", "Core"]),
        .testTarget(
            name: "HTTPClientTests",
            dependencies: ["HTTPClient", "HTTPServer", "Core", "CLinux", "TestSupport"]
        ),
        .testTarget(
            name: "deckhandTests",
            dependencies: [
                "deckhand", "HTTPClient", "Providers", "Crypto", "Application", "Domain", "Core", "CLinux",
                "TestSupport",
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["HTTPClient", "Crypto", "Domain", "Core", "CLinux", "TestSupport", "deckhand"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
            .strictMemorySafety(),
            .treatAllWarnings(as: .error),
            .treatWarning("ExplicitSendable", as: .error),
            // glibc hides its extensions from Swift; CLinux and the Glibc overlay must agree on what they show.
            .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"]),
        ]
}
