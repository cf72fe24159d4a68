import Evidence
import GitObjects
import History
import JSON
import Policy

/// One line of evidence as commands tell of it.
struct EvidenceLine {
    let line: Line
    /// Whose it is under the policy that judges now; nil: it does not count.
    let principal: Principal?
    /// Why it does not count, as a clause.
    let problem: String?

    init(_ line: Line, principal: Principal) {
        self.line = line
        self.principal = principal
        problem = nil
    }

    /// Verifies the line under a policy.
    init(_ line: Line, under policy: Policy) {
        self.line = line
        let repository = line.statement.repository
        guard repository.utf8.elementsEqual(policy.people.repository.utf8) else {
            principal = nil
            problem =
                "is for the repository \(shown(repository.utf8)), not"
                + " \(shown(policy.people.repository.utf8))"
            return
        }
        do {
            let signer = try line.signer(under: policy.signers, arrival: nil)
            if case .testResult = line.statement.predicate,
                !policy.checkSigners().contains(signer)
            {
                principal = nil
                problem = "is a test result signed by \(shown(signer.name.utf8)), who may not"
            } else {
                principal = signer
                problem = nil
            }
        } catch {
            principal = nil
            problem = error.problem
        }
    }

    /// What it says, in one line.
    var words: String {
        switch line.statement.predicate {
        case .review(let review):
            let comment = review.comment.isEmpty ? "" : ": \(shown(review.comment.utf8))"
            let state =
                switch review.state {
                case .approved: "approved"
                case .changesRequested: "changes requested"
                case .withdrawn: "review withdrawn"
                }
            return "\(state) for \(review.targetRef.short) on \(review.createdOn)\(comment)"
        case .testResult(let result):
            let failed = result.failedTests.count
            let first = result.failedTests.first.map { shown($0.utf8) } ?? ""
            let tests = failed == 0 ? "" : ", \(failed) failed: \(first)"
            return "\(shown(result.check.utf8)) \(result.result.rawValue)\(tests)"
        case .bypass(let bypass):
            return "bypass of \(shown(bypass.ruleset.utf8)) for \(bypass.ref)"
                + " \(bypass.old.short) -> \(bypass.new.short): \(shown(bypass.reason.utf8))"
        case .deployment(let deployment):
            return "deployment of \(shown(deployment.releaseID.utf8)) on"
                + " \(shown(deployment.environment.utf8)) \(deployment.outcome.rawValue)"
                + " on \(deployment.createdOn)"
        case .hold(let hold):
            let state = hold.state == .held ? "held back" : "released from its hold"
            return "\(state) on \(hold.ref.short) on \(hold.createdOn): "
                + shown(hold.reason.utf8)
        }
    }

    /// For machines, as docs/reference/json.md describes it.
    var json: JSON {
        var object: JSON.Object = [
            "line": JSON(line.digest.hex), "subject": JSON(line.statement.subject.hex),
            "subjectKind": JSON(line.statement.subjectKind == .tree ? "tree" : "commit"),
            "repository": JSON(line.statement.repository),
            "namespace": JSON(line.statement.predicate.namespace),
            "predicateType": JSON(line.statement.predicate.type),
            "keyid": JSON(line.signature.key.fingerprint),
            "principal": JSON(principal?.name), "verified": JSON(problem == nil),
            "problem": JSON(problem),
        ]
        switch line.statement.predicate {
        case .review(let review): object["review"] = review.facts
        case .testResult(let result): object["testResult"] = result.facts
        case .bypass(let bypass): object["bypass"] = bypass.facts
        case .deployment(let deployment): object["deployment"] = deployment.facts
        case .hold(let hold): object["hold"] = hold.facts
        }
        return JSON(object)
    }
}

extension Review {
    fileprivate var facts: JSON {
        [
            "state": JSON(state.rawValue), "targetRef": JSON(shown(targetRef.bytes)),
            "base": JSON(base.hex), "changeDigest": JSON(changeDigest?.hex),
            "supersedes": JSON(supersedes.map(\.hex)), "comment": JSON(comment),
            "createdOn": JSON(createdOn),
        ]
    }
}

extension TestResult {
    fileprivate var facts: JSON {
        [
            "check": JSON(check), "definition": JSON(definition), "result": JSON(result.rawValue),
            "passedTests": JSON(passedTests), "failedTests": JSON(failedTests), "url": JSON(url),
        ]
    }
}

extension Bypass {
    fileprivate var facts: JSON {
        [
            "ref": JSON(shown(ref.bytes)), "old": JSON(old.hex), "new": JSON(new.hex),
            "ruleset": JSON(ruleset), "reason": JSON(reason),
        ]
    }
}

extension Deployment {
    var facts: JSON {
        [
            "environment": JSON(environment), "train": JSON(train), "releaseId": JSON(releaseID),
            "planDigest": JSON(planDigest), "outcome": JSON(outcome.rawValue),
            "operator": JSON(self.operator), "ticks": JSON(ticks),
            "images": JSON(
                images.map { image -> JSON in
                    [
                        "name": JSON(image.name), "uri": JSON(image.uri),
                        "digest": ["sha256": JSON(image.digest)],
                    ]
                }),
            "overrides": JSON(
                overrides.map { override -> JSON in
                    ["limit": JSON(override.limit.rawValue), "reason": JSON(override.reason)]
                }),
            "previous": JSON(previous?.hex), "createdOn": JSON(createdOn),
        ]
    }
}

extension Hold {
    fileprivate var facts: JSON {
        [
            "state": JSON(state.rawValue), "ref": JSON(shown(ref.bytes)), "reason": JSON(reason),
            "supersedes": JSON(supersedes.map(\.hex)), "createdOn": JSON(createdOn),
        ]
    }
}
