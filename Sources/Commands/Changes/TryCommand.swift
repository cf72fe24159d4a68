import ArgumentParser
import Enforcement
import GitObjects
import History
import Hooks
import Policy

/// `gate try`: the server's verdict on a push that is not made.
struct TryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try",
        abstract: "The server's verdict on a push that is not made.",
        discussion: """
            Asks the server for its refs, policy and evidence, and judges here as its hook would. \
            Nothing is sent. SRC and DST are as for git push; without them, what is checked out, \
            pushed to the branch of its name.

            Example: would this commit be let onto master?
              gate try HEAD:master

            Exit codes: 0 allowed, 1 refused, 2 no policy to judge by, 3 could not decide. A server \
            that only watches lets a push pass that this command calls refused.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(
            "What to push and where to; nothing before the colon deletes.",
            valueName: "src[:dst]"))
    var push: String?

    func run() throws {
        let clone = try Clone(at: global.directory)
        let proposal = try Proposal(push, in: clone)
        var workplace = try Workplace(
            at: global.directory,
            branches: [proposal.destination.map { String(decoding: $0.bytes, as: UTF8.self) }])
        let ref = proposal.destination ?? workplace.view.defaultBranch
        let old = try workplace.view.resolve(ref).target ?? .zero
        let new = try proposal.object(in: clone, for: ref)
        if old.isZero && workplace.policy.isProtected(ref) {
            // A new protected branch is judged from where it leaves another one.
            try workplace.refresh(branches: try workplace.protectedBranches())
        }
        if old == new {
            throw CommandFailure.usage(
                "\(ref) on \(workplace.server) is already at \(new.short): nothing to push")
        }
        let verdict = try workplace.judge().judge([RefUpdate(ref: ref, old: old, new: new)])
        show(verdict, workplace)
        if verdict.exitCode != 0 { throw ExitCode(verdict.exitCode) }
    }

    private func show(_ verdict: Verdict, _ workplace: Workplace) {
        if global.json {
            Screen.result(verdict.json(isWatching: workplace.isWatching))
            return
        }
        let lines = VerdictText(isWatching: workplace.isWatching).lines(verdict)
        for line in lines { Screen.result(line) }
        if lines.isEmpty {
            for update in verdict.updates {
                Screen.result("allowed  \(update.update.ref)  no rule is about it")
            }
        }
        if workplace.isWatching {
            Screen.note("\(workplace.server) only watches: it lets pass what it would refuse")
        }
    }
}

extension Workplace {
    /// The server's branches that an active ruleset guards.
    func protectedBranches() throws -> [RefName] {
        try view.references(startingWith: Head.heads).map(\.name).filter(policy.isProtected)
    }
}

/// What a push would move, as its user writes it: `SRC`, `SRC:DST`, `:DST`.
private struct Proposal {
    /// nil: a deletion.
    let source: String?
    /// nil: the default branch.
    let destination: RefName?

    init(_ text: String?, in clone: Clone) throws {
        let text = text ?? "HEAD"
        let forced = text.hasPrefix("+") ? text.dropFirst() : text[...]
        let parts = forced.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let named = parts.count == 2 ? String(parts[1]) : nil
        if parts[0].isEmpty {
            guard let named, !named.isEmpty else {
                throw CommandFailure.usage(
                    "\(shown(text.utf8)) names nothing to push", hint: "gate try HEAD:master")
            }
            source = nil
            destination = Clone.branch(named)
            return
        }
        let source = String(parts[0])
        self.source = source
        let full = try Self.fullName(source, in: clone)
        if let named, !named.isEmpty {
            let isTag = full?.starts(with: "refs/tags/") ?? false
            destination =
                named.hasPrefix("refs/") || !isTag
                ? Clone.branch(named) : RefName("refs/tags/" + named)
        } else {
            destination = full
        }
    }

    /// The branch or tag that a revision is the name of; nil for any other revision.
    private static func fullName(_ source: String, in clone: Clone) throws -> RefName? {
        let output = try clone.git(
            [
                "rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options",
                source,
            ],
            failure: .usage(
                "\(shown(source.utf8)) names no commit here", hint: "git log --oneline --all"))
        let name = RefName(output.prefix { $0 != 0x0a })
        return name.starts(with: "refs/heads/") || name.starts(with: "refs/tags/") ? name : nil
    }

    /// The object that the ref would point at.
    func object(in clone: Clone, for ref: RefName) throws -> ObjectID {
        guard let source else { return .zero }
        if ref.starts(with: "refs/heads/") { return try clone.commit(source) }
        let output = try clone.git(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", source],
            failure: .usage("\(shown(source.utf8)) names nothing here"))
        guard let id = ObjectID(hex: output.prefix { $0 != 0x0a }) else {
            throw CommandFailure.undetermined("git rev-parse gave no object id")
        }
        return id
    }
}
