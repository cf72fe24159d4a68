import YAML

/// A name that a policy file uses and another defines, to be looked up when all are read.
struct Reference {
    enum Kind {
        /// A team or a principal.
        case people
        /// A principal: where a team would be too many.
        case principal
        case team
        case check
    }

    let kind: Kind
    let name: String
    let location: SourceLocation
}

/// Reads `rulesets:` of one file.
struct RulesetReader {
    let source: PolicyFile
    private(set) var references: [Reference] = []

    init(_ source: PolicyFile) {
        self.source = source
    }

    static let keys = ["name", "target", "enforcement", "include", "exclude", "rules", "bypass"]

    mutating func read(_ node: Node) -> [Ruleset] {
        guard let items = source.list(node, "rulesets") else { return [] }
        var rulesets: [Ruleset] = []
        for item in items {
            if let ruleset = ruleset(item) { rulesets.append(ruleset) }
        }
        return rulesets
    }

    private mutating func ruleset(_ node: Node) -> Ruleset? {
        guard let fields = Fields(node, "a ruleset", keys: Self.keys, in: source) else {
            return nil
        }
        let name = fields.required("name").flatMap { source.line($0, "name") }
        var target: RulesetTarget? = .branch
        if let node = fields["target"] { target = source.choice(node, "target") }
        var enforcement: RulesetEnforcement? = .active
        if let node = fields["enforcement"] { enforcement = source.choice(node, "enforcement") }
        let include = fields.required("include", hint: "include: [refs/heads/master]")
            .flatMap { readPatterns($0, "include", target) }
        let exclude = fields["exclude"].map { readPatterns($0, "exclude", target) ?? [] } ?? []
        checkPatterns(fields, include, exclude)
        let bypass = fields["bypass"].flatMap { readPeople($0, "bypass") } ?? []
        let rules = fields.required("rules", hint: "a ruleset without rules guards nothing")
            .flatMap { readRules($0, target: target) }
        guard let name, let target, let enforcement, let include, let rules else { return nil }
        return Ruleset(
            name: name, target: target, enforcement: enforcement, include: include,
            exclude: exclude, rules: rules, bypass: bypass, location: source.location(node.mark))
    }

    /// Names of teams and principals.
    private mutating func readPeople(_ node: Node, _ what: String) -> [String]? {
        readNames(node, what, .people)
    }

    private mutating func readNames(_ node: Node, _ what: String, _ kind: Reference.Kind)
        -> [String]?
    {
        guard let names = source.lines(node, what) else { return nil }
        if case .sequence(let items) = node.content {
            for item in items {
                guard case .scalar(let scalar) = item.content else { continue }
                references.append(
                    Reference(kind: kind, name: scalar.text, location: source.location(item.mark)))
            }
        }
        return names
    }

    // MARK: Patterns

    private func readPatterns(_ node: Node, _ what: String, _ target: RulesetTarget?)
        -> [RefPattern]?
    {
        source.list(node, what)?.compactMap { readPattern($0, what, target) }
    }

    private func readPattern(_ node: Node, _ what: String, _ target: RulesetTarget?) -> RefPattern?
    {
        guard let text = source.line(node, "a pattern of \(what)") else { return nil }
        do throws(PatternError) {
            let pattern = try RefPattern(parsing: text)
            if let target { checkStart(of: text, for: target, at: node.mark) }
            return pattern
        } catch {
            source.report(node.mark, error, in: text)
            return nil
        }
    }

    private func checkStart(of text: String, for target: RulesetTarget, at mark: Mark) {
        let prefix = target == .branch ? "refs/heads/" : "refs/tags/"
        guard !text.utf8.starts(with: prefix.utf8) else { return }
        let hint: String
        if text.utf8.starts(with: "refs/".utf8) {
            hint = "target: \(target == .branch ? "tag" : "branch") is for other refs"
        } else if text.utf8.first == UInt8(ascii: "~") {
            hint = "write \(prefix)** for all"
        } else {
            hint = "did you mean \(prefix)\(PolicyFile.shown(text))?"
        }
        source.report(
            mark,
            "pattern \(PolicyFile.shown(text)) must start with \(prefix): patterns are full names of refs",
            hint: hint)
    }

