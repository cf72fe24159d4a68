import Enforcement
import Evidence
import Git
import GitObjects
import History
import Hooks
import JSON
import Ledger
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes one person's reviews of one change.
struct ReviewMaker {
    let workplace: Workplace
    let scribe: Scribe
    let head: Head
    let target: Target
    let change: Change
    private let evidence: NoteStore

    /// Reads the change.
    ///
    /// - Throws: when there is nothing to review.
    init(_ workplace: Workplace, _ scribe: Scribe, head: Head, target: Target) throws {
        self.workplace = workplace
        self.scribe = scribe
        self.head = head
        self.target = target
        change = try Change(head: head.id, onto: target.tip, in: workplace.repository)
        evidence = try workplace.view.evidence()
        if change.commits.isEmpty {
            throw CommandFailure.refused(
                "nothing to review: \(head.title) is on \(target.ref.short) already")
        }
    }

    /// Signs a review and pushes it.
    func make(_ state: Review.State, comment: String) throws -> Line {
        let earlier = try standing()
        try refuseIfPointless(state, earlier)
        let review = Review(
            state: state, targetRef: target.ref, base: target.tip, changeDigest: change.digest,
            supersedes: Set(earlier.map(\.digest)).sorted(), comment: comment,
            createdOn: UTCTime.text(Int64(time(nil))))
        let line = try scribe.sign(.review(review), about: head.id)
        try scribe.publish([line])
        return line
    }

    /// What the server would not count is not signed.
    private func refuseIfPointless(_ state: Review.State, _ earlier: [Line]) throws {
        let name = shown(scribe.principal.name.utf8)
        switch state {
        case .approved:
            let assessment = try workplace.judge().assess(head: head.id, onto: target.ref)
            if assessment.contributors.contains(scribe.principal) {
                let able = Checklist.names(assessment.ableReviewers)
                throw CommandFailure.refused(
                    "\(name) contributed to \(head.title) and cannot approve it",
                    hint: able.isEmpty ? nil : "who can: \(able)")
            }
        case .withdrawn:
            if earlier.isEmpty {
                throw CommandFailure.refused(
                    "nothing to withdraw: \(name) has no standing review of \(head.title) for"
                        + " \(target.ref.short)",
                    hint: "gate review list \(head.word)\(target.option)")
            }
        case .changesRequested: break
        }
    }

    /// The user's reviews that this one replaces: those that still stand on the head, on commits
    /// in it, on heads with the same difference, and on what the head was before it was rebased or
    /// amended.
    private func standing() throws -> [Line] {
        var candidates: [Line] = []
        for commit in change.commits { candidates += try evidence.lines(on: commit.id) }
        if let digest = change.digest { candidates += try evidence.reviews(of: digest) }
        candidates += try earlierHeads()
        var seen: Set<LineDigest> = []
        var standing: [Line] = []
        for line in candidates where seen.insert(line.digest).inserted && isOwn(line) {
            let later = try evidence.reviews(superseding: line.digest)
            if !later.contains(where: isOwn) { standing.append(line) }
        }
        return standing
    }

    private func isOwn(_ line: Line) -> Bool {
        guard case .review(let review) = line.statement.predicate,
            review.targetRef == target.ref,
            line.statement.repository.utf8.elementsEqual(
                workplace.policy.people.repository.utf8)
        else { return false }
        do {
            return try line.signer(under: workplace.policy.signers, arrival: nil)
                == scribe.principal
        } catch {
            return false  // nobody's, so not the user's
        }
    }

    /// Reviews of other heads of the same change. A rebase and an amendment leave a commit's author
    /// and the author's time as they were, and mostly its subject: a head that has such a commit of
    /// this change, and has not landed, is an earlier state of it. The time alone would not do: a
    /// script makes several commits in a second.
    private func earlierHeads() throws -> [Line] {
        let repository = workplace.repository
        let own = Set(change.commits.map { Origin($0) })
        var lines: [Line] = []
        for object in try evidence.objects() {
            guard try repository.header(object)?.kind == .commit else { continue }
            let reviews = try evidence.lines(on: object).filter(isOwn)
            if try reviews.isEmpty || repository.isAncestor(object, of: target.tip) { continue }
            let commits = try repository.commits(from: object, notFrom: [target.tip])
            for commit in commits where own.contains(Origin(try repository.commit(commit))) {
                lines += reviews
                break
            }
        }
        return lines
    }

    private struct Origin: Hashable {
        let email: [UInt8]
        let time: Int64
        let subject: [UInt8]

        init(_ commit: Commit) {
            email = commit.author.email
            time = commit.author.time
            subject = commit.subject
        }
    }
}

extension Review.State {
    /// `approved`, `requested changes on`, for sentences.
    var verb: String {
        switch self {
        case .approved: "approved"
        case .changesRequested: "requested changes on"
        case .withdrawn: "withdrew their review of"
        }
    }
}
