import Evidence
import GitObjects
import History
import Policy

/// The rules about single commits: signatures, messages, paths and sizes. A file that one commit
/// of a change adds and the next removes has been in the repository, so every commit counts, not
/// only what lands.
struct CommitJudge {
    let ruleset: Ruleset
    let policy: Policy
    let history: any HistorySource
    let ref: RefName
    let clean: CleanCommits

    /// How many findings of one rule are worth reading at once.
    private static let shownFindings = 10
    /// More paths than these are compared tree by tree.
    private static let fewPaths = 256

    /// - Parameters:
    ///   - commits: those whose messages, paths and sizes count.
    ///   - signed: those that `required_signatures` is about.
    func findings(
        for commits: [Commit], signed: [Commit]
    ) throws(GitError) -> [Finding] {
        var findings: [Finding] = []
        let all = commits
        let commits = clean.unknown(all, to: ruleset)
        if ruleset.rules.requiredSignatures {
            findings += limited(signed.compactMap(signatureFinding))
        }
        if let rule = ruleset.rules.commitMessagePattern {
            findings += limited(commits.compactMap { messageFinding($0, rule) })
        }
        let rules = ruleset.rules
        if rules.filePathRestriction == nil && rules.maxFileSize == nil
            && rules.maxFilePathLength == nil
        {
            return findings
        }
        var restricted: [Finding] = []
        var large: [Finding] = []
        var long: [Finding] = []
        let trees = Dictionary(
            all.lazy.map { ($0.id, $0.tree) }, uniquingKeysWith: { first, _ in first })
        for commit in commits {
            for change in try brought(by: commit, trees) {
                guard let new = change.new else { continue }
                if let rule = rules.filePathRestriction {
                    restricted += pathFinding(commit, change.path, rule)
                }
                if let rule = rules.maxFilePathLength, change.path.bytes.count > rule.bytes {
                    long.append(lengthFinding(commit, change.path, rule))
                }
                if let rule = rules.maxFileSize, new.mode != .submodule {
                    large += try sizeFinding(commit, change.path, new, rule)
                }
            }
        }
        if restricted.isEmpty && large.isEmpty && long.isEmpty && findings.isEmpty {
            clean.remember(commits, of: ruleset)
        }
        return findings + limited(restricted) + limited(large) + limited(long)
    }

    /// The paths that a commit has in a version that none of its parents has.
    ///
    /// - Parameter trees: those of commits that are at hand.
    private func brought(
        by commit: Commit, _ trees: [ObjectID: ObjectID]
    ) throws(GitError) -> [TreeChange] {
        guard let first = commit.parents.first else {
            return try history.changes(from: nil, to: commit.tree)
        }
        var changes = try history.changes(
            from: try tree(of: first, trees), to: commit.tree)
        for parent in commit.parents.dropFirst() where !changes.isEmpty {
            changes = try without(changes, in: try tree(of: parent, trees), of: commit)
        }
        return changes
    }

    /// The changes without those of paths that another parent has in the same version. A branch that was merged
    /// differs from the merge in all that landed meanwhile, so a few paths are looked up instead.
    private func without(
        _ changes: [TreeChange], in tree: ObjectID, of commit: Commit
    ) throws(GitError) -> [TreeChange] {
        guard changes.count <= Self.fewPaths else {
            let paths = Set(try history.changes(from: tree, to: commit.tree).map(\.path))
            return changes.filter { paths.contains($0.path) }
        }
        var others: [TreeChange] = []
        for change in changes {
            let entry = try history.entry(change.path, in: tree)
            let version = entry.flatMap { entry in
                entry.mode == .tree ? nil : BlobVersion(mode: entry.mode, id: entry.id)
            }
            if version != change.new { others.append(change) }
        }
        return others
    }

    private func tree(
        of commit: ObjectID, _ trees: [ObjectID: ObjectID]
    ) throws(GitError) -> ObjectID {
        if let tree = trees[commit] { return tree }
        return try history.commit(commit).tree
    }