    private func checkPatterns(_ fields: Fields, _ include: [RefPattern]?, _ exclude: [RefPattern])
    {
        guard let include, let entry = fields.entry("include") else { return }
        if case .sequence(let items) = entry.value.content, items.isEmpty {
            source.report(entry.value.mark, "include is empty: the ruleset would guard nothing")
        } else if !include.isEmpty, include.allSatisfy(Set(exclude).contains) {
            source.report(
                fields.entry("exclude")?.keyMark ?? entry.keyMark,
                "everything that is included is excluded: the ruleset would guard nothing")
        }
    }

    // MARK: Rules

    private mutating func readRules(_ node: Node, target: RulesetTarget?) -> Rules? {
        guard let entries = source.mapping(node, "rules") else { return nil }
        if entries.isEmpty {
            source.report(
                node.mark, "a ruleset without rules guards nothing",
                hint: "known rules: \(RuleName.inRulesets.map(\.rawValue).joined(separator: ", "))")
        }
        var rules = Rules()
        for entry in entries {
            guard let name = RuleName(rawValue: entry.key), RuleName.inRulesets.contains(name)
            else {
                guard !source.log.isFull else { return rules }
                source.report(
                    entry.keyMark, "unknown rule \(PolicyFile.shown(entry.key))",
                    hint: Suggestion.hint(
                        for: entry.key, among: RuleName.inRulesets.map(\.rawValue)))
                continue
            }
            if target == .tag, !RuleName.forTags.contains(name) {
                source.report(
                    entry.keyMark, "the rule \(name.rawValue) does not apply to tags",
                    hint: "for tags: \(RuleName.forTags.map(\.rawValue).joined(separator: ", "))")
            }
            rules.locations[name] = source.location(entry.keyMark)
            read(name, entry.value, into: &rules)
        }
        return rules
    }

    private mutating func read(_ name: RuleName, _ node: Node, into rules: inout Rules) {
        switch name {
        case .creation: rules.creation = isSwitchedOn(name, node)
        case .deletion: rules.deletion = isSwitchedOn(name, node)
        case .nonFastForward: rules.nonFastForward = isSwitchedOn(name, node)
        case .requiredSignatures: rules.requiredSignatures = isSwitchedOn(name, node)
        case .requiredLinearHistory: rules.requiredLinearHistory = isSwitchedOn(name, node)
        case .pullRequest: rules.pullRequest = readPullRequest(node)
        case .requiredStatusChecks: rules.requiredStatusChecks = readStatusChecks(node)
        case .commitMessagePattern: rules.commitMessagePattern = readMessagePattern(node)
        case .filePathRestriction: rules.filePathRestriction = readPathRestriction(node)
        case .maxFileSize:
            rules.maxFileSize = bytes(name, node, atMost: 1 << 40).map(MaxFileSizeRule.init)
        case .maxFilePathLength:
            rules.maxFilePathLength = bytes(name, node, atMost: 1 << 16)
                .map(MaxFilePathLengthRule.init)
        case .policy, .evidence, .reservedRef, .wellFormed: break
        }
    }

    /// A rule without settings: `creation: {}`.
    private func isSwitchedOn(_ name: RuleName, _ node: Node) -> Bool {
        Fields(node, name.rawValue, keys: [], in: source) != nil
    }

