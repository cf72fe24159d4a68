"""The refusing checks of the engine, and how to switch each one off."""

from typing import NamedTuple

E, L, V = "Sources/Enforcement/", "Sources/Ledger/", "Sources/Evidence/"


class Check(NamedTuple):
    name: str
    # What it keeps out.
    refuses: str
    file: str
    # The text that stands there once, and what takes its place; OFF is the switch.
    old: str
    new: str
    # The attacks and cases of Tests/EndToEnd that are about it; `*` for any end.
    cases: str


CHECKS = [
    Check("ref-twice", "two updates of one ref in one push", E + "Judge.swift",
          "if !seen.insert(verdict.resolved).inserted {",
          "if !seen.insert(verdict.resolved).inserted && !OFF {",
          ""),
    Check("claims-flood", "more claims in one push than are taken", E + "Judge.swift",
          "guard claims.count > Self.mostClaims, let first = claims.first else { return }",
          "guard !OFF, claims.count > Self.mostClaims, let first = claims.first else { return }",
          ""),
    Check("stale-old", "an update of a ref that moved meanwhile", E + "Judge.swift",
          "guard (resolved.target ?? .zero) == update.old else {",
          "guard OFF || (resolved.target ?? .zero) == update.old else {",
          "adversary_pushes.stale_old_id"),
    Check("reserved", "refs that gate keeps for itself", E + "ReservedRefs.swift",
          "static func finding(for name: RefName, resolved: RefName) -> Finding? {",
          "static func finding(for name: RefName, resolved: RefName) -> Finding? {\n"
          "        if OFF { return nil }",
          "adversary_names.reserved_*"),
    Check("evidence-guard", "bad pushes of evidence, as a whole", E + "Judge.swift",
          "if ReservedRefs.isGuarded(resolved.name) {",
          "if OFF, ReservedRefs.isGuarded(resolved.name) { return }\n"
          "        if ReservedRefs.isGuarded(resolved.name) {",
          "adversary_pushes.evidence_deleted adversary_pushes.evidence_edited"),
    Check("symref", "pushes through a symbolic ref", E + "Judge.swift",
          "let resolved = try references.resolve(update.ref)",
          "let followed = try references.resolve(update.ref)\n"
          "            let resolved = OFF\n"
          "                ? ResolvedReference(name: update.ref, target: "
          "followed.target) : followed",
          "adversary_names.symref_to_master adversary_names.symref_chain "
          "adversary_names.symref_to_the_evidence"),
    Check("creation", "`creation`", E + "RulesetJudge.swift",
          "if rules.creation && !startsAtLanding {",
          "if !OFF && rules.creation && !startsAtLanding {",
          "rules.creation rules.creation_inside_a_change"),
    Check("deletion", "`deletion`", E + "RulesetJudge.swift",
          "            if rules.deletion {",
          "            if !OFF && rules.deletion {",
          "rules.deletion adversary_pushes.deletion_and_creation"),
    Check("non-fast-forward", "`non_fast_forward`", E + "RulesetJudge.swift",
          "if rules.nonFastForward, try isForced() {",
          "if !OFF, rules.nonFastForward, try isForced() {",
          "rules.non_fast_forward"),
    Check("path", "what is no chain of landings", E + "RulesetJudge.swift",
          "            findings += pathFindings()",
          "            if !OFF { findings += pathFindings() }",
          "rules.non_fast_forward adversary_pushes.swapped_parents "
          "adversary_pushes.rewind_of_the_default_branch "
          "adversary_pushes.unrelated_history "
          "adversary_meaning.merge_of_something_in_the_past"),
    Check("approvals", "fewer approvals than required", E + "PullRequestJudge.swift",
          "if counted.count < rule.requiredApprovingReviewCount {",
          "if !OFF && counted.count < rule.requiredApprovingReviewCount {",
          "rules.pull_request_merge_without_approval rules.pull_request_count"),
    Check("methods", "other methods of landing", E + "PullRequestJudge.swift",
          "answer.findings += try methodFindings(tally)",
          "if !OFF { answer.findings += try methodFindings(tally) }",
          "rules.pull_request_method_*"),
    Check("identities", "contributors whom the policy does not know",
          E + "PullRequestJudge.swift",
          "answer.findings += identityFindings()",
          "if !OFF { answer.findings += identityFindings() }",
          "adversary_pushes.unknown_author adversary_pushes.unknown_co_author"),
    Check("gate-evidence", "landings that name evidence that is not there",
          E + "PullRequestJudge.swift",
          "answer.findings += try evidenceFindings()",
          "if !OFF { answer.findings += try evidenceFindings() }",
          "adversary_evidence.landing_that_names_other_evidence"),
    Check("objections", "requests for changes that stand", E + "PullRequestJudge.swift",
          "answer.findings += tally.objections.map(objection)",
          "if !OFF { answer.findings += tally.objections.map(objection) }",
          "adversary_evidence.changes_requested_stands "
          "adversary_evidence.changes_requested_stands_for_later_heads"),
    Check("code-owners", "a missing approval of an owner", E + "PullRequestJudge.swift",
          "if rule.requireCodeOwnerReview {",
          "if !OFF && rule.requireCodeOwnerReview {",
          "rules.pull_request_code_owner adversary_pushes.owner_rename_out "
          "adversary_pushes.owner_deletion"),
    Check("own-approval", "approvals by contributors", E + "Tally.swift",
          "if facts.contributors.principals.contains(principal) {",
          "if !OFF && facts.contributors.principals.contains(principal) {",
          "adversary_pushes.own_approval adversary_pushes.own_approval_as_committer "
          "adversary_meaning.co_author"),
    Check("check-signer-approves", "approvals by signers of checks", E + "Tally.swift",
          "if policy.checkSigners().contains(principal) {",
          "if !OFF && policy.checkSigners().contains(principal) {",
          "adversary_meaning.check_signer_as_approver "
          "rules.pull_request_default_reviewers"),
    Check("withdrawn", "approvals that were withdrawn", E + "Tally.swift",
          "if own.contains(where: { $0.review.state == .withdrawn }) { continue }",
          "if !OFF && own.contains(where: { $0.review.state == .withdrawn }) { "
          "continue }",
          "adversary_evidence.approval_withdrawn"),
    Check("spent", "approvals that a landing has used", E + "Tally.swift",
          "            case .spent(let landing):\n",
          "            case .spent where OFF: break\n"
          "            case .spent(let landing):\n",
          "adversary_meaning.replay_after_a_revert "
          "adversary_meaning.replay_of_the_revert_itself"),
    Check("base-elsewhere", "approvals given on another base", E + "Tally.swift",
          "            case .baseIsElsewhere:\n",
          "            case .baseIsElsewhere where OFF: break\n"
          "            case .baseIsElsewhere:\n",
          "adversary_meaning.reviewed_on_another_base rules.pull_request_carry_over "
          "adversary_meaning.replay_after_a_revert "
          "adversary_pushes.stacked_fast_forward"),
    Check("reason-against", "approvals that do not count, whatever the reason",
          E + "Tally.swift",
          "if let reason = try reasonAgainst(review) {",
          "if !OFF, let reason = try reasonAgainst(review) {",
          "adversary_meaning.reviewed_on_another_base "
          "adversary_pushes.one_more_push_after_the_approval "
          "rules.pull_request_carry_over adversary_meaning.replay_after_a_revert"),
    Check("carry-other-difference", "approvals of another difference",
          E + "Tally.swift",
          "guard reviewed.digest == facts.change.digest else {",
          "guard OFF || reviewed.digest == facts.change.digest else {",
          "adversary_meaning.reviewed_on_another_base "
          "adversary_pushes.amended_after_the_approval "
          "adversary_meaning.same_file_touched_upstream "
          "adversary_pushes.mode_change_after_the_approval"),
    Check("carry-contributor", "approvals of a head by who wrote it, carried over",
          E + "Tally.swift",
          "if contributors.principals.contains(review.principal) {",
          "if !OFF && contributors.principals.contains(review.principal) {",
          ""),
    Check("carry-same-head", "approvals carried over under `same_head`",
          E + "Tally.swift",
          "let carries = rule.carryOver == .equalDiff &&",
          "let carries = (OFF || rule.carryOver == .equalDiff) &&",
          "rules.pull_request_carry_over"),
    Check("inherited-objections", "requests for changes on an earlier commit of the change",
          E + "ReviewBook.swift",
          "for commit in change.commits where commit.id != change.head.id {",
          "for commit in change.commits where !OFF && commit.id != change.head.id {",
          "adversary_evidence.changes_requested_stands_for_later_heads"),
    Check("superseding-by-others", "reviews superseded by somebody else",
          E + "ReviewBook.swift",
          "if believed(later)?.principal == review.principal { isReplaced = true }",
          "if OFF || believed(later)?.principal == review.principal { isReplaced = "
          "true }",
          "adversary_evidence.superseded_by_somebody_else"),
    Check("superseded", "reviews that were superseded", E + "ReviewBook.swift",
          "if !isReplaced { result.append(review) }",
          "if OFF || !isReplaced { result.append(review) }",
          "adversary_evidence.changes_requested_stands "
          "adversary_evidence.approval_withdrawn"),
    Check("target", "approvals for another branch", E + "ReviewBook.swift",
          "review.targetRef == target,",
          "OFF || review.targetRef == target,",
          "adversary_pushes.evidence_for_another_target "
          "adversary_meaning.approval_for_master_used_on_a_release"),
    Check("co-authors", "approvals by co-authors", E + "Contributors.swift",
          "            + Trailers(of: commit).coAuthorAddresses",
          "            + (OFF ? [] : Trailers(of: commit).coAuthorAddresses)",
          "adversary_meaning.co_author*"),
    Check("hand-made", "merges that are not what git makes of their sides",
          E + "LandingFacts.swift",
          "        case .handMade(let reason): return reason\n",
          "        case .handMade(let reason): return OFF ? nil : reason\n",
          "adversary_pushes.extra_edit_in_the_merge adversary_pushes.ours_merge "
          "adversary_pushes.octopus"),
    Check("merge-bases", "merges with several bases", E + "LandingFacts.swift",
          "guard change.mergeBases.count == 1, let base = change.mergeBases.first "
          "else {",
          "guard OFF || change.mergeBases.count == 1, let base = "
          "change.mergeBases.first else {",
          "adversary_pushes.unrelated_head"),
    Check("checks", "`required_status_checks`", E + "RulesetJudge.swift",
          "            findings += try statusFindings(rule, &landings)",
          "            if !OFF { findings += try statusFindings(rule, &landings) }",
          "rules.required_status_checks rules.required_status_checks_each"),
    Check("check-signers", "results by somebody else's key",
          E + "StatusChecksJudge.swift",
          "guard signers.contains(principal) else {",
          "guard OFF || signers.contains(principal) else {",
          "rules.required_status_checks_signers "
          "adversary_meaning.reviewer_as_check_signer"),
    Check("check-definition", "results of another definition",
          E + "StatusChecksJudge.swift",
          "guard result.definition == definition.digest else {",
          "guard OFF || result.definition == definition.digest else {",
          "rules.required_status_checks_definition rules.checks_definition_change"),
    Check("check-failed", "results that are no pass", E + "StatusChecksJudge.swift",
          "state = result.result == .passed ? .passed(line.digest) : .failed",
          "state = OFF || result.result == .passed ? .passed(line.digest) : .failed",
          "rules.required_status_checks_failed "
          "adversary_evidence.warned_is_not_passed"),
    Check("signatures", "`required_signatures`", E + "CommitJudge.swift",
          "if ruleset.rules.requiredSignatures {",
          "if !OFF && ruleset.rules.requiredSignatures {",
          "rules.required_signatures adversary_objects.signature_of_another_commit"),
    Check("message-pattern", "`commit_message_pattern`", E + "CommitJudge.swift",
          "if rule.pattern.isFound(in: text) { return nil }",
          "if OFF || rule.pattern.isFound(in: text) { return nil }",
          "rules.commit_message_pattern*"),
    Check("forbidden-path", "`file_path_restriction`", E + "CommitJudge.swift",
          "guard let pattern = rule.forbid.first(where: { $0.matches(path) }) else { "
          "return [] }",
          "guard !OFF, let pattern = rule.forbid.first(where: { $0.matches(path) }) "
          "else {\n"
          "            return []\n"
          "        }",
          "rules.file_path_restriction adversary_pushes.file_added_and_removed"),
    Check("file-size", "`max_file_size`", E + "CommitJudge.swift",
          "guard header.size > rule.bytes else { return [] }",
          "guard !OFF, header.size > rule.bytes else { return [] }",
          "rules.max_file_size"),
    Check("path-length", "`max_file_path_length`", E + "CommitJudge.swift",
          "change.path.bytes.count > rule.bytes {",
          "!OFF, change.path.bytes.count > rule.bytes {",
          "rules.max_file_path_length"),
    Check("linear-history", "`required_linear_history`", E + "RulesetJudge.swift",
          "guard rules.requiredLinearHistory,\n",
          "guard !OFF, rules.requiredLinearHistory,\n",
          "rules.required_linear_history rules.required_linear_history_alone"),
    Check("signed-tags", "unsigned tags", E + "RulesetJudge.swift",
          "guard ruleset.target == .tag, rules.requiredSignatures else { return [] }",
          "guard !OFF, ruleset.target == .tag, rules.requiredSignatures else { "
          "return [] }",
          "rules.signed_tag_under_another_name rules.tags"),
    Check("bypass-principal", "bypasses by somebody whom the ruleset does not name",
          E + "Bypasses.swift",
          "if allowed.contains(principal) {",
          "if OFF || allowed.contains(principal) {",
          "rules.bypass_by_whom"),
    Check("bypass-update", "bypasses of another update", E + "Bypasses.swift",
          "bypass.ref == update.ref, bypass.old == update.old, bypass.new == "
          "update.new,",
          "OFF || (bypass.ref == update.ref && bypass.old == update.old && "
          "bypass.new == update.new),",
          "rules.bypass_for_one_update "
          "adversary_pushes.bypass_of_what_it_does_not_name"),
    Check("policy-last", "landings behind a change of the policy",
          E + "PolicyGuard.swift",
          "            if id != parent.update.new {",
          "            if !OFF && id != parent.update.new {",
          "adversary_pushes.policy_with_what_it_permits "
          "adversary_meaning.first_landing_removes_the_reviewer"),
    Check("policy-review", "changes of the policy that nobody reviewed",
          E + "PolicyGuard.swift",
          "            if !reviewIsJudged {",
          "            if !OFF && !reviewIsJudged {",
          "rules.policy_protects_itself adversary_pushes.codeowners_are_policy "
          "adversary_pushes.bypass_of_the_policy"),
    Check("policy-valid", "policies that are not valid", E + "PolicyGuard.swift",
          "guard let last = facts.last, last.touchesPolicy else { return findings }",
          "guard !OFF, let last = facts.last, last.touchesPolicy else { return "
          "findings }",
          "adversary_meaning.policy_no_yaml adversary_meaning.policy_deleted "
          "adversary_meaning.policy_misspelt_rule"),
    Check("policy-branch-deleted", "deleting the branch that holds the policy",
          E + "PolicyGuard.swift",
          "        if update.isDeletion {",
          "        if !OFF && update.isDeletion {",
          "adversary_pushes.deletion_of_the_default_branch"),
    Check("policy-without-landing", "changes of the policy by force",
          E + "PolicyGuard.swift",
          "if let first = differences.first(where: { PolicyFiles.isPolicy($0.path) "
          "}) {",
          "if !OFF, let first = differences.first(where: { "
          "PolicyFiles.isPolicy($0.path) }) {",
          "adversary_pushes.rewind_of_the_default_branch"),
    Check("evidence-deleted", "deleting the evidence", L + "EvidenceGuard.swift",
          "return [EvidenceProblem(nil, \"evidence may not be deleted\")]",
          "return OFF ? [] : [EvidenceProblem(nil, \"evidence may not be deleted\")]",
          "adversary_pushes.evidence_deleted"),
    Check("evidence-rewound", "evidence that does not contain what was there",
          L + "EvidenceGuard.swift",
          "if let old, try !history.isAncestor(old, of: new) {",
          "if !OFF, let old, try !history.isAncestor(old, of: new) {",
          "adversary_pushes.evidence_rewound adversary_evidence.unrelated_notes"),
    Check("evidence-removed", "lines of evidence taken away or edited",
          L + "EvidenceGuard.swift",
          "        if removed > 0 {",
          "        if !OFF && removed > 0 {",
          "adversary_pushes.evidence_edited "
          "adversary_evidence.united_by_git_notes_merge"),
    Check("evidence-anew", "a second history of evidence merged in",
          L + "EvidenceGuard.swift",
          "if parents.isEmpty && !isFirst {",
          "if !OFF && parents.isEmpty && !isFirst {",
          "adversary_evidence.side_history_of_notes"),
    Check("evidence-twice", "a line that stands there twice", L + "EvidenceGuard.swift",
          "if newCounts[bytes, default: 0] > oldCounts[bytes, default: 1] {",
          "if !OFF && newCounts[bytes, default: 0] > oldCounts[bytes, default: 1] {",
          "adversary_evidence.repeated_line"),
    Check("evidence-subject", "a line on another object", L + "EvidenceGuard.swift",
          "guard statement.subject == object else {",
          "guard OFF || statement.subject == object else {",
          "adversary_evidence.line_on_the_wrong_object "
          "adversary_evidence.reviews_copied_to_an_amended_commit"),
    Check("evidence-repository", "statements for another repository",
          L + "EvidenceGuard.swift",
          "guard "
          "statement.repository.utf8.elementsEqual(policy.people.repository.utf8) "
          "else {",
          "guard OFF || "
          "statement.repository.utf8.elementsEqual(policy.people.repository.utf8)\n"
          "        else {",
          "adversary_pushes.evidence_from_another_repository "
          "adversary_evidence.review_other_repository"),
    Check("evidence-newline", "notes without a newline at their end",
          L + "EvidenceGuard.swift",
          "        if !new.isTerminated {",
          "        if !OFF && !new.isTerminated {",
          "adversary_evidence.note_missing_newline_joined"),
    Check("evidence-blank", "blank lines", L + "EvidenceGuard.swift",
          "if newCounts[[], default: 0] > oldCounts[[], default: 0] {",
          "if !OFF && newCounts[[], default: 0] > oldCounts[[], default: 0] {",
          "adversary_evidence.blank_lines"),
    Check("evidence-kind", "reviews of trees and results of commits",
          L + "EvidenceGuard.swift",
          "where line.statement.subject == object && line.statement.subjectKind != "
          "kind {",
          "where !OFF && line.statement.subject == object\n"
          "                && line.statement.subjectKind != kind\n"
          "            {",
          "adversary_evidence.review_of_a_tree"),
    Check("heads-deleted", "deleting the kept heads", L + "HeadsGuard.swift",
          "return [EvidenceProblem(nil, \"the kept heads may not be deleted\")]",
          "return OFF ? [] : [EvidenceProblem(nil, \"the kept heads may not be "
          "deleted\")]",
          "adversary_evidence.heads_deleted"),
    Check("heads-tree", "kept heads with files", L + "HeadsGuard.swift",
          "guard commit.tree == .emptyTree else {",
          "guard OFF || commit.tree == .emptyTree else {",
          "adversary_evidence.heads_that_are_no_chain "
          "adversary_evidence.heads_with_a_bad_commit_in_the_middle"),
    Check("heads-chain", "kept heads that leave out what was there",
          L + "HeadsGuard.swift",
          "        guard next == old else {",
          "        guard OFF || next == old else {",
          "adversary_evidence.heads_that_are_no_chain "
          "adversary_evidence.heads_deleted"),
    Check("key-namespace", "keys listed for something else", V + "SSH/KeyLookup.swift",
          "if let namespaces, !PatternList(namespaces).matches(namespace) {",
          "if !OFF, let namespaces, !PatternList(namespaces).matches(namespace) {",
          "adversary_pushes.evidence_by_a_key_for_something_else"),
    Check("key-not-yet", "keys of the future", V + "SSH/KeyLookup.swift",
          "if let validAfter, arrival < validAfter {",
          "if !OFF, let validAfter, arrival < validAfter {",
          "adversary_pushes.evidence_by_a_key_of_the_future"),
    Check("key-expired", "keys that have expired", V + "SSH/KeyLookup.swift",
          "if let validBefore, arrival > validBefore {",
          "if !OFF, let validBefore, arrival > validBefore {",
          "adversary_pushes.evidence_by_an_expired_key"),
    Check("received-objects", "hostile objects beside a good commit",
          "Sources/Hooks/PreReceive.swift",
          "if let finding = try ReceivedObjects(server.repository).finding(about: "
          "updates[0].ref) {",
          "if !OFF,\n"
          "            let finding = try "
          "ReceivedObjects(server.repository).finding(about: updates[0].ref)\n"
          "        {",
          "adversary_objects.unreachable_extra_object"),
    Check("check-repository", "results for another repository",
          E + "StatusChecksJudge.swift",
          "line.statement.repository == policy.people.repository",
          "OFF || line.statement.repository == policy.people.repository",
          ""),
    Check("policy-trusted", "a default branch that leaves the trusted commit",
          E + "PolicyGuard.swift",
          "if let trusted = parent.judge.governing.trusted, try !descends(from: "
          "trusted) {",
          "if !OFF, let trusted = parent.judge.governing.trusted, try "
          "!descends(from: trusted) {",
          "adversary_pushes.rewind_of_the_default_branch"),
    Check("policy-anew", "a default branch that starts anew", E + "PolicyGuard.swift",
          "        case .unfounded, .other:\n",
          "        case .unfounded where OFF, .other where OFF: break\n"
          "        case .unfounded, .other:\n",
          "adversary_objects.master_at_a_tag_object"),
    Check("evidence-commit", "evidence that is no commit", L + "EvidenceGuard.swift",
          "guard try history.header(new)?.kind == .commit else {",
          "guard try OFF ? true : history.header(new)?.kind == .commit else {",
          "adversary_evidence.notes_that_are_no_commit"),
    Check("evidence-note-removed", "removing a note", L + "EvidenceGuard.swift",
          "problems.append(EvidenceProblem(object, \"its evidence was removed\"))",
          "if !OFF { problems.append(EvidenceProblem(object, \"its evidence was "
          "removed\")) }",
          "adversary_pushes.evidence_removed adversary_evidence.notes_prune"),
    Check("evidence-empty", "empty notes", L + "EvidenceGuard.swift",
          "if new.lines.isEmpty && oldCounts.isEmpty {",
          "if !OFF && new.lines.isEmpty && oldCounts.isEmpty {",
          ""),
    Check("evidence-lines", "notes of very many lines", L + "EvidenceGuard.swift",
          "guard content.count(where: { $0 == 0x0a }) <= Self.lineLimit else {",
          "guard OFF || content.count(where: { $0 == 0x0a }) <= Self.lineLimit else {",
          "adversary_evidence.millions_of_lines"),
    Check("evidence-signer", "lines whose signature does not count",
          L + "EvidenceGuard.swift",
          "let signer = try line.signer(under: policy.signers, arrival: arrival)",
          "let signer =\n"
          "            OFF\n"
          "            ? Principal(\"alice@wrk.example\")\n"
          "            : try line.signer(under: policy.signers, arrival: arrival)",
          "adversary_meaning.unlisted_key_as_approver "
          "adversary_evidence.signature_flipped"),
    Check("deployment-operator", "deployments by who is no operator",
          L + "EvidenceGuard.swift",
          "guard policy.people.members(of: operators).contains(signer) else {",
          "guard OFF || policy.people.members(of: operators).contains(signer) else {",
          "releases.what_is_signed_is_judged"),
    Check("hold-operator", "holds by who is no operator", L + "EvidenceGuard.swift",
          "guard policy.releaseOperators.contains(signer) else {",
          "guard OFF || policy.releaseOperators.contains(signer) else {",
          "releases.what_is_signed_is_judged"),
    Check("heads-none", "links that keep no head", L + "HeadsGuard.swift",
          "guard commit.parents.count != 1 else { return \"keeps no head\" }",
          "guard OFF || commit.parents.count != 1 else { return \"keeps no head\" }",
          ""),
    Check("heads-missing", "links that keep what is not there", L + "HeadsGuard.swift",
          "                return \"keeps \\(head.hex), which is no commit here\"",
          "                return OFF ? nil : \"keeps \\(head.hex), which is no "
          "commit here\"",
          ""),
    Check("deployment-here", "deployments of a commit that is not there",
          L + "DeploymentGuard.swift",
          "guard try history.header(link.revision)?.kind == .commit else {",
          "guard try OFF ? true : history.header(link.revision)?.kind == .commit else {",
          ""),
    Check("deployment-proven", "images that the environment before has not proven",
          L + "DeploymentGuard.swift",
          "if let previousEnvironment, !previousEnvironment.proves(link.build) {",
          "if !OFF, let previousEnvironment, !previousEnvironment.proves(link.build) "
          "{",
          "releases.what_is_signed_is_judged"),
    Check("deployment-held", "deployments of what is held back",
          L + "DeploymentGuard.swift",
          "guard let first = held.included.first else { return nil }",
          "guard !OFF, let first = held.included.first else { return nil }",
          "releases.what_is_signed_is_judged "
          "releases.a_bad_change_is_taken_back_and_not_proposed_again"),
    Check("deployment-follows", "deployments that do not follow the last one",
          V + "DeploymentChain.swift",
          "guard next.previous == last?.digest else {",
          "guard OFF || next.previous == last?.digest else {",
          "releases.two_shepherds_press_at_once"),
    Check("deployment-exchanged", "images exchanged while they are deployed",
          V + "DeploymentChain.swift",
          "guard before.images.allSatisfy(next.images.contains) else {",
          "guard OFF || before.images.allSatisfy(next.images.contains) else {",
          ""),
    Check("deployment-images", "outcomes of other images", V + "DeploymentChain.swift",
          "guard before.images == next.images else {",
          "guard OFF || before.images == next.images else {",
          ""),
    Check("deployment-never-ran", "going back to what never ran",
          V + "DeploymentChain.swift",
          "if next.outcome == .rolledBack, !hasDeployed(Build(revision: revision, "
          "next)) {",
          "if !OFF, next.outcome == .rolledBack, !hasDeployed(Build(revision: "
          "revision, next)) {",
          ""),
    Check("deployment-unticked", "an item of the checklist unticked",
          V + "DeploymentChain.swift",
          "guard before.ticks.allSatisfy(next.ticks.contains) else {",
          "guard OFF || before.ticks.allSatisfy(next.ticks.contains) else {",
          ""),
    Check("deployment-overrides", "overrides changed afterwards",
          V + "DeploymentChain.swift",
          "guard before.overrides == next.overrides else {",
          "guard OFF || before.overrides == next.overrides else {",
          ""),
    Check("deployment-open", "a start while the last one is open",
          V + "DeploymentChain.swift",
          "        if let open {\n"
          "            return \"what became",
          "        if !OFF, let open {\n"
          "            return \"what became",
          ""),
    Check("marker-deleted", "deleting a marker", L + "ReleaseRefsGuard.swift",
          "guard let new else { return [EvidenceProblem(nil, \"a marker may not be "
          "deleted\")] }",
          "guard let new else {\n"
          "            return OFF ? [] : [EvidenceProblem(nil, \"a marker may not be "
          "deleted\")]\n"
          "        }",
          "releases.markers_and_plans_only_repeat_what_is_signed"),
    Check("marker-elsewhere", "markers that say something else than what is signed",
          L + "ReleaseRefsGuard.swift",
          "guard deployed.revision == new else {",
          "guard OFF || deployed.revision == new else {",
          "releases.markers_and_plans_only_repeat_what_is_signed"),
    Check("plan-deleted", "deleting a plan", L + "ReleaseRefsGuard.swift",
          "guard let new else { return [EvidenceProblem(nil, \"a plan may not be "
          "deleted\")] }",
          "guard let new else {\n"
          "            return OFF ? [] : [EvidenceProblem(nil, \"a plan may not be "
          "deleted\")]\n"
          "        }",
          "releases.markers_and_plans_only_repeat_what_is_signed"),
    Check("plan-moved", "a plan in the place of another", L + "ReleaseRefsGuard.swift",
          "guard old == nil else {",
          "guard OFF || old == nil else {",
          "releases.markers_and_plans_only_repeat_what_is_signed"),
    Check("plan-named", "plans that no deployment names", L + "ReleaseRefsGuard.swift",
          "guard isNamed else {",
          "guard OFF || isNamed else {",
          "releases.markers_and_plans_only_repeat_what_is_signed"),
    Check("release-tag-stays", "moving or deleting a release's tag",
          L + "ReleaseTagGuard.swift",
          "if let old, try isTag(old, of: link) {",
          "if !OFF, let old, try isTag(old, of: link) {",
          "release_standing.a_name_of_a_release_is_taken_by_nobody"),
    Check("release-tag-other", "a release's name on something else",
          L + "ReleaseTagGuard.swift",
          "guard let new, try !isTag(new, of: link) else { return [] }",
          "guard !OFF, let new, try !isTag(new, of: link) else { return [] }",
          "release_standing.a_name_of_a_release_is_taken_by_nobody"),
]
