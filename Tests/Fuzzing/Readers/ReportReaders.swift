import GitObjects
import JSON
import Policy

@testable import Checks

/// What checks leave behind, written by the code under test or beside it.
let reportReaders = [
    FuzzedReader(
        name: "junit", sources: ["Checks/Reports/XML.swift", "Checks/Reports/JUnitReport.swift"],
        longest: 512, read: readJUnit),
    FuzzedReader(
        name: "tool-report", sources: ["Checks/Reports/ToolReport.swift"], longest: 512,
        read: readToolReport),
    FuzzedReader(
        name: "check-report", sources: ["Checks/Reports/CheckReportReading.swift"], longest: 1_024,
        read: readCheckReport),
    FuzzedReader(
        name: "git-index", sources: ["Checks/Worktrees/IndexFile.swift"], longest: 512,
        read: readIndex),
]

private func readJUnit(_ bytes: [UInt8]) throws -> Bool {
    let report: JUnitReport
    do throws(XMLError) {
        report = try JUnitReport(parsing: bytes)
    } catch {
        try require(error.line >= 1, "an error before the text")
        try requireSafe(error.problem)
        return false
    }
    let names = report.names
    try require(
        names.passed.count + names.failed.count + names.skipped.count == report.cases.count,
        "a test has none or several results")
    try require(names.failed.count == report.findings.count, "not a finding for each failure")
    for finding in report.findings {
        try require(finding.line ?? 1 >= 1, "a finding before the file")
        try require(!finding.message.isEmpty, "a finding without words")
    }
    return true
}

private func readToolReport(_ bytes: [UInt8]) throws -> Bool {
    let content = Array(bytes.dropFirst())
    do throws(ToolReportError) {
        let report: ToolReport
        let root = Array("/tree".utf8)
        switch bytes.first {
        case UInt8(ascii: "p"):
            report = try ToolReport(parsing: content, as: .pylint, root: root)
        case UInt8(ascii: "r"): report = try ToolReport(parsing: content, as: .ruff, root: root)
        case UInt8(ascii: "m"): report = try ToolReport(parsing: content, as: .mypy, root: root)
        default: return false
        }
        for finding in report.findings {
            guard finding.line ?? 1 >= 1, finding.column ?? 1 >= 1 else {
                throw ToolReportError(problem: "\u{1b}[a finding before the file")
            }
        }
        return true
    } catch {
        try requireSafe(error.problem)
        return false
    }
}

private func readCheckReport(_ bytes: [UInt8]) throws -> Bool {
    let report: CheckReport
    do throws(CheckReportError) {
        report = try CheckReport(parsing: bytes)
    } catch {
        try requireSafe(error.description)
        return false
    }
    let again = try CheckReport(parsing: report.bytes)
    try require(again == report, "the report, written again, is another")
    let value = try JSON(parsing: bytes)
    try require(value == report.json, "the report says something else than the file")
    for check in report.checks {
        try require(check.result != .passed || check.failedTests.isEmpty, "passed with failures")
        try require(check.milliseconds >= 0, "finished before it began")
    }
    return true
}

private func readIndex(_ bytes: [UInt8]) throws -> Bool {
    guard let index = IndexFile(bytes) else { return false }
    try require(index.entries.count <= bytes.count / 62, "more entries than there is room for")
    try require(TrackedPaths(index: bytes) != nil, "an index without paths")
    for entry in index.entries {
        try require(!entry.path.isEmpty && !entry.path.contains(0), "a path that is none")
    }
    return true
}
