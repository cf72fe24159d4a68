// swift-tools-version: 6.1
import PackageDescription

/// Settings of every target of ours: the Swift 6 language mode comes from `swiftLanguageModes`.
let strict: [SwiftSetting] = [
    .unsafeFlags(["-warnings-as-errors"]),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Compiler-rt's libFuzzer without a `main`, which Tests/Fuzzing/fuzz.py names; nil in every other
/// build.
let fuzzer = Context.environment["GATE_FUZZER"]

/// Whether that build also looks for faults of memory, counts lines, and shows libFuzzer what is
/// compared with what: ten times slower.
let isThorough = Context.environment["GATE_FUZZER_FAST"] == nil

/// What libFuzzer and `llvm-cov` see of the rooms in the fuzzer's build.
let instrumented: [SwiftSetting] =
    fuzzer == nil
    ? []
    : [
        .unsafeFlags(
            isThorough
                ? [
                    "-enable-testing", "-sanitize=fuzzer,address", "-profile-generate",
                    "-profile-coverage-mapping", "-disable-cmo",
                ]
                : [
                    "-enable-testing", "-sanitize=fuzzer",
                    "-sanitize-coverage=edge,inline-8bit-counters,pc-table",
                ])
    ]

/// A room of the house (see CONTRIBUTING.md) with its tests beside it.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + instrumented)
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

/// The readers of strangers' bytes as the fuzzer calls them: in its build the program that it runs, in
/// every other one a test that goes through what it has found.
func fuzzing(_ dependencies: [Target.Dependency]) -> Target {
    let path = "Tests/Fuzzing"
    let data = ["Corpus", "Crashers", "Dictionaries", "fuzz.py", "seeds.py", "text_seeds.py"]
    guard let fuzzer else {
        return .testTarget(
            name: "FuzzingTests", dependencies: dependencies, path: path,
            exclude: data + ["Driver"], sources: ["Readers", "Replay"], swiftSettings: strict)
    }
    return .executableTarget(
        name: "fuzz", dependencies: dependencies, path: path, exclude: data + ["Replay"],
        sources: ["Readers", "Driver"], swiftSettings: strict,
        linkerSettings: [
            .unsafeFlags(
                [fuzzer, "-profile-generate"] + (isThorough ? ["-sanitize=address"] : [])),
            .linkedLibrary("stdc++"),
        ])
}

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
            name: "gate", dependencies: ["Git", "Spawn", "Hooks", "Commands"], swiftSettings: strict
        ),
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
        fuzzing([
            "GitObjects", "Git", "History", "Policy", "Evidence", "Ledger", "Checks", "Release",
            "Hooks", "JSON", "YAML", "Spawn", "Files", "CLibGit2",
        ]),
    ],
    swiftLanguageModes: [.v6]
)
