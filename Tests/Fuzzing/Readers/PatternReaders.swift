import GitObjects

@testable import Policy

/// Patterns: the first line of an input is one, the rest is what it is held against.
let patternReaders = [
    FuzzedReader(
        name: "ref-pattern",
        sources: ["Policy/Patterns/Glob.swift"], longest: 64, read: readRefPattern),
    FuzzedReader(
        name: "path-pattern",
        sources: [
            "Policy/Patterns/Glob.swift", "Policy/Patterns/GlobReader.swift",
            "Policy/Patterns/ByteClass.swift", "Policy/Patterns/Patterns.swift",
        ], longest: 64, read: readPathPattern),
    FuzzedReader(
        name: "regex",
        sources: [
            "Policy/Patterns/LinearPattern.swift", "Policy/Patterns/RegexReader.swift",
            "Policy/Patterns/RegexProgram.swift", "Policy/Patterns/RegexSearch.swift",
            "Policy/Patterns/ScalarSet.swift",
        ], longest: 64, read: readRegex),
    FuzzedReader(
        name: "codeowners",
        sources: [
            "Policy/People/CodeOwners.swift", "Policy/People/CodeOwnersReader.swift",
            "Policy/People/CodeOwnersGlob.swift",
        ], longest: 256, read: readCodeOwners),
]

private func readRefPattern(_ bytes: [UInt8]) throws -> Bool {
    try readGlob(bytes, isPath: false)
}

private func readPathPattern(_ bytes: [UInt8]) throws -> Bool {
    try readGlob(bytes, isPath: true)
}

private func readGlob(_ bytes: [UInt8], isPath: Bool) throws -> Bool {
    let parts = bytes.parts(separatedBy: 0x0a, atMost: 2)
    guard parts.count == 2 else { return false }
    let text = String(decoding: parts[0], as: UTF8.self)
    let name = parts[1]
    let matches: Bool
    do throws(PatternError) {
        matches =
            isPath
            ? try PathPattern(parsing: text).matches(TreePath(name))
            : try RefPattern(parsing: text).matches(RefName(name))
    } catch {
        try require(error.position >= 1, "an error before the pattern")
        try requireSafe(error.description)
        // A text that is no pattern matches itself and nothing else.
        let lenient =
            isPath
            ? PathPattern(text).matches(TreePath(name)) : RefPattern(text).matches(RefName(name))
        try require(lenient == name.elementsEqual(text.utf8), "a text that is no pattern matches")
        return false
    }
    try require(
        Set([RefPattern(text), RefPattern(text + "")]).count == 1
            && Set([PathPattern(text), PathPattern(text + "")]).count == 1,
        "a pattern is not itself")
    let slow = SlowGlob(Array(text.utf8), isPath: isPath).matches(name)
    try require(matches == slow, "\(matches), and the slow matcher says \(slow)")
    return true
}

private func readRegex(_ bytes: [UInt8]) throws -> Bool {
    let parts = bytes.parts(separatedBy: 0x0a, atMost: 2)
    guard parts.count == 2 else { return false }
    let text = String(decoding: parts[0], as: UTF8.self)
    let subject = parts[1]
    let pattern: LinearPattern
    do throws(PatternError) {
        pattern = try LinearPattern(parsing: text)
    } catch {
        try require(error.position >= 1, "an error before the pattern")
        try requireSafe(error.description)
        return false
    }
    try require(
        Set([pattern, try LinearPattern(parsing: text + "")]).count == 1,
        "a pattern is not itself")
    let isFound = pattern.isFound(in: subject)
    let matches = pattern.matches(in: subject)
    try require(matches.isEmpty || isFound, "matches of what is not found")
    var end = 0
    for match in matches {
        try require(match.lowerBound >= end && !match.isEmpty, "matches that overlap")
        end = match.upperBound
    }
    try require(end <= subject.count, "a match behind the end")
    // The slow way takes the product of all the numbers in the pattern.
    var reader = RegexReader(text)
    guard var slow = SlowRegex(try reader.read(), in: subject) else { return true }
    try require(slow.isFound() == isFound, "found: \(isFound), which the slow search denies")
    for match in matches {
        try require(
            slow.ends(from: match.lowerBound).contains(match.upperBound),
            "\(match) is no match for the slow search")
    }
    var position = 0
    for match in matches {
        for start in position..<match.lowerBound {
            // Where an empty match is preferred, a longer one is none.
            let ends = slow.ends(from: start)
            try require(
                ends.isEmpty || ends.contains(start), "the match at \(start) was passed over")
        }
        position = match.upperBound
    }
    return true
}

private func readCodeOwners(_ bytes: [UInt8]) throws -> Bool {
    let parts = bytes.parts(separatedBy: 0, atMost: 2)
    let owners: CodeOwners
    do throws(InvalidPolicy) {
        owners = try CodeOwners.read(parts[0], at: "CODEOWNERS")
    } catch {
        try checkDiagnostics(error.diagnostics)
        return false
    }
    let path = TreePath(parts.count == 2 ? parts[1] : Array("docs/read me.md".utf8))
    let rule = owners.rule(for: path)
    let last = owners.rules.last { $0.matches(path) }
    try require(rule?.location == last?.location, "not the last rule that matches decides")
    for rule in owners.rules {
        try requireSafe(rule.pattern)
        for owner in rule.owners { try requireSafe(owner) }
    }
    return true
}
