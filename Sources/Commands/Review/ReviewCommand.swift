import ArgumentParser
import Enforcement
import Evidence
import GitObjects
import History
import Hooks
import JSON
import Policy

/// `gate review`.
struct ReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "What waits for my review; approve it, or request changes.",
        discussion: """
            Without a subcommand: the branches of the server that wait for your review. On a \
            terminal, pick one, read its difference in git's pager, and answer; elsewhere they \
            are listed.

            Example:
              gate review
              gate review approve fix-payout -m 'reads well'

            A review is signed with your SSH key and pushed to refs/notes/gate. It replaces your \
            earlier ones of the same change.
            """,
        subcommands: [
            ReviewInboxCommand.self, ReviewApproveCommand.self, ReviewRequestCommand.self,
            ReviewWithdrawCommand.self, ReviewListCommand.self,
        ],
        defaultSubcommand: ReviewInboxCommand.self)
}

/// What the subcommands that sign a review have in common.
struct ReviewArguments: ParsableArguments {
    @OptionGroup var global: GlobalOptions

    @Argument(
        help: "The change: a branch of the server, or a revision; without it, what is checked out.")
    var head: String?

    @Option(help: "The branch that it is meant for; without it, the default branch.")
    var onto: String?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("What you have to say.", valueName: "text"))
    var message: String?

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?

    func review(_ state: Review.State) throws {
        var workplace = try Workplace(at: global.directory, branches: [head, onto])
        let target = try workplace.target(onto)
        let head = try workplace.head(head)
        let scribe = try Scribe(
            workplace, namespace: Review.namespace, key: key.map(global.path))
        let maker = try ReviewMaker(workplace, scribe, head: head, target: target)
        let line = try maker.make(state, comment: message ?? "")
        if global.json {
            Screen.result(EvidenceLine(line, principal: scribe.principal).json)
            return
        }
        try workplace.show(line, by: scribe, head: head, target: target)
    }
}

extension Review {
    /// In which reviews are signed.
    static let namespace = "gate-review"
}

extension Workplace {
    /// Tells what was signed, and what the change lacks now.
    mutating func show(_ line: Line, by scribe: Scribe, head: Head, target: Target) throws {
        guard case .review(let review) = line.statement.predicate else { return }
        Screen.result(
            "\(shown(scribe.principal.name.utf8)) \(review.state.verb) \(head.title)"
                + " for \(target.ref.short)")
        Screen.note("signed and pushed: \(line.digest.hex.prefix(12)) in refs/notes/gate")
        let replaced = review.supersedes.count
        if replaced > 0 {
            Screen.note("it replaces \(replaced) earlier \(replaced == 1 ? "review" : "reviews")")
        }
        try refresh()
        for line in try checklist(of: head, onto: try self.target(named: target)).lines {
            Screen.note(line)
        }
    }

    private func target(named target: Target) throws -> Target {
        Target(
            ref: target.ref, tip: try view.resolve(target.ref).target ?? target.tip,
            isDefault: target.isDefault)
    }
}

struct ReviewApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve a change.",
        discussion: """
            Example:
              gate review approve fix-payout -m 'reads well'

            Who contributed to a change cannot approve it.
            """)

    @OptionGroup var arguments: ReviewArguments

    func run() throws { try arguments.review(.approved) }
}

struct ReviewRequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-changes", abstract: "Say what a change must become first.",
        discussion: """
            Example:
              gate review request-changes fix-payout -m 'round half up, please'

            It stands for every later head that contains the commit, until you say otherwise.
            """)

    @OptionGroup var arguments: ReviewArguments

    func run() throws { try arguments.review(.changesRequested) }
}

struct ReviewWithdrawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Take your review of a change back.",
        discussion: """
            Example:
              gate review withdraw fix-payout
            """)

    @OptionGroup var arguments: ReviewArguments

    func run() throws { try arguments.review(.withdrawn) }
}
