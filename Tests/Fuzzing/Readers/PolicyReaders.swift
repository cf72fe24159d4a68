import GitObjects

@testable import Policy

/// The files of a policy, as a pushed commit may have them.
let policyReaders = [
    FuzzedReader(
        name: "policy",
        sources: [
            "Policy/Reading/PolicyReader.swift", "Policy/Reading/RulesetReader.swift",
            "Policy/Reading/ChecksReader.swift", "Policy/Reading/PeopleReader.swift",
            "Policy/Reading/ReleaseReader.swift", "Policy/Reading/Values.swift",
            "Policy/Reading/References.swift", "Policy/Reading/Fields.swift",
            "Policy/Reading/Suggestion.swift", "Policy/Reading/DiagnosticLog.swift",
            "Policy/Reading/PolicyFiles.swift", "Policy/Workability.swift",
        ], longest: 2_048, read: readPolicy),
    FuzzedReader(
        name: "local-checks", sources: ["Policy/LocalChecks.swift"], longest: 256,
        read: readLocalChecks),
    FuzzedReader(
        name: "allowed-signers",
        sources: [
            "Policy/People/AllowedSigners.swift", "Policy/People/AllowedSignersReader.swift",
            "Policy/People/SignerOptions.swift", "Policy/People/PublicKey.swift",
            "Policy/People/Base64.swift",
        ], longest: 1_024, read: readAllowedSigners),
]

/// What is wrong is said at a place that exists, in order, and in words that a terminal can show.
func checkDiagnostics(_ diagnostics: [Diagnostic]) throws {
    try require(!diagnostics.isEmpty, "refused without a reason")
    try require(diagnostics.count <= DiagnosticLog.most, "more than anybody reads")
    for diagnostic in diagnostics {
        try require(
            diagnostic.location.line >= 1 && diagnostic.location.column >= 1, "a fault nowhere")
        try requireSafe(diagnostic.location.file)
        try requireSafe(diagnostic.message)
        if let hint = diagnostic.hint { try requireSafe(hint) }
    }
}

/// An input is several files: `%% path` on a line of its own begins one.
private func policyFiles(_ bytes: [UInt8]) -> PolicyFiles {
    var files = PolicyFiles(contents: [:])
    var path: TreePath = "policies/master.yml"
    for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
        if line.starts(with: "%% ".utf8) {
            path = TreePath(line.dropFirst(3))
            files.contents[path] = []
        } else {
            files.contents[path, default: []] += Array(line) + [0x0a]
        }
    }
    return files
}

private func readPolicy(_ bytes: [UInt8]) throws -> Bool {
    let files = policyFiles(bytes)
    let policy: Policy
    do throws(InvalidPolicy) {
        policy = try Policy.read(files)
    } catch {
        try checkDiagnostics(error.diagnostics)
        return false
    }
    let names = policy.rulesets.map { Array($0.name.utf8) }
    try require(Set(names).count == names.count, "two rulesets of one name")
    var counts: [[String]?: Int] = [:]
    for ruleset in policy.rulesets where ruleset.enforcement != .disabled {
        try require(!ruleset.include.isEmpty, "a ruleset that guards nothing")
        guard let rule = ruleset.rules.pullRequest else { continue }
        // Of one team once: a policy may have many rulesets and a large team.
        let most = counts[rule.reviewers] ?? policy.eligibleReviewers(for: rule).count
        counts[rule.reviewers] = most
        try require(
            most > rule.requiredApprovingReviewCount, "nobody could land anything any more")
    }
    let checks = Set(policy.checks.map(\.name))
    for name in policy.onPush { try require(checks.contains(name), "an unknown check") }
    return true
}

private func readLocalChecks(_ bytes: [UInt8]) throws -> Bool {
    let names: Set<String> = ["pylint", "unit"]
    let local: LocalChecks
    do throws(InvalidPolicy) {
        local = try LocalChecks.read(bytes, policyChecks: names)
    } catch {
        try checkDiagnostics(error.diagnostics)
        return false
    }
    try require(
        local.checks.allSatisfy { !names.contains($0.name) }, "a check of the policy redefined")
    return true
}

private func readAllowedSigners(_ bytes: [UInt8]) throws -> Bool {
    let log = DiagnosticLog()
    var reader = AllowedSignersReader(PolicyFile(file: "policies/allowed_signers", log: log))
    let signers = reader.read(bytes)
    try require(
        signers.namedPrincipals.count <= signers.entries.count + signers.certifiers.count,
        "more people than names")
    var owners: [[UInt8]: Principal] = [:]
    for entry in signers.entries {
        try require(
            (entry.principal == nil) != entry.authorityPatterns.isEmpty,
            "neither a person's key nor an authority's, or both")
        try require(
            PublicKeyType(rawValue: entry.keyType)?.problem(in: entry.keyBlob) == nil,
            "a key that is none")
        if let after = entry.validAfter, let before = entry.validBefore {
            try require(after < before, "a key that is never valid")
        }
        guard let principal = entry.principal else { continue }
        try requireSafe(principal.name)
        try require(
            owners.updateValue(principal, forKey: entry.keyBlob) ?? principal == principal,
            "one key of two people")
        // Only an authority certifies, and only whom it may.
        try require(!entry.mayCertify(principal), "a person's key certifies")
    }
    if !log.isEmpty { try checkDiagnostics(log.diagnostics) }
    return log.isEmpty
}
