@testable import Hooks
@testable import JSON
@testable import YAML

import GitObjects
import History
import Ledger
@testable import Policy
import Release
import Spawn

/// JSON and YAML by themselves, and the lines that git sends to hooks and prints for programs.
let textReaders = [
    FuzzedReader(
        name: "json", sources: ["JSON/Reader.swift", "JSON/Writer.swift"], longest: 512,
        read: readJSON),
    FuzzedReader(
        name: "yaml", sources: ["YAML/Document.swift", "YAML/EventParser.swift"], longest: 512,
        read: readYAML),
    FuzzedReader(
        name: "hook-input", sources: [], longest: 512, read: readHookInput),
    FuzzedReader(
        name: "time", sources: ["Release/Timestamp.swift", "Policy/Release/CalendarDate.swift"],
        longest: 64, read: readTime),
]

private func readJSON(_ bytes: [UInt8]) throws -> Bool {
    let value: JSON
    do throws(JSONError) {
        value = try JSON(parsing: bytes, depth: 16)
    } catch {
        try require((0...bytes.count).contains(error.offset), "an error outside of the text")
        try requireSafe(error.problem)
        return false
    }
    try require(depth(of: value) <= 16, "deeper than allowed")
    // A number may have several spellings, so the text is compared once it was written.
    let canonical = value.canonical()
    let again = try JSON(parsing: canonical)
    try require(again.canonical() == canonical, "the canonical form reads as something else")
    let pretty = value.pretty()
    try require(try JSON(parsing: pretty) == value, "the pretty form reads as something else")
    try requireSafe(String(decoding: pretty.filter { $0 != 0x0a }, as: UTF8.self))
    return true
}

private func depth(of value: JSON) -> Int {
    if let elements = value.arrayValue { return 1 + (elements.map(depth).max() ?? 0) }
    if let members = value.objectValue?.members {
        return 1 + (members.map { depth(of: $0.value) }.max() ?? 0)
    }
    return 0
}

private func readYAML(_ bytes: [UInt8]) throws -> Bool {
    let limits = Limits(size: 400, depth: 6, nodes: 40)
    let root: Node?
    do throws(YAMLError) {
        root = try Node.read(bytes, limits: limits)
    } catch {
        try require(error.mark.line >= 1 && error.mark.column >= 1, "an error nowhere")
        try requireSafe(error.description)
        return false
    }
    try require(bytes.count <= limits.size, "larger than allowed")
    guard let root else { return true }
    var count = 0
    try checkNodes(root, depth: 1, limits, &count)
    try require(count <= limits.nodes, "more values than allowed")
    return true
}

private func checkNodes(_ node: Node, depth: Int, _ limits: Limits, _ count: inout Int) throws {
    count += 1
    try require(node.mark.line >= 1 && node.mark.column >= 1, "a value nowhere")
    switch node.content {
    case .scalar: break
    case .sequence(let items):
        try require(depth <= limits.depth, "deeper than allowed")
        for item in items { try checkNodes(item, depth: depth + 1, limits, &count) }
    case .mapping(let entries):
        try require(depth <= limits.depth, "deeper than allowed")
        try require(Set(entries.map(\.key)).count == entries.count, "a key stands twice")
        count += entries.count
        for entry in entries { try checkNodes(entry.value, depth: depth + 1, limits, &count) }
    }
}

/// Lines of pre-receive, of pre-push and of `git ls-remote`: each input is read as all of them.
private func readHookInput(_ bytes: [UInt8]) throws -> Bool {
    let isReceived = try readReceived(bytes)
    let isPushed = try readPushed(bytes)
    let listing = RemoteListing(parsing: bytes)
    for name in listing.targets.keys {
        try require(!name.bytes.contains(0x0a), "a ref's name of two lines")
    }
    return isReceived || isPushed || !listing.targets.isEmpty
}

private func readReceived(_ bytes: [UInt8]) throws -> Bool {
    let updates: [RefUpdate]
    do throws(GitError) {
        updates = try HookInput.refUpdates(bytes)
    } catch {
        return false
    }
    var written: [UInt8] = []
    for update in updates {
        written += Array("\(update.old) \(update.new) ".utf8) + update.ref.bytes + [0x0a]
    }
    try require(written == bytes, "the updates are not what git sent")
    return true
}

private func readPushed(_ bytes: [UInt8]) throws -> Bool {
    let updates: [RefUpdate]
    do throws(GitError) {
        updates = try PrePush.refUpdates(bytes)
    } catch {
        return false
    }
    let lines = bytes.split(separator: 0x0a)
    try require(lines.count == updates.count, "not one update for each line")
    for (line, update) in zip(lines, updates) {
        let end = Array(" \(update.new) ".utf8) + update.ref.bytes + Array(" \(update.old)".utf8)
        try require(Array(line).hasSuffix(end), "the updates are not what git sent")
    }
    return !updates.isEmpty
}

/// Moments and days as manifests, statements, options and `allowed_signers` write them.
private func readTime(_ bytes: [UInt8]) throws -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    var isRead = false
    if let moment = Timestamp(text) {
        isRead = true
        let again = Timestamp(moment.description)
        try require(again?.description == moment.description, "\(moment) reads as something else")
        if let day = moment.day { try checkDay(day) }
    }
    if let day = CalendarDate(text) {
        isRead = true
        try require(day.description.utf8.elementsEqual(bytes), "\(day) was not written so")
        try checkDay(day)
    }
    if let seconds = SignerTime.seconds(bytes) {
        isRead = true
        let written = Timestamp(seconds: seconds).description.utf8.filter {
            $0 >= 0x30 && $0 < 0x3a
        }
        let digits = bytes.filter { $0 >= 0x30 && $0 < 0x3a }
        try require(written.starts(with: digits), "\(seconds) is another time than the text's")
    }
    return isRead
}

private func checkDay(_ day: CalendarDate) throws {
    let noon = Timestamp(seconds: Int64(day.daysSince1970) * 86_400 + 43_200)
    try require(noon.day == day, "\(day) is the day \(noon)")
    try require(Weekday.allCases.contains(day.weekday), "\(day) has no weekday")
}