    private func signatureFinding(_ commit: Commit) -> Finding? {
        let problem: String
        if let armored = commit.signature, let payload = commit.signedPayload {
            do {
                _ = try GitSignature.signer(
                    of: payload, armored: armored, under: policy.signers)
                return nil
            } catch {
                problem = "the signature of \(commit.id.short) \(error.problem)"
            }
        } else {
            problem = "\(commit.id.short) is not signed"
        }
        return Finding(
            .requiredSignatures, ruleset: ruleset.name, ref: ref, commit: commit.id, problem,
            remedies: [
                .advice("sign the commits of the change with a key of policies/allowed_signers:"),
                .command(
                    "git -c gpg.format=ssh rebase --exec 'git commit --amend --no-edit -S' \(parentText(commit))"
                ),
            ])
    }

    private func parentText(_ commit: Commit) -> String {
        commit.parents.first.map { String($0.hex.prefix(12)) } ?? "--root"
    }

    private func messageFinding(
        _ commit: Commit, _ rule: CommitMessagePatternRule
    ) -> Finding? {
        let text = rule.scope == .subject ? commit.subject : commit.message
        if rule.pattern.isFound(in: text) { return nil }
        return Finding(
            .commitMessagePattern, ruleset: ruleset.name, ref: ref, commit: commit.id,
            "the \(rule.scope.rawValue) of \(commit.id.short) does not match"
                + " \(shown(rule.pattern.text.utf8))",
            remedies: [
                .advice("its subject is \"\(shown(commit.subject.prefix(72)))\"; reword it:"),
                .command("git rebase -i \(parentText(commit))"),
            ])
    }

    private func pathFinding(
        _ commit: Commit, _ path: TreePath, _ rule: FilePathRestrictionRule
    ) -> [Finding] {
        guard let pattern = rule.forbid.first(where: { $0.matches(path) }) else { return [] }
        return [
            Finding(
                .filePathRestriction, ruleset: ruleset.name, ref: ref, commit: commit.id,
                path: path,
                "\(commit.id.short) adds or changes \(path), which \(shown(pattern.text.utf8))"
                    + " forbids",
                remedies: [.advice("take the file out of every commit of the change")])
        ]
    }

    private func lengthFinding(
        _ commit: Commit, _ path: TreePath, _ rule: MaxFilePathLengthRule
    ) -> Finding {
        Finding(
            .maxFilePathLength, ruleset: ruleset.name, ref: ref, commit: commit.id, path: path,
            "\(commit.id.short) has a path of \(path.bytes.count) bytes, more than"
                + " \(rule.bytes): \(shown(path.bytes.prefix(40)))…",
            remedies: [.advice("shorten the path in every commit of the change")])
    }

    private func sizeFinding(
        _ commit: Commit, _ path: TreePath, _ version: BlobVersion, _ rule: MaxFileSizeRule
    ) throws(GitError) -> [Finding] {
        guard let header = try history.header(version.id) else {
            throw GitError(.notFound, version.id.hex, "is named by \(commit.id) and missing")
        }
        guard header.size > rule.bytes else { return [] }
        return [
            Finding(
                .maxFileSize, ruleset: ruleset.name, ref: ref, commit: commit.id, path: path,
                "\(path) in \(commit.id.short) has \(header.size) bytes, more than \(rule.bytes)",
                remedies: [.advice("take the file out of every commit of the change")])
        ]
    }

    private func limited(_ findings: [Finding]) -> [Finding] {
        guard findings.count > Self.shownFindings, let last = findings.last else {
            return findings
        }
        let rest = findings.count - Self.shownFindings
        return Array(findings.prefix(Self.shownFindings)) + [
            Finding(
                last.rule, ruleset: last.ruleset, ref: last.ref, commit: last.commit,
                "and \(rest) more of the same kind")
        ]
    }
}
