import ArgumentParser
import Enforcement
import Evidence
import Files
import Git
import GitObjects
import History
import Hooks
import JSON
import Policy
import Spawn

/// `gate review` without a subcommand: what waits for the user's review.
struct ReviewInboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "What waits for my review (the default).",
        discussion: """
            Example:
              gate review
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "The branch that changes are meant for; without it, the default branch.")
    var onto: String?

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?

    func run() throws {
        var workplace = try Workplace(at: global.directory, branches: [onto])
        let scribe = try Scribe(
            workplace, namespace: Review.namespace, key: key.map(global.path))
        let target = try workplace.target(onto)
        let waiting = try workplace.waiting(for: scribe.principal, onto: target)
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "ReviewInbox",
                "principal": JSON(scribe.principal.name),
                "target": JSON(shown(target.ref.bytes)), "changes": JSON(waiting.map(\.json)),
            ])
            return
        }
        if waiting.isEmpty {
            Screen.note("nothing waits for a review by \(shown(scribe.principal.name.utf8))")
            return
        }
        if !Screen.isInteractive {
            for change in waiting { Screen.result(change.text) }
            Screen.note("read it, then say one of:")
            let first = waiting[0].head.word + target.option
            Screen.note("  gate review approve \(first)")
            Screen.note("  gate review request-changes \(first) -m 'what it must become'")
            return
        }
        try ask(about: waiting, workplace, scribe, target)
    }

    /// Lets the user pick, read and answer, until nothing is left or they have had enough.
    private func ask(
        about changes: [WaitingChange], _ workplace: Workplace, _ scribe: Scribe, _ target: Target
    ) throws {
        var workplace = workplace
        var left = changes
        while !left.isEmpty {
            for (number, change) in left.enumerated() {
                Screen.note("\(number + 1)  \(change.text)")
            }
            let range = left.count == 1 ? "1" : "1-\(left.count)"
            Screen.prompt("read which? [\(range), Enter: none] ")
            guard let answer = readLine(), !answer.isEmpty, answer != "q" else { return }
            guard let number = Int(answer), left.indices.contains(number - 1) else {
                Screen.note("\(shown(answer.utf8)) is none of \(range)")
                continue
            }
            let change = left.remove(at: number - 1)
            try show(change, in: workplace.clone, target)
            if try review(change, &workplace, scribe, target) == .end { return }
        }
    }

    private enum Answer { case next, end }

    private func review(
        _ change: WaitingChange, _ workplace: inout Workplace, _ scribe: Scribe, _ target: Target
    ) throws -> Answer {
        Screen.prompt("\(change.head.title): a approve, r request changes, s skip, q quit: ")
        guard let answer = readLine() else { return .end }
        let state: Review.State
        switch answer.lowercased() {
        case "a", "approve": state = .approved
        case "r", "request": state = .changesRequested
        case "q", "quit": return .end
        default: return .next
        }
        Screen.prompt("comment (Enter: none): ")
        let comment = readLine() ?? ""
        let maker = try ReviewMaker(workplace, scribe, head: change.head, target: target)
        let line = try maker.make(state, comment: comment)
        try workplace.show(line, by: scribe, head: change.head, target: target)
        return .next
    }

    /// The difference that the reviewer approves, in git's pager.
    ///
    /// It is shown as bytes, whatever the change says about itself: its `.gitattributes` may not
    /// call a program binary, and its text may not send the terminal commands that hide a line.
    private func show(_ change: WaitingChange, in clone: Clone, _ target: Target) throws {
        // A bare repository's git reads no .gitattributes.
        let difference = try clone.git([
            "-c", "core.bare=true", "diff", "--text", "--no-color", "--no-ext-diff",
            "--no-textconv", "--ignore-submodules=none", "--submodule=short",
            "\(target.tip.hex)...\(change.head.id.hex)",
        ])
        let pager = try clone.git(["var", "GIT_PAGER"]).prefix { $0 != 0x0a }
        let lines = difference.split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { Self.coloured($0) }
        let folder = try Folder.makeTemporary(prefix: "gate-review")
        defer { Screen.discard(folder) }
        try File.write(Array(lines.joined(separator: "\n").utf8), to: folder + "/difference")
        let end = try Child(
            [
                "sh", "-c", "exec \(String(decoding: pager, as: UTF8.self)) <\"$1\"", "gate",
                folder + "/difference",
            ], environment: Self.pagerEnvironment()
        ).runOnTerminal()
        if end != .exited(0) { Screen.note("the pager did not end well") }
    }

    /// `LESS=FRX` where the user says nothing else, as git does (git-config(1), `core.pager`).
    private static func pagerEnvironment() -> [[UInt8]] {
        let environment = Child.environmentForAnotherRepository()
        if environment.contains(where: { $0.starts(with: "LESS=".utf8) }) { return environment }
        return environment + [Array("LESS=FRX".utf8)]
    }

    private static func coloured(_ line: ArraySlice<UInt8>) -> String {
        let text = line.split(separator: 0x09, omittingEmptySubsequences: false)
            .map { shown($0) }.joined(separator: "\t")
        guard Screen.hasColour else { return text }
        switch line.first {
        case 0x2b: return "\u{1b}[32m\(text)\u{1b}[m"
        case 0x2d: return "\u{1b}[31m\(text)\u{1b}[m"
        case 0x40: return "\u{1b}[36m\(text)\u{1b}[m"
        default: return text
        }
    }
}

/// An unlanded branch that somebody may review.
struct WaitingChange {
    let head: Head
    let assessment: Assessment
    let subjects: [[UInt8]]

    var text: String {
        let count = subjects.count
        let first = subjects.last.map { shown($0) } ?? ""
        return "\(head.title)  by \(Checklist.names(assessment.contributors))"
            + "  \(count) \(count == 1 ? "commit" : "commits")  \(first)"
    }

    var json: JSON {
        [
            "head": JSON(head.id.hex), "branch": JSON(head.branch.map { shown($0.bytes) }),
            "contributors": JSON(assessment.contributors.map(\.name)),
            "approvers": JSON(assessment.approvers.map(\.name)),
            "requiredApprovals": JSON(assessment.requiredApprovals),
            "subjects": JSON(subjects.map { shown($0) }),
        ]
    }
}

extension Workplace {
    /// The server's unlanded branches that a person could approve and has not reviewed as they are.
    mutating func waiting(
        for principal: Principal, onto target: Target
    ) throws -> [WaitingChange] {
        let branches = try view.references(startingWith: Head.heads).filter {
            $0.name != view.defaultBranch && $0.name != target.ref && !policy.isProtected($0.name)
        }
        try refresh(branches: branches.map(\.name))
        let judge = try judge()
        let landed = try landedHeads(below: target.tip)
        var waiting: [WaitingChange] = []
        for branch in branches {
            guard let id = branch.target else { continue }
            let head = Head(id: id, branch: branch.name)
            let change = try Change(head: id, onto: target.tip, in: repository)
            if change.commits.isEmpty || landed.contains(id) { continue }
            let assessment = try judge.assess(head: id, onto: target.ref)
            let isDone = try reviews(of: head, onto: target).contains { review in
                review.stands && review.evidence.principal == principal
                    && (review.evidence.line.statement.subject == id
                        || assessment.approvers.contains(principal))
            }
            if isDone || assessment.contributors.contains(principal) { continue }
            waiting.append(
                WaitingChange(
                    head: head, assessment: assessment, subjects: change.commits.map(\.subject)))
        }
        return waiting
    }

    /// The heads of the latest landings: a squashed branch is not in the target's history, and
    /// waits for nobody.
    private func landedHeads(below tip: ObjectID) throws -> Set<ObjectID> {
        var heads: Set<ObjectID> = []
        var current = tip
        for _ in 0..<2_000 {
            guard let landing = Landing(try repository.commit(current)) else { break }
            heads.insert(landing.head)
            current = landing.predecessor
        }
        return heads
    }
}
