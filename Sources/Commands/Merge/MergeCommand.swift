import ArgumentParser
import Enforcement
import Git
import GitObjects
import Hooks
import JSON
import Ledger
import Policy

/// `gate merge`: makes the landing and pushes it.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Lands a change: makes the landing, judges it, and pushes it.",
        discussion: """
            HEAD is a branch of the server, or a revision here; without it, what is checked out. \
            Nothing is checked out or changed in your worktree. What would be refused is not \
            pushed: you read what is missing instead.

            Example: land fix-payout as soon as it is approved and checked
              gate merge fix-payout --wait

            Exit codes: 0 landed, 1 it would be refused or was, 3 could not decide.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The change: a branch of the server, or a revision.")
    var head: String?

    @Option(help: "The branch to land on; without it, the default branch.")
    var onto: String?

    @Option(
        help: ArgumentHelp(
            "merge, squash or fast_forward; without it, the first that the policy allows."))
    var method: String?

    @Flag(help: "Wait for checks and reviews, and try again when the target moves.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most.", valueName: "minutes"))
    var timeout = 60

    @Flag(help: "Make the landing and push nothing.")
    var noPush = false

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The landing's message.", valueName: "text"))
    var message: String?

    /// How often a landing is made anew because somebody else's landed first.
    private static let mostTries = 5

    func validate() throws {
        if let method, MergeMethod(rawValue: method) == nil {
            throw ValidationError("--method is merge, squash or fast_forward")
        }
        if timeout < 1 { throw ValidationError("--timeout is at least one minute") }
    }

    func run() throws {
        var workplace = try Workplace(at: global.directory, branches: [head, onto])
        let head = try workplace.head(head)
        for _ in 0..<Self.mostTries {
            if wait {
                try Patience(minutes: timeout).wait(for: head, onto: onto, in: &workplace)
            }
            let target = try workplace.target(onto)
            if try workplace.repository.isAncestor(head.id, of: target.tip) {
                return tell(head, target, landing: nil, "is on \(target.ref.short) already")
            }
            let tree = try mergedTree(head, target, workplace)
            if try workplace.repository.commit(target.tip).tree == tree {
                return tell(head, target, landing: nil, "changes nothing on \(target.ref.short)")
            }
            let landing = try land(tree, head, target, workplace)
            if noPush { return tellUnpushed(landing, head, target, workplace) }
            let pushed = try push(landing, to: target, workplace)
            if pushed {
                return tell(head, target, landing: landing, "landed on \(target.ref.short)")
            }
            try workplace.refresh()
            if try workplace.target(onto).tip == target.tip {
                throw CommandFailure.refused(
                    "\(workplace.server) did not take \(landing.commit.short)",
                    hint: "gate status \(head.word)\(target.option)")
            }
            Screen.note("\(target.ref.short) moved meanwhile: once more")
        }
        throw CommandFailure.undetermined(
            "others landed first \(Self.mostTries) times",
            hint: "gate merge \(head.word) --wait")
    }

    private func mergedTree(
        _ head: Head, _ target: Target, _ workplace: Workplace
    ) throws -> ObjectID {
        let prospect = try workplace.prospect(of: head, onto: target)
        guard let tree = prospect.tree else {
            let obstacle = prospect.obstacle
            throw CommandFailure.refused(
                "\(head.title) \(obstacle?.problem ?? "cannot be merged")",
                details: (obstacle?.paths ?? []).map(\.description),
                hint: workplace.rebase(onto: target))
        }
        return tree
    }

    private func land(
        _ tree: ObjectID, _ head: Head, _ target: Target, _ workplace: Workplace
    ) throws -> Lander.Landing {
        let method = try workplace.method(method, for: target)
        try workplace.fetchReviewedHeads(of: head, onto: target)
        let lander = try Lander(
            workplace, head: head, target: target, method: method, words: message)
        let landing = try lander.land(tree)
        if landing.verdict.isAllowed { return landing }
        if global.json {
            Screen.result(landing.verdict.json(isWatching: workplace.isWatching))
        }
        for line in VerdictText().lines(landing.verdict) { Screen.note(line) }
        Screen.note("nothing was pushed")
        throw ExitCode(landing.verdict.exitCode)
    }

    /// Pushes what must be kept, then the landing.
    private func push(
        _ landing: Lander.Landing, to target: Target, _ workplace: Workplace
    ) throws -> Bool {
        if landing.link != nil {
            try LedgerSync(
                try Writer.open(gitDirectory: workplace.repository.gitDirectory),
                remote: workplace.clone.remote
            ).keepHeads(landing.keptHeads)
        }
        return try workplace.clone.push(landing.commit, to: target.ref)
    }

    private func tell(_ head: Head, _ target: Target, landing: Lander.Landing?, _ words: String) {
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "Merge", "head": JSON(head.id.hex),
                "target": JSON(shown(target.ref.bytes)),
                "landing": JSON(landing?.commit.hex), "pushed": JSON(landing != nil),
            ])
            return
        }
        let name = landing.map { " as \($0.commit.short)" } ?? ""
        Screen.result("\(head.title) \(words)\(name)")
    }

    private func tellUnpushed(
        _ landing: Lander.Landing, _ head: Head, _ target: Target, _ workplace: Workplace
    ) {
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "Merge", "head": JSON(head.id.hex),
                "target": JSON(shown(target.ref.bytes)), "landing": JSON(landing.commit.hex),
                "keptHeads": JSON(landing.link?.hex), "pushed": false,
            ])
            return
        }
        Screen.result(landing.commit.hex)
        let remote = shellWord(workplace.clone.remote.utf8)
        Screen.note("it would be accepted; to push it:")
        if let link = landing.link {
            Screen.note("  git push \(remote) \(link.hex):\(HeadsGuard.ref)")
        }
        Screen.note("  git push \(remote) \(landing.commit.hex):\(shellWord(target.ref.bytes))")
    }
}

extension Workplace {
    /// The method that the user asked for, if the policy allows it, or else the first that it
    /// allows.
    func method(_ name: String?, for target: Target) throws -> MergeMethod {
        let rules = policy.rulesets(for: target.ref).filter { $0.enforcement == .active }
            .map(\.rules)
        let allowed = MergeMethod.allCases.filter { method in
            rules.allSatisfy { rules in
                let isAllowed = rules.pullRequest?.allowedMergeMethods.contains(method) ?? true
                return isAllowed && !(method == .merge && rules.requiredLinearHistory)
            }
        }
        let wanted = name.flatMap { MergeMethod(rawValue: $0) }
        if let wanted, !allowed.contains(wanted) {
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure.refused(
                "\(target.ref.short) does not take a landing by \(wanted.rawValue)",
                details: ["allowed: \(names.isEmpty ? "none" : names)"])
        }
        guard let method = wanted ?? allowed.first else {
            throw CommandFailure.refused("the rules of \(target.ref.short) allow no merge method")
        }
        return method
    }
}
