import YAML

/// Reads `checks:` and `on_push:` of `policies/checks.yml`.
struct ChecksReader {
    let source: PolicyFile
    private(set) var references: [Reference] = []

    init(_ source: PolicyFile) {
        self.source = source
    }

    static let keys = ["run", "paths", "keep", "timeout", "report"]
    /// A day: longer than anybody waits for a check.
    static let longestTimeout = 86_400

    func checks(_ node: Node) -> [CheckDefinition] {
        guard let entries = source.mapping(node, "checks") else { return [] }
        return entries.compactMap(check)
    }

    mutating func onPush(_ node: Node) -> [String] {
        guard let names = source.lines(node, "on_push") else { return [] }
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

    private func check(_ entry: Node.Entry) -> CheckDefinition? {
        let what = "check \(PolicyFile.shown(entry.key))"
        let name = source.identifier(entry.key, at: entry.keyMark, "a check")
        guard let fields = Fields(entry.value, what, keys: Self.keys, in: source) else {
            return nil
        }
        let run = fields.required("run", hint: "the command, as /bin/sh reads it")
            .flatMap { source.text($0, "run") }
        guard let name, let run else { return nil }
        var check = CheckDefinition(name: name, run: run)
        if let node = fields["paths"] { check.paths = source.paths(node, "paths") ?? [] }
        if let node = fields["keep"] { check.keep = folders(node) }
        if let node = fields["timeout"],
            let timeout = source.seconds(node, "timeout", in: 1...Self.longestTimeout)
        {
            check.timeout = timeout
        }
        if let node = fields["report"] { check.report = source.choice(node, "report") }
        return check
    }

    /// Folders that survive between runs: plain relative names, because they are handed to git and
    /// must not reach outside the worktree or into its `.git`.
    private func folders(_ node: Node) -> [String] {
        guard let items = source.list(node, "keep") else { return [] }
        return items.compactMap { item in
            guard let text = source.line(item, "an entry of keep") else { return nil }
            if let problem = Self.problem(inFolder: text) {
                source.report(item.mark, "keep \(PolicyFile.shown(text)): \(problem)")
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
}
