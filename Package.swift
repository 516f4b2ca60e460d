// swift-tools-version: 6.2
import PackageDescription

/// Continuous integration refuses what a person at work may see as a warning.
let warnings: [SwiftSetting] =
    Context.environment["STRONGROOM_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []

/// Fuzzers need every module instrumented, in a build of their own: `Tools/fuzz` names the library
/// that drives them.
let fuzzer = Context.environment["STRONGROOM_FUZZER"]
let instrumented: [SwiftSetting] =
    fuzzer == nil
    ? []
    : [
        .unsafeFlags([
            "-O", "-sanitize=address",
            "-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table",
        ])
    ]

/// Every target is held to the same rules: language mode 6 (below), strict memory safety, explicit
/// existentials, and imports that stay inside the module unless they are part of its interface.
let strict: [SwiftSetting] =
    warnings + instrumented + [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

/// Modules that lend spans from memory they own say so with lifetime annotations.
let lending: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

/// Programs have no interface whose imports could leak.
let program: [SwiftSetting] =
    warnings + [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let http: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")

// The dependencies of each target are the proof of the arrows in the README's table of modules:
// a module that imports what it does not name here does not build.
let package = Package(
    name: "strongroom",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CSecp256k1", pkgConfig: "libsecp256k1",
            providers: [.apt(["libsecp256k1-dev"])]),
        .systemLibrary(
            name: "CLMDB", pkgConfig: "lmdb",
            providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLinux"),

        .target(name: "Bytes", dependencies: [crypto], swiftSettings: lending),
        .target(name: "Keys", dependencies: ["Bytes", "CSecp256k1"], swiftSettings: strict),
        .target(
            name: "Secrets",
            dependencies: ["Bytes", "Files", "Keys", "CSecp256k1", crypto, cryptoExtras],
            swiftSettings: lending),
        .target(name: "Bitcoin", dependencies: ["Bytes", "Keys"], swiftSettings: strict),
        .target(name: "Merkle", dependencies: ["Bytes", crypto], swiftSettings: lending),
        .target(
            name: "Events", dependencies: ["Bytes", "Keys", "Bitcoin"], swiftSettings: lending),
        .target(
            name: "Policy", dependencies: ["Events", "Bitcoin"], swiftSettings: strict),
        .target(
            name: "State", dependencies: ["Bytes", "Keys", "Bitcoin", "Events", "Policy"],
            swiftSettings: strict),
        .target(name: "Files", dependencies: ["Bytes", "CLinux"], swiftSettings: strict),
        .target(
            name: "Storage", dependencies: ["Bytes", "Files", "CLMDB"], swiftSettings: lending),
        .target(
            name: "Ledger", dependencies: ["Bytes", "Files", "Keys", "Merkle", "Storage"],
            swiftSettings: lending),
        .target(
            name: "Audit",
            dependencies: [
                "Bytes", "Keys", "Bitcoin", "Merkle", "Events", "Policy", "State", "Ledger",
                "Chain",
            ],
            swiftSettings: strict),
        .target(name: "Web", dependencies: http, swiftSettings: strict),
        .target(
            name: "Archive", dependencies: ["Bytes", "Files", "CZstd"], swiftSettings: lending),
        .target(name: "Schemas", swiftSettings: strict),
        .target(
            name: "Export",
            dependencies: [
                "Bytes", "Keys", "Bitcoin", "Merkle", "Events", "State", "Ledger", "Audit",
                "Files", "Archive", "Web", "Schemas", crypto,
            ],
            swiftSettings: lending),
        .target(
            name: "Copies",
            dependencies: [
                "Bytes", "Files", "Merkle", "Events", "State", "Ledger", "Audit", "Web", "Export",
            ],
            swiftSettings: lending),
        .target(
            name: "Witness",
            dependencies: ["Bytes", "Files", "Merkle", "Storage"] + http,
            swiftSettings: lending),
        .target(
            name: "Report",
            dependencies: [
                "Bytes", "Keys", "Bitcoin", "Events", "Policy", "State", "Audit", "Merkle", "Files",
                "Archive",
            ],
            swiftSettings: strict),
        .target(
            name: "Reading",
            dependencies: [
                "Bytes", "Keys", "Bitcoin", "Events", "Policy", "State", "Merkle", "Ledger",
                "Export", "Report",
            ],
            swiftSettings: strict),
        .target(
            name: "Signing",
            dependencies: ["Bytes", "Keys", "Secrets", "Bitcoin", "Events", "Policy", "State"],
            swiftSettings: strict),
        .target(
            name: "Acting",
            dependencies: [
                "Bytes", "Files", "Keys", "Secrets", "Bitcoin", "Merkle", "Events", "Policy",
                "State",
                "Ledger", "Audit", "Export", "Reading", "Web", "Witness", "Chain", "Signing",
            ],
            swiftSettings: lending),
        .target(
            name: "Chain", dependencies: ["Bytes", "Bitcoin", "Web"], swiftSettings: strict),

        .target(
            name: "Terminal", dependencies: [arguments, "Bytes", "Files"], swiftSettings: strict),
        .target(
            name: "Auditing",
            dependencies: [
                arguments, "Audit", "Bitcoin", "Bytes", "Chain", "Copies", "Events", "Export",
                "Keys", "Files", "Ledger", "Merkle", "State", "Reading", "Report", "Terminal",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "strongroom",
            dependencies: [
                "Terminal", "Auditing", "Reading", "Acting", "Audit", "Copies", "Export",
                "Witness", "Chain", "Ledger", "State",
                "Policy", "Events", "Report",
                "Signing", "Secrets", "Bitcoin", "Merkle", "Keys", "Bytes", arguments,
            ], swiftSettings: program),
        .target(
            name: "SampleLedger",
            dependencies: [
                "Bytes", "Keys", "Secrets", "Bitcoin", "Merkle", "Events", "State", "Ledger",
                "Audit", "Acting",
            ],
            path: "Tools/sample", swiftSettings: strict),
        .executableTarget(
            name: "bench",
            dependencies: [
                "SampleLedger", "Bytes", "Keys", "Secrets", "Merkle", "Events", "State", "Ledger",
                "Audit", "Acting", "Export", "CLMDB", "CSecp256k1", "CZstd", crypto,
            ],
            path: "Tools/benchmark", swiftSettings: strict),
        .executableTarget(
            name: "killtest",
            dependencies: [
                "SampleLedger", "Bytes", "Keys", "Secrets", "Events", "State", "Ledger", "Audit",
                "Acting",
            ],
            path: "Tools/durability", swiftSettings: strict),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "StateTestSupport", "TestSupport", "TestSigning", "Bytes", "Keys", "Merkle",
                "Events", "Policy", "State", "Ledger", "Audit", "Acting", "Copies", "Export",
                "Witness",
            ],
            path: "Tools/simulator", swiftSettings: strict),

        .executableTarget(
            name: "histories",
            dependencies: [
                "StateTestSupport", "TestSigning", "TestSupport", "State", "Events", "Ledger",
                "Acting", "Export", "Merkle", "Bitcoin", "Keys", "Bytes", arguments,
            ],
            path: "Tools/histories", swiftSettings: program),

        .executableTarget(
            name: "strongroom-verify", dependencies: ["Auditing", "Terminal", arguments],
            swiftSettings: program),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "TestSigning", dependencies: ["Bitcoin", "Keys", "Bytes", "CSecp256k1"],
            path: "Tests/TestSigning", swiftSettings: strict),
        .target(
            name: "StateTestSupport",
            dependencies: [
                "State", "Events", "Policy", "Bitcoin", "Keys", "Bytes", "Merkle", "TestSupport",
                "TestSigning",
            ],
            path: "Tests/StateTestSupport", swiftSettings: strict),
        .testTarget(
            name: "AuditTests",
            dependencies: [
                "Audit", "Chain", "Acting", "Ledger", "Storage", "Merkle", "State", "Events",
                "Bitcoin", "Keys", "Bytes", "StateTestSupport", "TestSigning", "TestSupport",
            ], swiftSettings: strict),
        .testTarget(
            name: "BytesTests", dependencies: ["Bytes", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "KeysTests", dependencies: ["Keys", "Bytes", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "MerkleTests", dependencies: ["Merkle", "Bytes"], swiftSettings: strict),
        .testTarget(
            name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "Files", "Bytes", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "Files", "Storage", "Merkle", "Keys", "Bytes", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "ArchiveTests", dependencies: ["Archive", "Bytes"], swiftSettings: strict),
        .testTarget(
            name: "ExportTests",
            dependencies: [
                "Export", "Reading", "Copies", "Schemas", "Archive", "Audit", "Acting", "Files",
                "Ledger",
                "Merkle",
                "State", "Events", "Keys", "Bytes", "SampleLedger", "StateTestSupport",
                "TestSigning", "TestSupport", crypto,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WitnessTests", dependencies: ["Witness", "Merkle", "Bytes"] + http,
            swiftSettings: strict),
        .testTarget(
            name: "ReportTests",
            dependencies: [
                "Report", "Audit", "Policy", "Merkle", "State", "Events", "Bitcoin", "Keys",
                "Bytes", "StateTestSupport", "TestSigning", "TestSupport",
            ],
            swiftSettings: strict),
        .target(
            name: "ActingTestSupport",
            dependencies: ["Acting", "Events", "Ledger", "State", "StateTestSupport"],
            path: "Tests/ActingTestSupport", swiftSettings: strict),
        .testTarget(
            name: "ReadingTests",
            dependencies: [
                "ActingTestSupport", "Reading", "Acting", "Report", "Ledger", "Merkle", "State",
                "Events", "Policy",
                "Bitcoin", "Keys", "Bytes", "SampleLedger", "StateTestSupport", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ActingTests",
            dependencies: [
                "ActingTestSupport", "Acting", "Reading", "SampleLedger", "Events", "State",
                "Ledger", "Storage",
                "Secrets",
                "Bytes", "Keys", "Merkle", "Bitcoin", "Chain", "Signing", "StateTestSupport",
                "TestSigning", "TestSupport",
            ] + http,
            swiftSettings: strict),
        .testTarget(
            name: "SigningTests",
            dependencies: [
                "Signing", "Secrets", "State", "Events", "Bitcoin", "Keys", "Bytes",
                "StateTestSupport", "TestSigning",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ChainTests", dependencies: ["Chain", "Bitcoin", "Bytes", "TestSupport"] + http,
            swiftSettings: strict),
        .testTarget(
            name: "SecretsTests",
            dependencies: ["Secrets", "Files", "Keys", "Bytes", "TestSupport"],
            exclude: ["Judges"], swiftSettings: strict),
        .testTarget(
            name: "EventsTests",
            dependencies: [
                "Events", "Bitcoin", "Keys", "Secrets", "Merkle", "Bytes", "TestSupport",
                "TestSigning",
            ],
            exclude: ["Judges"], swiftSettings: strict),
        .testTarget(
            name: "PolicyTests",
            dependencies: ["Policy", "Events", "Bitcoin", "Bytes", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "BitcoinTests",
            dependencies: ["Bitcoin", "Keys", "Bytes", "TestSupport", "TestSigning"],
            swiftSettings: strict),
        .testTarget(
            name: "StateTests",
            dependencies: [
                "State", "Events", "Policy", "Bitcoin", "Keys", "Bytes", "Merkle", "TestSupport",
                "TestSigning", "StateTestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "JudgeTests",
            dependencies: ["Bitcoin", "Keys", "Bytes", "TestSupport", "TestSigning"],
            exclude: ["Judges"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

if let fuzzer {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tools/fuzzing/CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CFuzzer", "Audit", "Bytes", "Keys", "Secrets", "Bitcoin", "Merkle", "Events",
                "State", "Chain", "Acting", "Archive", "Export", "Witness",
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + http,
            path: "Tools/fuzzing", exclude: ["CFuzzer"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-sanitize=address", fuzzer, "-lstdc++"])]),
    ]
}
