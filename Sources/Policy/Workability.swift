extension Policy {
    /// Everybody whose test results count for some rule: whoever attests must not also approve,
    /// because their key works beside the code under test.
    public func checkSigners() -> Set<Principal> {
        var names: Set<String> = []
        for ruleset in rulesets where ruleset.enforcement != .disabled {
            names.formUnion(ruleset.rules.requiredStatusChecks?.signers ?? [])
        }
        return people.members(of: Array(names))
    }

    /// Everybody whose approval counts for a rule, unless they contributed to the change: the
    /// members of `reviewers`, or all principals, without ``checkSigners()``.
    public func eligibleReviewers(for rule: PullRequestRule) -> Set<Principal> {
        eligibleReviewers(for: rule, without: checkSigners())
    }

    private func eligibleReviewers(
        for rule: PullRequestRule, without signers: Set<Principal>
    ) -> Set<Principal> {
        let candidates = rule.reviewers.map { people.members(of: $0) } ?? people.principals
        return candidates.subtracting(signers)
    }

    /// How many are eligible, counted until there are enough: a thousand rulesets may name a team of
    /// a thousand.
    private func eligibleCount(
        for rule: PullRequestRule, without signers: Set<Principal>, upTo most: Int
    ) -> Int {
        var found: Set<Principal> = []
        func isEnough(_ principal: Principal) -> Bool {
            if !signers.contains(principal) { found.insert(principal) }
            return found.count >= most
        }
        if let reviewers = rule.reviewers {
            _ = people.members(of: reviewers, contain: isEnough)
        } else {
            _ = people.principals.contains(where: isEnough)
        }
        return found.count
    }

    /// Reports every ruleset under which nothing, or not everybody's work, could ever land.
    ///
    /// Any eligible reviewer may be the author of a change and then cannot approve it; so one more
    /// than the required number must be eligible. A change of the policy itself is reviewed at least
    /// once whatever the count says, so that even a count of 0 needs two people
    /// (docs/decisions/enough-reviewers.md).
    func checkWorkability(_ log: DiagnosticLog) {
        let inForce = rulesets.filter { $0.enforcement != .disabled }
        guard let first = inForce.first else { return }
        // Once for all: a policy may have a thousand rulesets.
        let signers = checkSigners()
        if eligibleReviewers(for: PullRequestRule(), without: signers).count < 2 {
            log.report(
                Diagnostic(
                    first.location,
                    "nobody could review a change of the policy by the other: allowed_signers names "
                        + "fewer than two people who are no check signers",
                    hint: "gate people add NAME --key FILE"))
            return
        }
        for ruleset in inForce {
            if let rule = ruleset.rules.pullRequest {
                check(rule, of: ruleset, without: signers, log)
            }
            if let rule = ruleset.rules.requiredStatusChecks,
                !people.members(of: rule.signers, contain: { _ in true })
            {
                log.report(
                    Diagnostic(
                        ruleset.location(of: .requiredStatusChecks),
                        "no check could ever pass: \(rule.signers.joined(separator: ", ")) has no members",
                        hint: "add a member in policies/people.yml"))
            }
        }
    }

    private func check(
        _ rule: PullRequestRule, of ruleset: Ruleset, without signers: Set<Principal>,
        _ log: DiagnosticLog
    ) {
        let location = ruleset.location(of: .pullRequest)
        let needed = max(rule.requiredApprovingReviewCount, 1) + 1
        let eligible = eligibleCount(for: rule, without: signers, upTo: needed)
        if eligible < needed {
            log.report(
                Diagnostic(
                    location,
                    "\(eligible) eligible \(eligible == 1 ? "reviewer is" : "reviewers are") too few: "
                        + "\(needed - 1) must be left when one of them is the author",
                    hint: "name \(needed - eligible) more in reviewers or its teams; "
                        + "check signers do not count"))
        }
        if ruleset.rules.requiredLinearHistory, rule.allowedMergeMethods == [.merge] {
            log.report(
                Diagnostic(
                    ruleset.location(of: .requiredLinearHistory),
                    "required_linear_history forbids the only allowed merge method, merge",
                    hint: "allowed_merge_methods: [squash, fast_forward]"))
        }
        if rule.requireCodeOwnerReview, codeOwners == nil {
            log.report(
                Diagnostic(
                    location, "require_code_owner_review is on, and there is no CODEOWNERS",
                    hint: "add .github/CODEOWNERS, or leave the rule out"))
        }
    }
}

extension Ruleset {
    /// Where one of its rules stands.
    public func location(of rule: RuleName) -> SourceLocation {
        rules.locations[rule] ?? location
    }
}
