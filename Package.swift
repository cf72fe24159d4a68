// swift-tools-version: 6.1
import PackageDescription

/// Settings of every target of ours: the Swift 6 language mode comes from `swiftLanguageModes`.
let strict: [SwiftSetting] = [
    .unsafeFlags(["-warnings-as-errors"]),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house (see CONTRIBUTING.md) with its tests beside it.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: strict)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "gate",
    platforms: [.macOS(.v14)],
    products: [.executable(name: "gate", targets: ["gate"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibGit2", pkgConfig: "libgit2",
            providers: [.apt(["libgit2-dev"]), .brew(["libgit2"])]),
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(name: "CSpawn"),
        room("JSON"),
        room("Files"),
        room("YAML", ["CLibYAML"]),
        room("GitObjects"),
        room("Spawn", ["CSpawn"]),
        room("History", ["GitObjects", crypto]),
        room("Git", ["GitObjects", "History", "Spawn", "Files", "CLibGit2"]),
        room("Policy", ["GitObjects", "YAML", "JSON", crypto]),
        room("Evidence", ["GitObjects", "History", "Policy", "JSON", crypto, cryptoExtras]),
        room(
            "Ledger",
            [
                "GitObjects", "History", "Git", "Policy", "Evidence", "JSON", "Spawn", "Files",
                crypto,
            ]),
        room("Enforcement", ["GitObjects", "History", "Policy", "Evidence"]),
        room("Checks", ["GitObjects", "Git", "Policy", "Evidence", "JSON", "Spawn", crypto]),
        room(
            "Release",
            ["GitObjects", "Git", "History", "Policy", "Evidence", "Ledger", "JSON", crypto]),
        room(
            "Hooks",
            [
                "GitObjects", "Git", "History", "Policy", "Evidence", "Ledger", "Enforcement",
                "Checks", "Files", "Spawn",
            ]),
        room(
            "Commands",
            [
                "GitObjects", "Git", "History", "Policy", "Evidence", "Ledger", "Enforcement",
                "Checks", "Release", "Hooks", "JSON", "YAML", "Spawn", "Files", argumentParser,
            ]),
        .executableTarget(
            name: "gate", dependencies: ["Hooks", "Commands"], swiftSettings: strict),
        tests("JSON"),
        tests("Files"),
        tests("YAML"),
        tests("GitObjects"),
        tests("Spawn"),
        tests("History", ["GitObjects"]),
        tests("Git", ["GitObjects", "History", "Spawn"]),
        tests("Policy", ["GitObjects", "YAML"]),
        tests("Evidence", ["GitObjects", "History", "Policy", "JSON", "Spawn"]),
        tests(
            "Ledger", ["GitObjects", "History", "Git", "Policy", "Evidence", "Spawn", "Files"]),
        tests("Enforcement", ["GitObjects", "History", "Policy", "Evidence"]),
        tests("Checks", ["GitObjects", "Git", "Policy", "Evidence", "JSON", "Spawn"]),
        tests("Release", ["GitObjects", "Git", "History", "Policy", "JSON", "Spawn"]),
        tests("Hooks", ["GitObjects", "Git", "History", "Policy", "Spawn", "Files"]),
        tests("Commands", ["Files", "GitObjects", "JSON", "Spawn"]),
    ],
    swiftLanguageModes: [.v6]
)
