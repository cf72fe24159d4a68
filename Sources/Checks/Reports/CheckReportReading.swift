public import GitObjects
import JSON

/// Why a file is no report of a run.
public struct CheckReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A clause: "checks[0].result is 'maybe', not one of passed, failed, …".
    public let problem: String

    public var description: String { problem }
}

extension CheckReport {
    /// Reads the file at a path, strictly.
    public init(readingFrom path: String) throws(GitError) {
        guard let bytes = try Folder(path).read(limit: Self.sizeLimit) else {
            throw GitError(
                .notFound, shown(path.utf8), "does not exist",
                hint: "write one with: gate check --report \(shown(path.utf8))")
        }
        do {
            self = try CheckReport(parsing: bytes)
        } catch {
            throw GitError(
                .malformed, shown(path.utf8), "is no report of checks: \(error.problem)",
                hint: "write one with: gate check --report \(shown(path.utf8))")
        }
    }

    /// Reads a report, strictly: every member is there, has its form, and there are no others.
    public init(parsing bytes: [UInt8]) throws(CheckReportError) {
        let value: JSON
        do {
            value = try JSON(parsing: bytes, limit: Self.sizeLimit)
        } catch {
            throw CheckReportError(problem: error.description)
        }
        var members = try Members(of: value, at: "the report")
        let schemaVersion = try members.integer("schemaVersion")
        guard schemaVersion == Self.version else {
            throw CheckReportError(
                problem: "schemaVersion is \(schemaVersion), and this gate reads \(Self.version)")
        }
        guard try members.string("kind") == "CheckReport" else {
            throw CheckReportError(problem: "kind is not 'CheckReport'")
        }
        repository = try members.optionalString("repository")
        commit = try members.optionalID("commit")
        tree = try members.id("tree")
        platform = try members.string("platform")
        var entries: [Entry] = []
        for (position, element) in try members.array("checks").enumerated() {
            entries.append(try Entry(element, at: "checks[\(position)]"))
        }
        checks = entries
        try members.end()
        guard Set(entries.map(\.name)).count == entries.count else {
            throw CheckReportError(problem: "a check stands twice in it")
        }
    }
}

extension CheckReport.Entry {
    fileprivate init(_ value: JSON, at place: String) throws(CheckReportError) {
        var members = try Members(of: value, at: place)
        name = try members.string("name")
        definition = try members.string("definition")
        let isDigest = definition.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard definition.utf8.count == 64, isDigest else {
            throw CheckReportError(
                problem: "\(place).definition is not 64 hexadecimal digits in lower case")
        }
        let word = try members.string("result")
        guard let result = Result(rawValue: word) else {
            let known = Result.allCases.map(\.rawValue).joined(separator: ", ")
            throw CheckReportError(
                problem: "\(place).result is '\(shown(word.utf8))', not one of \(known)")
        }
        self.result = result
        reason = try members.string("reason")
        startedOn = try members.string("startedOn")
        finishedOn = try members.string("finishedOn")
        let duration = try members.integer("milliseconds")
        guard duration >= 0, let milliseconds = Int(exactly: duration) else {
            throw CheckReportError(problem: "\(place).milliseconds is negative")
        }
        self.milliseconds = milliseconds
        isCached = try members.bool("cached")
        passedTests = try members.strings("passedTests")
        failedTests = try members.strings("failedTests")
        skippedTests = try members.strings("skippedTests")
        try members.end()
        guard result != .passed || failedTests.isEmpty else {
            throw CheckReportError(problem: "\(place) passed and has failed tests")
        }
    }
}

/// The members of an object, each to be asked for once.
private struct Members {
    private let place: String
    private var left: JSON.Object

    init(of value: JSON, at place: String) throws(CheckReportError) {
        guard let object = value.objectValue else {
            throw CheckReportError(problem: "\(place) is not an object")
        }
        self.place = place
        left = object
    }

    private mutating func take(_ name: String) throws(CheckReportError) -> JSON {
        guard let value = left[name] else {
            throw CheckReportError(problem: "\(place) has no member '\(name)'")
        }
        left[name] = nil
        return value
    }

    private func wrong(_ name: String, _ wanted: String) -> CheckReportError {
        CheckReportError(problem: "'\(name)' of \(place) is not \(wanted)")
    }

    mutating func string(_ name: String) throws(CheckReportError) -> String {
        guard let text = try take(name).stringValue else { throw wrong(name, "a string") }
        return text
    }

    mutating func optionalString(_ name: String) throws(CheckReportError) -> String? {
        let value = try take(name)
        if value.isNull { return nil }
        guard let text = value.stringValue else { throw wrong(name, "a string or null") }
        return text
    }

    mutating func integer(_ name: String) throws(CheckReportError) -> Int64 {
        guard let number = try take(name).integerValue else { throw wrong(name, "an integer") }
        return number
    }

    mutating func bool(_ name: String) throws(CheckReportError) -> Bool {
        guard let value = try take(name).boolValue else { throw wrong(name, "true or false") }
        return value
    }

    mutating func array(_ name: String) throws(CheckReportError) -> [JSON] {
        guard let elements = try take(name).arrayValue else { throw wrong(name, "a list") }
        return elements
    }

    mutating func strings(_ name: String) throws(CheckReportError) -> [String] {
        var strings: [String] = []
        for element in try array(name) {
            guard let text = element.stringValue else { throw wrong(name, "a list of strings") }
            strings.append(text)
        }
        return strings
    }

    mutating func id(_ name: String) throws(CheckReportError) -> ObjectID {
        guard let id = ObjectID(hex: try string(name)) else { throw wrong(name, "an object id") }
        return id
    }

    mutating func optionalID(_ name: String) throws(CheckReportError) -> ObjectID? {
        guard let text = try optionalString(name) else { return nil }
        guard let id = ObjectID(hex: text) else { throw wrong(name, "an object id or null") }
        return id
    }

    func end() throws(CheckReportError) {
        if let extra = left.names.first {
            throw CheckReportError(
                problem: "\(place) has a member '\(shown(extra.utf8))', which is not known")
        }
    }
}
