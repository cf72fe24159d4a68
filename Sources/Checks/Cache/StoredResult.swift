import Crypto
import GitObjects
public import JSON
import Policy

/// One result in the cache.
///
/// A file of three parts: the SHA-256 of the rest in hexadecimal, one line of JSON, and the output
/// as it was. What does not read so is no result, whatever happened to the disk.
struct StoredResult: Hashable {
    var check: String
    var tree: ObjectID
    var commit: ObjectID?
    var storedAt: Int
    var startedOn: String
    var finishedOn: String
    var milliseconds: Int
    var cases: [TestCase]?
    var findings: [CheckFinding]
    var output: [UInt8]
    var isOutputCut: Bool

    init(_ outcome: CheckOutcome, of subject: CheckedTree, now: Int) {
        check = outcome.definition.name
        tree = subject.tree
        commit = subject.commit
        storedAt = now
        startedOn = outcome.startedOn
        finishedOn = outcome.finishedOn
        milliseconds = outcome.milliseconds
        cases = outcome.tests == nil ? nil : outcome.cases
        findings = outcome.findings
        output = outcome.outputTail
        isOutputCut = outcome.isOutputCut
    }

    /// The outcome, as of a check with the same key.
    func outcome(_ definition: CheckDefinition) -> CheckOutcome {
        CheckOutcome(
            definition: definition, result: .passed, startedOn: startedOn, finishedOn: finishedOn,
            milliseconds: milliseconds,
            tests: cases.map { cases in
                TestNames(
                    passed: cases.filter { $0.state == .passed }.map(\.fullName),
                    skipped: cases.filter { $0.state == .skipped }.map(\.fullName))
            }, cases: cases ?? [], findings: findings, outputTail: output,
            isOutputCut: isOutputCut, isCached: true)
    }

    // MARK: Bytes

    var bytes: [UInt8] {
        let json: JSON = [
            "check": JSON(check), "tree": JSON(tree.hex), "commit": JSON(commit?.hex),
            "storedAt": JSON(storedAt), "startedOn": JSON(startedOn),
            "finishedOn": JSON(finishedOn), "milliseconds": JSON(milliseconds),
            "cases": cases.map { JSON($0.map(Self.json)) } ?? .null,
            "findings": JSON(findings.map(\.json)), "isOutputCut": JSON(isOutputCut),
        ]
        let content = json.canonical() + [0x0a] + output
        let digest = CacheFolder.hexadecimal(SHA256.hash(data: content))
        return Array(digest.utf8) + [0x0a] + content
    }

    private static func json(_ test: TestCase) -> JSON {
        [
            JSON(test.group), JSON(test.name), JSON(test.state.rawValue), JSON(test.seconds),
            JSON(test.message),
        ]
    }

    /// nil when the bytes are no result.
    init?(parsing bytes: [UInt8]) {
        guard let first = bytes.firstIndex(of: 0x0a) else { return nil }
        let content = Array(bytes[(first + 1)...])
        let digest = CacheFolder.hexadecimal(SHA256.hash(data: content))
        guard bytes[..<first].elementsEqual(digest.utf8),
            let second = content.firstIndex(of: 0x0a)
        else { return nil }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: Array(content[..<second]))
        } catch {
            return nil
        }
        guard let check = json["check"]?.stringValue,
            let tree = json["tree"]?.stringValue.flatMap({ ObjectID(hex: $0) }),
            let storedAt = json["storedAt"]?.integerValue,
            let startedOn = json["startedOn"]?.stringValue,
            let finishedOn = json["finishedOn"]?.stringValue,
            let milliseconds = json["milliseconds"]?.integerValue,
            let findings = json["findings"]?.arrayValue,
            let isOutputCut = json["isOutputCut"]?.boolValue
        else { return nil }
        self.check = check
        self.tree = tree
        commit = json["commit"]?.stringValue.flatMap { ObjectID(hex: $0) }
        self.storedAt = Int(storedAt)
        self.startedOn = startedOn
        self.finishedOn = finishedOn
        self.milliseconds = Int(milliseconds)
        cases = json["cases"]?.arrayValue?.compactMap(Self.test)
        self.findings = findings.compactMap { CheckFinding($0) }
        output = Array(content[(second + 1)...])
        self.isOutputCut = isOutputCut
    }

    private static func test(_ value: JSON) -> TestCase? {
        guard let group = value[0]?.stringValue, let name = value[1]?.stringValue,
            let state = value[2]?.stringValue.flatMap({ TestCase.State(rawValue: $0) }),
            let seconds = value[3]?.stringValue, let message = value[4]?.stringValue
        else { return nil }
        return TestCase(group: group, name: name, state: state, seconds: seconds, message: message)
    }
}

extension CheckFinding {
    /// As an object with all its members.
    public var json: JSON {
        [
            "path": JSON(path), "line": JSON(line), "column": JSON(column),
            "severity": JSON(severity.rawValue), "rule": JSON(rule), "message": JSON(message),
        ]
    }

    init?(_ json: JSON) {
        guard let path = json["path"]?.stringValue, let rule = json["rule"]?.stringValue,
            let message = json["message"]?.stringValue,
            let severity = json["severity"]?.stringValue.flatMap({ Severity(rawValue: $0) })
        else { return nil }
        self.init(
            path: path, line: json["line"]?.integerValue.map { Int($0) },
            column: json["column"]?.integerValue.map { Int($0) }, severity: severity, rule: rule,
            message: message)
    }
}

/// How long checks took, by name.
struct Durations {
    var milliseconds: [String: Int]

    init(milliseconds: [String: Int]) {
        self.milliseconds = milliseconds
    }

    /// What cannot be read is nothing: these only order the work and foretell its end.
    init(parsing bytes: [UInt8]) {
        milliseconds = [:]
        do throws(JSONError) {
            for member in try JSON(parsing: bytes).objectValue?.members ?? [] {
                guard let value = member.value.integerValue, value >= 0 else { continue }
                milliseconds[member.name] = Int(value)
            }
        } catch {
            milliseconds = [:]
        }
    }

    var bytes: [UInt8] {
        JSON(JSON.Object(milliseconds.map { ($0.key, JSON($0.value)) })).canonical()
    }
}