    private mutating func readPullRequest(_ node: Node) -> PullRequestRule? {
        let keys = [
            "required_approving_review_count", "reviewers", "require_code_owner_review",
            "carry_over", "allowed_merge_methods",
        ]
        guard let fields = Fields(node, "pull_request", keys: keys, in: source) else { return nil }
        var rule = PullRequestRule()
        if let node = fields["required_approving_review_count"],
            let count = source.integer(node, "required_approving_review_count", in: 0...20)
        {
            rule.requiredApprovingReviewCount = count
        }
        rule.reviewers = fields["reviewers"].flatMap { readPeople($0, "reviewers") }
        if let node = fields["require_code_owner_review"],
            let isRequired = source.bool(node, "require_code_owner_review")
        {
            rule.requireCodeOwnerReview = isRequired
        }
        if let node = fields["carry_over"],
            let carryOver: PullRequestRule.CarryOver = source.choice(node, "carry_over")
        {
            rule.carryOver = carryOver
        }
        if let node = fields["allowed_merge_methods"] {
            rule.allowedMergeMethods = readMergeMethods(node)
        }
        return rule
    }

    private func readMergeMethods(_ node: Node) -> Set<MergeMethod> {
        guard let items = source.list(node, "allowed_merge_methods") else { return [] }
        if items.isEmpty {
            source.report(node.mark, "allowed_merge_methods is empty: nothing could ever land")
        }
        return Set(items.compactMap { source.choice($0, "a merge method") })
    }

    private mutating func readStatusChecks(_ node: Node) -> RequiredStatusChecksRule? {
        let keys = ["checks", "tested", "signers"]
        guard let fields = Fields(node, "required_status_checks", keys: keys, in: source) else {
            return nil
        }
        let checks = fields.required("checks", hint: "the names of checks in policies/checks.yml")
            .flatMap { nonEmpty($0, "checks", .check) }
        let signers = fields.required("signers", hint: "whose test results count: [ci]")
            .flatMap { nonEmpty($0, "signers", .people) }
        var tested: RequiredStatusChecksRule.Tested? = .head
        if let node = fields["tested"] { tested = source.choice(node, "tested") }
        guard let checks, let signers, let tested else { return nil }
        return RequiredStatusChecksRule(checks: checks, tested: tested, signers: signers)
    }

    private mutating func nonEmpty(
        _ node: Node, _ what: String, _ kind: Reference.Kind
    ) -> [String]? {
        guard let names = readNames(node, what, kind) else { return nil }
        if case .sequence(let items) = node.content, items.isEmpty {
            source.report(node.mark, "\(what) is empty")
        }
        return names
    }

    private func readMessagePattern(_ node: Node) -> CommitMessagePatternRule? {
        let keys = ["pattern", "scope"]
        guard let fields = Fields(node, "commit_message_pattern", keys: keys, in: source) else {
            return nil
        }
        let pattern = fields.required("pattern").flatMap { source.regex($0, "pattern") }
        var scope: CommitMessagePatternRule.Scope? = .subject
        if let node = fields["scope"] { scope = source.choice(node, "scope") }
        guard let pattern, let scope else { return nil }
        return CommitMessagePatternRule(pattern: pattern, scope: scope)
    }

    private func readPathRestriction(_ node: Node) -> FilePathRestrictionRule? {
        guard
            let fields = Fields(node, "file_path_restriction", keys: ["forbid"], in: source),
            let list = fields.required("forbid", hint: "forbid: ['**/*.pem']"),
            let forbid = source.paths(list, "forbid")
        else { return nil }
        if case .sequence(let items) = list.content, items.isEmpty {
            source.report(list.mark, "forbid is empty: the rule would forbid nothing")
        }
        return FilePathRestrictionRule(forbid: forbid)
    }

    private func bytes(_ name: RuleName, _ node: Node, atMost most: Int) -> Int? {
        Fields(node, name.rawValue, keys: ["bytes"], in: source)?
            .required("bytes").flatMap { source.integer($0, "bytes", in: 1...most) }
    }
}

extension RuleName {
    /// The rules that a ruleset may have; the others are built in.
    public static let inRulesets = allCases.filter { name in
        switch name {
        case .policy, .evidence, .reservedRef, .wellFormed: false
        default: true
        }
    }

    /// Those that mean something for tags.
    public static let forTags: [RuleName] = [
        .creation, .deletion, .nonFastForward, .requiredSignatures,
    ]
}
