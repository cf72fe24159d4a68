import GitObjects
import YAML

extension Policy {
    /// Reads and checks a whole policy, and that another landing is possible under it.
    ///
    /// A policy without rulesets needs neither people nor signers: `checks.yml` alone is one.
    ///
    /// - Throws: ``InvalidPolicy`` with everything that is wrong at once.
    public static func read(_ files: PolicyFiles) throws(InvalidPolicy) -> Policy {
        var reader = PolicyReader()
        let policy = reader.read(files)
        try reader.log.throwIfAny()
        policy.checkWorkability(reader.log)
        try reader.log.throwIfAny()
        return policy
    }
}

/// `policies/checks.yml` on its own: all that the local hooks of a repository need that has no gate
/// on its server.
public struct CheckList: Sendable {
    /// In the order of the file.
    public var checks: [CheckDefinition]
    /// The checks that the local pre-push hook runs.
    public var onPush: [String]

    public init(checks: [CheckDefinition], onPush: [String] = []) {
        self.checks = checks
        self.onPush = onPush
    }

    /// Reads a `checks.yml`.
    ///
    /// - Parameters:
    ///   - bytes: Its content. Rulesets that stand in it are left out.
    ///   - file: What diagnostics call it.
    /// - Throws: ``InvalidPolicy`` with everything that is wrong at once.
    public static func read(
        _ bytes: [UInt8], file: String = "policies/checks.yml"
    ) throws(InvalidPolicy) -> CheckList {
        var reader = PolicyReader()
        reader.readChecks(bytes, PolicyFile(file: file, log: reader.log))
        reader.resolveChecks()
        try reader.log.throwIfAny()
        return CheckList(checks: reader.checks, onPush: reader.onPush)
    }
}

extension DiagnosticLog {
    func throwIfAny() throws(InvalidPolicy) {
        if !isEmpty { throw InvalidPolicy(diagnostics) }
    }
}

/// Reads all files of a policy and joins what they say.
struct PolicyReader {
    let log = DiagnosticLog()
    var rulesets: [Ruleset] = []
    var checks: [CheckDefinition] = []
    var onPush: [String] = []
    var people: People?
    var signers: AllowedSigners?
    var release: ReleasePolicy?
    var references: [Reference] = []
    var teamLocations: [String: SourceLocation] = [:]
    var aliasLocations: [String: SourceLocation] = [:]
    private var rulesetLocations: [String: SourceLocation] = [:]
    private var hasPeopleFile = false
    private var hasSignersFile = false

    mutating func read(_ files: PolicyFiles) -> Policy {
        let paths = files.contents.keys.sorted()
        var isThere = false
        for path in paths {
            guard let name = PolicyFiles.nameInPolicies(path), let bytes = files.contents[path]
            else { continue }
            if readFile(named: name, bytes, PolicyFile(file: shown(path.bytes), log: log)) {
                isThere = true
            }
        }
        if !isThere {
            log.report(
                Diagnostic(
                    SourceLocation(file: "policies", line: 1, column: 1), "there is no policy",
                    hint: "gate init writes one"))
        }
        reportMissingFiles()
        let codeOwners = readCodeOwners(files)
        resolveChecks()
        resolvePeople()
        return Policy(
            rulesets: rulesets, checks: checks, onPush: onPush,
            people: people ?? People(repository: ""), signers: signers ?? AllowedSigners(),
            codeOwners: codeOwners, release: release)
    }

    /// Reads one file of `policies/`.
    ///
    /// - Returns: Whether it says anything about the policy.
    private mutating func readFile(
        named name: ArraySlice<UInt8>, _ bytes: [UInt8], _ source: PolicyFile
    ) -> Bool {
        if name.elementsEqual("allowed_signers".utf8) {
            hasSignersFile = true
            var reader = AllowedSignersReader(source)
            signers = reader.read(bytes)
            return true
        }
        guard PolicyFiles.isYAML(name) else { return false }
        guard name.suffix(4).elementsEqual(".yml".utf8) else {
            source.report(
                line: 1, "only files called *.yml are read: this one would be silently off",
                hint: "git mv it to a name that ends in .yml")
            return true
        }
        if name.elementsEqual("checks.yml".utf8) {
            readChecks(bytes, source)
        } else if name.elementsEqual("people.yml".utf8) {
            readPeople(bytes, source)
        } else if name.elementsEqual("release.yml".utf8) {
            readRelease(bytes, source)
        } else {
            readRulesetFile(bytes, source)
        }
        return true
    }

