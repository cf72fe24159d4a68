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
        case .deployment(let deployment):
            object["deployment"] = [
                "environment": JSON(deployment.environment), "train": JSON(deployment.train),
                "releaseId": JSON(deployment.releaseID),
                "outcome": JSON(deployment.outcome.rawValue),
                "createdOn": JSON(deployment.createdOn),
            ]
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
