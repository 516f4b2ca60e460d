// swift-tools-version: 6.2
import PackageDescription

/// Every target is held to the same rules: language mode 6 (below), strict memory safety, explicit
/// existentials, and imports that stay inside the module unless they are part of its interface.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Modules that lend spans from memory they own say so with lifetime annotations.
let lending: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

// The dependencies of each target are the proof of the arrows in the README's table of modules:
// a module that imports what it does not name here does not build.
let package = Package(
    name: "strongroom",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")
    ],
    targets: [
        .systemLibrary(
            name: "CSecp256k1", pkgConfig: "libsecp256k1",
            providers: [.apt(["libsecp256k1-dev"]), .brew(["secp256k1"])]),
        .systemLibrary(
            name: "CLMDB", pkgConfig: "lmdb",
            providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),

        .target(name: "Bytes", dependencies: [crypto], swiftSettings: lending),
        .target(name: "Keys", dependencies: ["Bytes", "CSecp256k1"], swiftSettings: strict),
        .target(name: "Merkle", dependencies: ["Bytes", crypto], swiftSettings: lending),
        .target(name: "Storage", dependencies: ["Bytes", "CLMDB"], swiftSettings: lending),
        .target(
            name: "Ledger", dependencies: ["Bytes", "Keys", "Merkle", "Storage"],
            swiftSettings: lending),

        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: strict),
        .testTarget(name: "KeysTests", dependencies: ["Keys", "Bytes"], swiftSettings: strict),
        .testTarget(
            name: "MerkleTests", dependencies: ["Merkle", "Bytes"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "Bytes"], swiftSettings: strict),
        .testTarget(
            name: "LedgerTests", dependencies: ["Ledger", "Storage", "Merkle", "Keys", "Bytes"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
