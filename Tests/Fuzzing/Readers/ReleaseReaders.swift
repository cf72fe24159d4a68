import GitObjects
import History
import JSON

@testable import Release

/// What the morning job and deploy scripts read.
let releaseReaders = [
    FuzzedReader(
        name: "flagd", sources: ["Release/Plan/FeatureFlag.swift"], longest: 512, read: readFlags),
    FuzzedReader(
        name: "manifest",
        sources: [
            "Release/Manifest/Manifest.swift", "Release/Manifest/ManifestReading.swift",
            "Release/Manifest/ManifestStatement.swift", "Release/Manifest/ManifestMarkdown.swift",
            "Release/Manifest/ManifestPage.swift", "Release/Manifest/HTMLText.swift",
            "Release/Manifest/RangePicture.swift",
        ], longest: 4_096, read: readManifest),
    FuzzedReader(
        name: "manifest-path",
        sources: ["Release/Manifest/ManifestPath.swift", "Release/Manifest/ManifestValues.swift"],
        longest: 512, read: readPath),
]

/// Two versions of a flag file, a NUL between them: JSON has none.
private func readFlags(_ bytes: [UInt8]) throws -> Bool {
    let versions = bytes.parts(separatedBy: 0, atMost: 2)
    let path: TreePath = "flags.json"
    var picture = TreePicture()
    var trees: [ObjectID] = []
    for (number, version) in versions.enumerated() {
        let digit = String(number + 1)
        guard let id = ObjectID(hex: String(repeating: digit, count: 40)) else { return false }
        trees.append(id)
        picture.blobs[id] = version
        picture.entries[id] = [path: TreeEntry(name: path.bytes, mode: .blob, id: id)]
    }
    guard let new = trees.last else { return false }
    let old = trees.count == 2 ? trees[0] : nil
    let files = FlagFiles(history: picture, files: [path])
    let (changes, problems) = try files.changes(from: old, to: new)
    for problem in problems { try requireSafe(problem) }
    for change in changes {
        try require(change.old != change.new, "a change that is none")
        try require(!(change.turnsOn && change.turnsOff), "turned on and off at once")
        if change.turnsOn || change.turnsOff {
            try require(change.event != .edited, "a flag is turned without being switched")
        }
    }
    let names = changes.map { Array($0.name.utf8) }
    try require(
        zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) },
        "flags out of order")
    if problems.isEmpty {
        let same = try files.changes(from: new, to: new)
        try require(same.changes.isEmpty, "a file differs from itself")
    }
    return problems.isEmpty
}

private func readManifest(_ bytes: [UInt8]) throws -> Bool {
    var manifest: Manifest
    do throws(ManifestError) {
        manifest = try Manifest(parsing: bytes)
    } catch {
        return try readAttested(bytes)
    }
    let written = manifest.json.manifestBytes()
    let again = try Manifest(parsing: written)
    try require(again.json.manifestBytes() == written, "the manifest, written again, is another")
    try require(again.differences(from: manifest).isEmpty, "the manifest differs from itself")
    let page = manifest.html()
    try require(!page.contains("<script"), "a page with a script")
    _ = manifest.markdown()
    let payload = manifest.statementPayload()
    let attested = try Manifest(statement: payload)
    try require(attested.json == manifest.json, "the attested manifest is another")
    let digest = String(repeating: "a", count: 64)
    do throws(ManifestError) {
        try manifest.setImage(of: "api", to: "registry.wrk.example/api@sha256:\(digest)")
        try manifest.setImage(of: "api", to: "registry.wrk.example/api@sha256:\(digest)")
    } catch {
        return true
    }
    let paths = manifest.differences(from: again)
    try require(
        paths.allSatisfy { $0.utf8.starts(with: "services".utf8) },
        "an image changes something else: \(paths)")
    return true
}

private func readAttested(_ bytes: [UInt8]) throws -> Bool {
    do throws(ManifestError) {
        let manifest = try Manifest(statement: bytes)
        if manifest.statementPayload() != bytes { throw ManifestError("\u{1b}") }
        return true
    } catch {
        try require(error.problem != "\u{1b}", "an attestation of another manifest")
        return false
    }
}

/// A path, a newline, any JSON: what stands there, in every form that scripts may ask for.
private func readPath(_ bytes: [UInt8]) throws -> Bool {
    let parts = bytes.parts(separatedBy: 0x0a, atMost: 2)
    guard parts.count == 2 else { return false }
    let json: JSON
    do throws(JSONError) {
        json = try JSON(parsing: parts[1])
    } catch {
        return false
    }
    var manifest = emptyManifest
    for member in json.objectValue?.members ?? [] where manifest.json[member.name] != nil {
        manifest.replace(member.name, with: member.value)
    }
    let found: [Manifest.Found]
    do throws(ManifestError) {
        let path = try ManifestPath(parsing: String(decoding: parts[0], as: UTF8.self))
        found = try manifest.values(at: path)
    } catch {
        try require(!error.problem.isEmpty, "refused without a reason")
        return false
    }
    for format in ValueFormat.allCases {
        try checkForm(manifest.text(of: found, as: format), format, found.count)
    }
    return true
}

/// A manifest whose members say nothing, to be given what an input says.
private let emptyManifest: Manifest = {
    let names = [
        "release", "source", "range", "services", "changes", "migrations", "config", "flags",
        "checklist", "gates", "shepherd", "holds", "rollback", "statements", "warnings",
    ]
    var object: JSON.Object = ["schemaVersion": 1, "kind": "ReleaseManifest"]
    for name in names { object[name] = JSON([] as [JSON]) }
    do {
        return try Manifest(parsing: JSON(object).canonical())
    } catch {
        preconditionFailure("\(error)")
    }
}()

/// What scripts rely on in each form: that a value cannot look like two, or like a command.
private func checkForm(_ text: String, _ format: ValueFormat, _ count: Int) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    switch format {
    case .lines:
        try require(
            text.unicodeScalars.allSatisfy {
                $0 == "\n" || $0.properties.generalCategory != .control
            }, "a control character in a line")
    case .tsv:
        let widths = Set(lines.map { line in line.utf8.count { $0 == 0x09 } })
        try require(widths.count <= 1, "rows of several widths")
    case .json:
        try require(lines.count == count, "not a line for each value")
        for line in lines { _ = try JSON(parsing: Array(line.utf8)) }
    case .env: try require(isAssignments(Array(text.utf8)), "a shell reads more than assignments")
    }
}

/// Whether a POSIX shell reads nothing but `NAME='value'` in a text.
private func isAssignments(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    while !rest.isEmpty {
        let name = rest.prefix {
            (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || $0 == 0x5f
        }
        guard let first = name.first, !(0x30...0x39).contains(first) else { return false }
        rest = rest.dropFirst(name.count)
        guard rest.popFirst() == UInt8(ascii: "=") else { return false }
        while let byte = rest.popFirst(), byte != 0x0a {
            switch byte {
            case UInt8(ascii: "'"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "'")) else { return false }
                rest = rest[(end + 1)...]
            case UInt8(ascii: "\\"):
                guard rest.popFirst() == UInt8(ascii: "'") else { return false }
            default: return false
            }
        }
    }
    return true
}
