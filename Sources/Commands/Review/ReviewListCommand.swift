import ArgumentParser
import Evidence
import Git
import GitObjects
import History
import Hooks
import JSON
import Ledger
import Policy

/// `gate review list`: the reviews that speak about a change.
struct ReviewListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The reviews of a change, and whether they stand.",
        discussion: """
            Those on the head, on the commits in it, and on other heads with the same difference.

            Example:
              gate review list fix-payout
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: "The change: a branch of the server, or a revision; without it, what is checked out.")
    var head: String?

    @Option(help: "The branch that it is meant for; without it, the default branch.")
    var onto: String?

    func run() throws {
        var workplace = try Workplace(at: global.directory, branches: [head, onto])
        let target = try workplace.target(onto)
        let head = try workplace.head(head)
        let reviews = try workplace.reviews(of: head, onto: target)
        if global.json {
            let list = reviews.map { listed -> JSON in
                var object = listed.evidence.json.objectValue ?? [:]
                object["stands"] = JSON(listed.stands)
                return JSON(object)
            }
            Screen.result([
                "schemaVersion": 1, "kind": "ReviewList", "head": JSON(head.id.hex),
                "target": JSON(shown(target.ref.bytes)), "reviews": JSON(list),
            ])
            return
        }
        for review in reviews { Screen.result(review.text) }
        if reviews.isEmpty {
            Screen.note("nobody has reviewed \(head.title) for \(target.ref.short) yet")
        }
    }
}

/// A review and whether anything replaced it.
struct ListedReview {
    let evidence: EvidenceLine
    let stands: Bool

    var text: String {
        let name = evidence.principal.map { shown($0.name.utf8) } ?? "somebody"
        let place = evidence.line.statement.subject.short
        let note =
            evidence.problem.map { " (does not count: \($0))" } ?? (stands ? "" : " (replaced)")
        return "\(place)  \(name)  \(evidence.words)\(note)"
    }
}

extension Workplace {
    /// The reviews that may speak about a change, for its target.
    func reviews(of head: Head, onto target: Target) throws -> [ListedReview] {
        let change = try Change(head: head.id, onto: target.tip, in: repository)
        let store = try view.evidence()
        var lines = try store.lines(on: head.id)
        for commit in change.commits where commit.id != head.id {
            lines += try store.lines(on: commit.id)
        }
        if let digest = change.digest { lines += try store.reviews(of: digest) }
        var seen: Set<LineDigest> = []
        var listed: [ListedReview] = []
        for line in lines where seen.insert(line.digest).inserted {
            guard case .review(let review) = line.statement.predicate,
                review.targetRef == target.ref
            else { continue }
            let evidence = EvidenceLine(line, under: policy)
            let later = try store.reviews(superseding: line.digest).filter {
                EvidenceLine($0, under: policy).principal == evidence.principal
            }
            listed.append(
                ListedReview(
                    evidence: evidence, stands: evidence.problem == nil && later.isEmpty))
        }
        return listed
    }
}
