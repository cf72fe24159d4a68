import Evidence
public import GitObjects
public import Policy

/// What a pushed branch still needs, in three lines.
public struct AssessmentText {
    private let policy: Policy
    private let isRunning: Bool

    /// - Parameter isRunning: a runner has been started for what is missing.
    public init(policy: Policy, isRunning: Bool = false) {
        self.policy = policy
        self.isRunning = isRunning
    }

    /// `checks`, `review` and `then`; a line that has nothing to say is left out.
    public func lines(_ assessment: Assessment, branch: RefName) -> [String] {
        var lines: [String] = []
        if !assessment.checks.isEmpty { lines.append("checks  " + checks(assessment)) }
        if assessment.needsReview { lines.append("review  " + review(assessment)) }
        if assessment.needsReview {
            let short = branch.bytes.dropFirst(11)
            // A name like an option is said in full.
            let name = short.first == 0x2d ? branch.bytes[...] : short
            lines.append("then    gate merge \(shellWord(name)) --wait")
        }
        return lines
    }

    /// `pylint passed, mypy unit missing`
    private func checks(_ assessment: Assessment) -> String {
        var groups: [(state: String, names: [String])] = []
        for check in assessment.checks {
            let state =
                switch check.result {
                case .passed: "passed"
                case .failed, .warned: "failed"
                case nil: isRunning ? "running" : "missing"
                }
            if let last = groups.indices.last, groups[last].state == state {
                groups[last].names.append(check.name)
            } else {
                groups.append((state, [check.name]))
            }
        }
        return groups.map { "\($0.names.joined(separator: " ")): \($0.state)" }
            .joined(separator: ", ")
    }

    private func review(_ assessment: Assessment) -> String {
        let remedies = Remedies(
            policy: policy, ref: assessment.target, defaultBranch: assessment.target)
        let missing = assessment.requiredApprovals - assessment.approvers.count
        let given = assessment.approvers.map(remedies.shortName).joined(separator: ", ")
        let approved = given.isEmpty ? "" : "approved by \(given)"
        if missing <= 0 { return approved.isEmpty ? "none needed" : approved }
        let able = assessment.ableReviewers.map(remedies.shortName)
        let listed = able.count <= 5 ? able : Array(able.prefix(4)) + ["others"]
        let needs = "needs \(missing) of \(listed.joined(separator: ", "))"
        return approved.isEmpty ? needs : "\(approved), \(needs)"
    }
}
