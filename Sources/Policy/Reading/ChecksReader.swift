import YAML

/// Reads `checks:` and `on_push:` of `policies/checks.yml`.
struct ChecksReader {
    let source: PolicyFile
    private(set) var references: [Reference] = []
    /// Where each check says what it needs.
    private var needMarks: [String: Mark] = [:]

    init(_ source: PolicyFile) {
        self.source = source
    }

    static let keys = [
        "uses", "run", "paths", "keep", "link", "needs", "env", "version", "cache", "timeout",
        "report", "fix",
    ]
    /// A day: longer than anybody waits for a check.
    static let longestTimeout = 86_400

    mutating func checks(_ node: Node) -> [CheckDefinition] {
        guard let entries = source.mapping(node, "checks") else { return [] }
        var checks: [CheckDefinition] = []
        for entry in entries {
            if let check = check(entry) { checks.append(check) }
        }
        reportCircle(in: checks)
        return checks
    }

    mutating func onPush(_ node: Node) -> [String] {
        checkNames(node, "on_push") ?? []
    }

    /// A list of checks, which are looked up when all are read.
    private mutating func checkNames(_ node: Node, _ what: String) -> [String]? {
        guard let names = source.lines(node, what) else { return nil }
        if case .sequence(let items) = node.content {
            for item in items {
                guard case .scalar(let scalar) = item.content else { continue }
                references.append(
                    Reference(
                        kind: .check, name: scalar.text, location: source.location(item.mark)))
            }
        }
        return names
    }

    private mutating func check(_ entry: Node.Entry) -> CheckDefinition? {
        let what = "check \(PolicyFile.shown(entry.key))"
        let name = source.identifier(entry.key, at: entry.keyMark, "a check")
        guard let fields = Fields(entry.value, what, keys: Self.keys, in: source) else {
            return nil
        }
        let preset = fields["uses"].flatMap { source.choice($0, "uses", CheckPreset.self) }
        var start = name.flatMap { preset?.definition(named: $0) }
        let mustSayRun = preset?.definition(named: "") == nil
        let run: String? =
            if mustSayRun {
                fields.required("run", hint: "the command, as /bin/sh reads it")
                    .flatMap { source.text($0, "run") }
            } else {
                fields["run"].flatMap { source.text($0, "run") } ?? start?.run
            }
        guard let name, let run else { return nil }
        start?.run = run
        var check = start ?? CheckDefinition(name: name, run: run)
        readInputs(of: &check, fields)
        readSurroundings(of: &check, fields)
        return check
    }

    /// What the result depends on.
    private func readInputs(of check: inout CheckDefinition, _ fields: Fields) {
        if let node = fields["paths"] { check.paths = source.paths(node, "paths") ?? [] }
        if let node = fields["env"] { check.env = variables(node) }
        if let node = fields["version"] { check.version = source.lines(node, "version") ?? [] }
        if let node = fields["cache"] { check.isCached = source.bool(node, "cache") ?? true }
    }

    private mutating func readSurroundings(of check: inout CheckDefinition, _ fields: Fields) {
        if let node = fields["keep"] { check.keep = folders(node, "keep") }
        if let node = fields["link"] {
            check.link = folders(node, "link")
            reportKeptLinks(check, node)
        }
        if let node = fields["needs"], let names = checkNames(node, "needs") {
            check.needs = names
            needMarks[check.name] = node.mark
        }
        if let node = fields["timeout"],
            let timeout = source.seconds(node, "timeout", in: 1...Self.longestTimeout)
        {
            check.timeout = timeout
        }
        if let node = fields["report"] { check.report = source.choice(node, "report") }
        if let node = fields["fix"] { check.fix = source.line(node, "fix") }
    }

    /// Folders of the check's own or of the developer's: plain relative names, because they are
    /// handed to git and must not reach outside the worktree or into its `.git`.
    private func folders(_ node: Node, _ what: String) -> [String] {
        guard let items = source.list(node, what) else { return [] }
        return items.compactMap { item in
            guard let text = source.line(item, "an entry of \(what)") else { return nil }
            if let problem = Self.problem(inFolder: text) {
                source.report(item.mark, "\(what) \(PolicyFile.shown(text)): \(problem)")
                return nil
            }
            return text
        }
    }

    static func problem(inFolder text: String) -> String? {
        if text.utf8.contains(where: { "*?[]!\\".utf8.contains($0) }) {
            return "a folder's name, not a pattern"
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        for part in parts {
            if part.isEmpty { return "write it without a / at its ends" }
            if part == "." || part == ".." { return "must not contain . or .." }
            if part.lowercased() == ".git" { return "must not reach into .git" }
        }
        return nil
    }

    /// One place cannot hold the developer's folder and the check's own.
    private func reportKeptLinks(_ check: CheckDefinition, _ node: Node) {
        let kept = Set(check.keep)
        for folder in check.link where kept.contains(folder) {
            source.report(
                node.mark, "\(PolicyFile.shown(folder)) stands in keep and in link",
                hint: "keep is the check's own, link is the developer's")
        }
    }

    private func variables(_ node: Node) -> [String] {
        guard let items = source.list(node, "env") else { return [] }
        return items.compactMap { item in
            guard let name = source.line(item, "an entry of env") else { return nil }
            let isName =
                name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                        || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
                }
            guard isName else {
                source.report(
                    item.mark, "env \(PolicyFile.shown(name)) is no variable's name",
                    hint: "its name alone, like CI or DATABASE_URL")
                return nil
            }
            return name
        }
    }

    /// Checks that wait for one another would wait for ever. One circle is shown, by the list that
    /// closes it.
    private func reportCircle(in checks: [CheckDefinition]) {
        let left = Self.neverFree(
            Dictionary(checks.map { ($0.name, $0.needs) }) { first, _ in first })
        guard let start = checks.first(where: { left[$0.name] != nil })?.name else { return }
        var walk = [start]
        var steps = [start: 0]
        while let next = left[walk[walk.count - 1]]?.first(where: { left[$0] != nil }) {
            guard let beginning = steps[next] else {
                steps[next] = walk.count
                walk.append(next)
                continue
            }
            let circle = walk[beginning...].map { PolicyFile.shown($0) }
            guard let last = walk.last, let mark = needMarks[last] else { return }
            source.report(
                mark,
                circle.count == 1
                    ? "check \(circle[0]) needs itself"
                    : "checks need one another: " + circle.joined(separator: " needs ")
                        + " needs \(circle[0])",
                hint: "none of them could ever be begun")
            return
        }
    }

    /// The checks that are left when again and again those are taken away that need no other.
    private static func neverFree(_ needs: [String: [String]]) -> [String: [String]] {
        var left = needs
        var waiting: [String: Int] = [:]
        var dependents: [String: [String]] = [:]
        for (name, others) in needs {
            for other in others where needs[other] != nil {
                waiting[name, default: 0] += 1
                dependents[other, default: []].append(name)
            }
        }
        var free = needs.keys.filter { waiting[$0] == nil }
        while let name = free.popLast() {
            left[name] = nil
            for dependent in dependents[name] ?? [] {
                let others = (waiting[dependent] ?? 0) - 1
                waiting[dependent] = others
                if others == 0 { free.append(dependent) }
            }
        }
        return left
    }
}
