import Evidence
import GitObjects
import History
import Policy

/// `required_status_checks`: every named check has passed, by its present definition, on the head
/// or on what lands.
struct StatusChecksJudge {
    let rule: RequiredStatusChecksRule
    let ruleset: String
    let policy: Policy
    let evidence: any EvidenceSource
    let ref: RefName
    let remedies: Remedies

    struct Answer {
        var findings: [Finding] = []
        var results: [LineDigest] = []
        var states: [CheckState] = []
    }

    /// The verdict for the first of these commits whose results are complete; findings are about
    /// the first of them.
    ///
    /// - Parameter candidates: the commits whose tree may have been tested, in order of preference.
    func answer(candidates: [Commit]) throws(GitError) -> Answer {
        var first: Answer?
        for commit in candidates {
            let answer = try answer(for: commit)
            if answer.findings.isEmpty { return answer }
            if first == nil { first = answer }
        }
        return first ?? Answer()
    }

    private func answer(for commit: Commit) throws(GitError) -> Answer {
        let signers = policy.people.members(of: rule.signers)
        let lines = try evidence.lines(on: commit.tree)
        var answer = Answer()
        var missing: [String] = []
        var failed: [String] = []
        var notes: [String] = []
        for name in rule.checks {
            guard let definition = policy.check(named: name) else {
                missing.append(name)
                continue
            }
            var state: State = .absent
            for line in lines {
                guard case .testResult(let result) = line.statement.predicate,
                    result.check == name,
                    line.statement.repository == policy.people.repository
                else { continue }
                judge(line, result, definition, signers, &state, &notes)
            }
            switch state {
            case .passed(let line):
                answer.results.append(line)
                answer.states.append(CheckState(name: name, result: .passed))
            case .failed:
                failed.append(name)
                answer.states.append(CheckState(name: name, result: .failed))
            case .absent:
                missing.append(name)
                answer.states.append(CheckState(name: name, result: nil))
            }
        }
        if !failed.isEmpty {
            answer.findings.append(
                finding(
                    commit, "\(failed.joined(separator: ", ")) failed on \(commit.id.short)",
                    notes, failed))
        }
        if !missing.isEmpty {
            let verb = missing.count == 1 ? "has" : "have"
            answer.findings.append(
                finding(
                    commit,
                    "\(missing.joined(separator: ", ")) \(verb) not passed on \(commit.id.short)",
                    failed.isEmpty ? notes : [], missing))
        }
        return answer
    }

    private enum State {
        case absent, failed
        case passed(LineDigest)
    }

    /// Any pass of an allowed signer counts; failures beside it are retries.
    private func judge(
        _ line: Line, _ result: TestResult, _ definition: CheckDefinition,
        _ signers: Set<Principal>, _ state: inout State, _ notes: inout [String]
    ) {
        if case .passed = state { return }
        do {
            let principal = try line.signer(under: policy.signers, arrival: nil)
            guard signers.contains(principal) else {
                notes.append("a result of \(result.check) is signed by \(principal), who may not")
                return
            }
            guard result.definition == definition.digest else {
                notes.append("a result of \(result.check) is of another definition of it")
                return
            }
            state = result.result == .passed ? .passed(line.digest) : .failed
        } catch {
            notes.append("a result of \(result.check) \(error.problem)")
        }
    }

    private func finding(
        _ commit: Commit, _ problem: String, _ notes: [String], _ checks: [String]
    ) -> Finding {
        Finding(
            .requiredStatusChecks, ruleset: ruleset, ref: ref, commit: commit.id, problem,
            remedies: notes.map(Remedy.advice)
                + remedies.check(
                    checks, commit: commit.id, signers: policy.people.members(of: rule.signers)))
    }
}