    private mutating func readRulesets(_ fields: Fields, _ source: PolicyFile) {
        guard let node = fields["rulesets"] else { return }
        var reader = RulesetReader(source)
        let found = reader.read(node)
        references += reader.references
        for ruleset in found {
            if let other = rulesetLocations[ruleset.name] {
                log.report(
                    Diagnostic(
                        ruleset.location,
                        "a ruleset called \(PolicyFile.shown(ruleset.name)) already stands in "
                            + "\(other.file):\(other.line)",
                        hint: "a bypass names one ruleset"))
            }
            rulesetLocations[ruleset.name] = ruleset.location
            rulesets.append(ruleset)
        }
    }

    private mutating func readRulesetFile(_ bytes: [UInt8], _ source: PolicyFile) {
        guard let root = source.root(of: bytes), let entries = source.mapping(root, "the file")
        else { return }
        for entry in entries where entry.key != "rulesets" {
            guard !log.isFull else { return }
            source.report(
                entry.keyMark,
                "unknown key \(PolicyFile.shown(entry.key)) at the top of the file",
                hint: PolicyFiles.home(ofKey: entry.key)
                    ?? Suggestion.hint(for: entry.key, among: ["rulesets"]))
        }
        // The keys were checked above, with hints of their own.
        let keys = entries.map(\.key)
        guard let fields = Fields(root, "the file", keys: keys, in: source) else { return }
        readRulesets(fields, source)
    }

    mutating func readChecks(_ bytes: [UInt8], _ source: PolicyFile) {
        guard let root = source.root(of: bytes),
            let fields = Fields(
                root, "checks.yml", keys: ["checks", "on_push", "rulesets"], in: source)
        else { return }
        var reader = ChecksReader(source)
        if let node = fields.required("checks") { checks = reader.checks(node) }
        if let node = fields["on_push"] { onPush = reader.onPush(node) }
        references += reader.references
        readRulesets(fields, source)
    }

    private mutating func readPeople(_ bytes: [UInt8], _ source: PolicyFile) {
        hasPeopleFile = true
        guard let root = source.root(of: bytes),
            let fields = Fields(root, "people.yml", keys: PeopleReader.keys, in: source)
        else { return }
        var reader = PeopleReader(source)
        people = reader.read(fields)
        references += reader.references
        teamLocations = reader.teamLocations
        aliasLocations = reader.aliasLocations
        readRulesets(fields, source)
    }

    private mutating func readRelease(_ bytes: [UInt8], _ source: PolicyFile) {
        guard let root = source.root(of: bytes),
            let fields = Fields(root, "release.yml", keys: ReleaseReader.keys, in: source)
        else { return }
        var reader = ReleaseReader(source)
        release = reader.read(fields)
        references += reader.references
        readRulesets(fields, source)
    }

    private func readCodeOwners(_ files: PolicyFiles) -> CodeOwners? {
        for path in PolicyFiles.codeOwnersPaths {
            guard let bytes = files.contents[path] else { continue }
            return CodeOwners(
                reading: bytes, at: path, PolicyFile(file: shown(path.bytes), log: log))
        }
        return nil
    }

    private func reportMissingFiles() {
        let needsPeople = !rulesets.isEmpty || release != nil
        if needsPeople, !hasPeopleFile {
            reportMissing("people.yml", "it names the repository and its teams")
        }
        if needsPeople || hasPeopleFile, !hasSignersFile {
            reportMissing("allowed_signers", "it says which key is whose")
        }
    }

    private func reportMissing(_ name: String, _ purpose: String) {
        log.report(
            Diagnostic(
                SourceLocation(file: "policies/\(name)", line: 1, column: 1),
                "the file is missing: \(purpose)", hint: "gate init writes one"))
    }
}
