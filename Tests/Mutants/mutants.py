#!/usr/bin/env python3
"""Switches each refusing check of the engine off in turn, and shows which cases notice.

usage: mutants.py [--only TEXT]... [--quick] [--jobs N] [--keep] [--list]

In a copy of the sources every check of the table below gets a switch, so that one build serves all;
the product itself has no such switch. Then the attacks and the rules' own cases run once for each
check with that one switched off. A check that nobody misses has no test: exit code 1. So has a case
that fails with every check on.

What each run failed is written to Tests/Mutants/results.txt: the cases of one check should be about
that check. With --quick each run ends with the first case that notices; nothing is written.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.txt")
# The cases that attack the hook; those about size and races are slow and attack no single check.
CASES = ["rules.", "adversary_names.", "adversary_objects.", "adversary_pushes.",
         "adversary_meaning.", "adversary_evidence."]
SWITCH = """#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whether a check is switched off, in this build for tests of the tests.
package func off(_ name: String) -> Bool {
    guard let chosen = getenv("GATE_MUTANT") else { return false }
    return strcmp(chosen, name) == 0
}
"""
E, L, P = "Sources/Enforcement/", "Sources/Ledger/", "Sources/Policy/"
# (name, file, text that stands there once, what takes its place; OFF is the switch)
MUTANTS = [
    ("ref-twice", E + "Judge.swift", "if !seen.insert(verdict.resolved).inserted {",
     "if !seen.insert(verdict.resolved).inserted && !OFF {"),
    ("stale-old", E + "Judge.swift", "guard (resolved.target ?? .zero) == update.old else {",
     "guard OFF || (resolved.target ?? .zero) == update.old else {"),
    ("reserved", E + "ReservedRefs.swift",
     "static func finding(for name: RefName, resolved: RefName) -> Finding? {",
     "static func finding(for name: RefName, resolved: RefName) -> Finding? {\n"
     "        if OFF { return nil }"),
    ("evidence-guard", E + "Judge.swift", "            verdict.findings += try guardEvidence(",
     "            if OFF { return }\n            verdict.findings += try guardEvidence("),
    ("symref", E + "Judge.swift", "let resolved = try references.resolve(update.ref)",
     "let followed = try references.resolve(update.ref)\n"
     "            let resolved = OFF\n"
     "                ? ResolvedReference(name: update.ref, target: followed.target) : followed"),
    ("creation", E + "RulesetJudge.swift", "if rules.creation && !startsAtLanding {",
     "if !OFF && rules.creation && !startsAtLanding {"),
    ("deletion", E + "RulesetJudge.swift", "            if rules.deletion {",
     "            if !OFF && rules.deletion {"),
    ("non-fast-forward", E + "RulesetJudge.swift", "if rules.nonFastForward, try isForced() {",
     "if !OFF, rules.nonFastForward, try isForced() {"),
    ("path", E + "RulesetJudge.swift", "            findings += pathFindings()",
     "            if !OFF { findings += pathFindings() }"),
    ("approvals", E + "PullRequestJudge.swift",
     "if counted.count < rule.requiredApprovingReviewCount {",
     "if !OFF && counted.count < rule.requiredApprovingReviewCount {"),
    ("methods", E + "PullRequestJudge.swift", "answer.findings += try methodFindings(tally)",
     "if !OFF { answer.findings += try methodFindings(tally) }"),
    ("identities", E + "PullRequestJudge.swift", "answer.findings += identityFindings()",
     "if !OFF { answer.findings += identityFindings() }"),
    ("gate-evidence", E + "PullRequestJudge.swift", "answer.findings += try evidenceFindings()",
     "if !OFF { answer.findings += try evidenceFindings() }"),
    ("objections", E + "PullRequestJudge.swift",
     "answer.findings += tally.objections.map(objection)",
     "if !OFF { answer.findings += tally.objections.map(objection) }"),
    ("code-owners", E + "PullRequestJudge.swift", "if rule.requireCodeOwnerReview {",
     "if !OFF && rule.requireCodeOwnerReview {"),
    ("own-approval", E + "Tally.swift", "if facts.contributors.principals.contains(principal) {",
     "if !OFF && facts.contributors.principals.contains(principal) {"),
    ("check-signer-approves", E + "Tally.swift",
     "if policy.checkSigners().contains(principal) {",
     "if !OFF && policy.checkSigners().contains(principal) {"),
    ("withdrawn", E + "Tally.swift",
     "if own.contains(where: { $0.review.state == .withdrawn }) { continue }",
     "if !OFF && own.contains(where: { $0.review.state == .withdrawn }) { continue }"),
    ("spent", E + "Tally.swift", "            case .spent(let landing):\n",
     "            case .spent where OFF: break\n            case .spent(let landing):\n"),
    ("base-elsewhere", E + "Tally.swift", "            case .baseIsElsewhere:\n",
     "            case .baseIsElsewhere where OFF: break\n            case .baseIsElsewhere:\n"),
    ("reason-against", E + "Tally.swift", "if let reason = try reasonAgainst(review) {",
     "if !OFF, let reason = try reasonAgainst(review) {"),
    ("carry-other-difference", E + "Tally.swift",
     "guard reviewed.digest == facts.change.digest else {",
     "guard OFF || reviewed.digest == facts.change.digest else {"),
    ("carry-contributor", E + "Tally.swift",
     "if contributors.principals.contains(review.principal) {",
     "if !OFF && contributors.principals.contains(review.principal) {"),
    ("carry-same-head", E + "Tally.swift", "let carries = rule.carryOver == .equalDiff &&",
     "let carries = (OFF || rule.carryOver == .equalDiff) &&"),
    ("inherited-objections", E + "ReviewBook.swift",
     "for commit in change.commits where commit.id != change.head.id {",
     "for commit in change.commits where !OFF && commit.id != change.head.id {"),
    ("superseding-by-others", E + "ReviewBook.swift",
     "if believed(later)?.principal == review.principal { isReplaced = true }",
     "if OFF || believed(later)?.principal == review.principal { isReplaced = true }"),
    ("superseded", E + "ReviewBook.swift", "if !isReplaced { result.append(review) }",
     "if OFF || !isReplaced { result.append(review) }"),
    ("target", E + "ReviewBook.swift", "review.targetRef == target,",
     "OFF || review.targetRef == target,"),
    ("co-authors", E + "Contributors.swift", "            + Trailers(of: commit).coAuthorAddresses",
     "            + (OFF ? [] : Trailers(of: commit).coAuthorAddresses)"),
    ("hand-made", E + "LandingFacts.swift", "        case .handMade(let reason): return reason\n",
     "        case .handMade(let reason): return OFF ? nil : reason\n"),
    ("merge-bases", E + "LandingFacts.swift",
     "guard change.mergeBases.count == 1, let base = change.mergeBases.first else {",
     "guard OFF || change.mergeBases.count == 1, let base = change.mergeBases.first else {"),
    ("checks", E + "RulesetJudge.swift",
     "            findings += try statusFindings(rule, &landings)",
     "            if !OFF { findings += try statusFindings(rule, &landings) }"),
    ("check-signers", E + "StatusChecksJudge.swift", "guard signers.contains(principal) else {",
     "guard OFF || signers.contains(principal) else {"),
    ("check-definition", E + "StatusChecksJudge.swift",
     "guard result.definition == definition.digest else {",
     "guard OFF || result.definition == definition.digest else {"),
    ("check-failed", E + "StatusChecksJudge.swift",
     "state = result.result == .passed ? .passed(line.digest) : .failed",
     "state = OFF || result.result == .passed ? .passed(line.digest) : .failed"),
    ("signatures", E + "CommitJudge.swift", "if ruleset.rules.requiredSignatures {",
     "if !OFF && ruleset.rules.requiredSignatures {"),
    ("message-pattern", E + "CommitJudge.swift",
     "if rule.pattern.isFound(in: text) { return nil }",
     "if OFF || rule.pattern.isFound(in: text) { return nil }"),
    ("forbidden-path", E + "CommitJudge.swift",
     "guard let pattern = rule.forbid.first(where: { $0.matches(path) }) else { return [] }",
     "guard !OFF, let pattern = rule.forbid.first(where: { $0.matches(path) }) else {\n"
     "            return []\n        }"),
    ("file-size", E + "CommitJudge.swift", "guard header.size > rule.bytes else { return [] }",
     "guard !OFF, header.size > rule.bytes else { return [] }"),
    ("path-length", E + "CommitJudge.swift", "change.path.bytes.count > rule.bytes {",
     "!OFF, change.path.bytes.count > rule.bytes {"),
    ("linear-history", E + "RulesetJudge.swift", "guard rules.requiredLinearHistory,\n",
     "guard !OFF, rules.requiredLinearHistory,\n"),
    ("signed-tags", E + "RulesetJudge.swift",
     "guard ruleset.target == .tag, rules.requiredSignatures else { return [] }",
     "guard !OFF, ruleset.target == .tag, rules.requiredSignatures else { return [] }"),
    ("bypass-principal", E + "Bypasses.swift", "if allowed.contains(principal) {",
     "if OFF || allowed.contains(principal) {"),
    ("bypass-update", E + "Bypasses.swift",
     "bypass.ref == update.ref, bypass.old == update.old, bypass.new == update.new,",
     "OFF || (bypass.ref == update.ref && bypass.old == update.old"
     " && bypass.new == update.new),"),
    ("policy-last", E + "PolicyGuard.swift", "            if id != parent.update.new {",
     "            if !OFF && id != parent.update.new {"),
    ("policy-review", E + "PolicyGuard.swift", "            if !reviewIsJudged {",
     "            if !OFF && !reviewIsJudged {"),
    ("policy-valid", E + "PolicyGuard.swift",
     "guard let last = facts.last, last.touchesPolicy else { return findings }",
     "guard !OFF, let last = facts.last, last.touchesPolicy else { return findings }"),
    ("policy-branch-deleted", E + "PolicyGuard.swift", "        if update.isDeletion {",
     "        if !OFF && update.isDeletion {"),
    ("policy-without-landing", E + "PolicyGuard.swift",
     "if let first = differences.first(where: { PolicyFiles.isPolicy($0.path) }) {",
     "if !OFF, let first = differences.first(where: { PolicyFiles.isPolicy($0.path) }) {"),
    ("evidence-deleted", L + "EvidenceGuard.swift",
     "return [EvidenceProblem(nil, \"evidence may not be deleted\")]",
     "return OFF ? [] : [EvidenceProblem(nil, \"evidence may not be deleted\")]"),
    ("evidence-rewound", L + "EvidenceGuard.swift",
     "if let old, try !history.isAncestor(old, of: new) {",
     "if !OFF, let old, try !history.isAncestor(old, of: new) {"),
    ("evidence-removed", L + "EvidenceGuard.swift", "        if removed > 0 {",
     "        if !OFF && removed > 0 {"),
    ("evidence-anew", L + "EvidenceGuard.swift", "if parents.isEmpty && !isFirst {",
     "if !OFF && parents.isEmpty && !isFirst {"),
    ("evidence-twice", L + "EvidenceGuard.swift",
     "if newCounts[bytes, default: 0] > oldCounts[bytes, default: 1] {",
     "if !OFF && newCounts[bytes, default: 0] > oldCounts[bytes, default: 1] {"),
    ("evidence-subject", L + "EvidenceGuard.swift",
     "guard statement.subject == object else {",
     "guard OFF || statement.subject == object else {"),
    ("evidence-repository", L + "EvidenceGuard.swift",
     "guard statement.repository.utf8.elementsEqual(policy.people.repository.utf8) else {",
     "guard OFF || statement.repository.utf8.elementsEqual(policy.people.repository.utf8)\n"
     "        else {"),
    ("evidence-newline", L + "EvidenceGuard.swift", "        if !new.isTerminated {",
     "        if !OFF && !new.isTerminated {"),
    ("evidence-blank", L + "EvidenceGuard.swift",
     "if newCounts[[], default: 0] > oldCounts[[], default: 0] {",
     "if !OFF && newCounts[[], default: 0] > oldCounts[[], default: 0] {"),
    ("evidence-kind", L + "EvidenceGuard.swift",
     "where line.statement.subject == object && line.statement.subjectKind != kind {",
     "where !OFF && line.statement.subject == object\n"
     "                && line.statement.subjectKind != kind\n            {"),
    ("heads-deleted", L + "HeadsGuard.swift",
     "return [EvidenceProblem(nil, \"the kept heads may not be deleted\")]",
     "return OFF ? [] : [EvidenceProblem(nil, \"the kept heads may not be deleted\")]"),
    ("heads-tree", L + "HeadsGuard.swift", "guard commit.tree == .emptyTree else {",
     "guard OFF || commit.tree == .emptyTree else {"),
    ("heads-chain", L + "HeadsGuard.swift", "        guard next == old else {",
     "        guard OFF || next == old else {"),
    ("key-namespace", "Sources/Evidence/SSH/KeyLookup.swift",
     "if let namespaces, !PatternList(namespaces).matches(namespace) {",
     "if !OFF, let namespaces, !PatternList(namespaces).matches(namespace) {"),
    ("key-not-yet", "Sources/Evidence/SSH/KeyLookup.swift",
     "if let validAfter, arrival < validAfter {",
     "if !OFF, let validAfter, arrival < validAfter {"),
    ("key-expired", "Sources/Evidence/SSH/KeyLookup.swift",
     "if let validBefore, arrival > validBefore {",
     "if !OFF, let validBefore, arrival > validBefore {"),
    ("received-objects", "Sources/Hooks/PreReceive.swift",
     "if let finding = try ReceivedObjects(server.repository).finding(about: updates[0].ref) {",
     "if !OFF,\n            let finding = try ReceivedObjects(server.repository).finding(about: updates[0].ref)\n"
     "        {"),
]


def main():
    options = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    options.add_argument("--only", action="append", default=[], metavar="TEXT")
    options.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--keep", action="store_true")
    options.add_argument("--list", action="store_true")
    chosen = options.parse_args()
    mutants = [m for m in MUTANTS if not chosen.only or any(t in m[0] for t in chosen.only)]
    if chosen.list:
        print("\n".join(f"{name:24} {file}" for name, file, _, _ in mutants))
        return 0
    folder = Path(os.environ.get("GATE_MUTANTS") or tempfile.mkdtemp(prefix="gate-mutants-"))
    try:
        return survey(mutants, build(folder), chosen)
    finally:
        if not chosen.keep and "GATE_MUTANTS" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


def build(folder):
    """The program with every switch in it."""
    for name in ["Package.swift", "Sources"]:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            folder.mkdir(exist_ok=True)
            # Tests are not copied, and a package may not name what is not there.
            lines = source.read_text().splitlines(keepends=True)
            target.write_text("".join(without_tests(lines)))
    (folder / "Sources/GitObjects/Mutant.swift").write_text(SWITCH)
    for name, file, old, new in MUTANTS:
        path = folder / file
        text = path.read_text()
        if text.count(old) != 1:
            sys.exit(f"mutants.py: {name}: {file} has {text.count(old)} of: {old.strip()}")
        text = text.replace(old, new.replace("OFF", f'off("{name}")'))
        if "import GitObjects" not in text:
            text = "import GitObjects\n" + text
        path.write_text(text)
    done = subprocess.run(["swift", "build", "-c", "release", "--product", "gate",
                           "--package-path", folder])
    if done.returncode:
        sys.exit("mutants.py: the copy does not build")
    return folder / ".build/release/gate"


def without_tests(lines):
    """Package.swift without its test targets."""
    inside = False
    for line in lines:
        if line.startswith("        tests("):
            inside = True
        if not inside:
            yield line
        if inside and line.rstrip().endswith("),"):
            inside = False


def survey(mutants, program, chosen):
    """Runs the cases with each check off."""
    broken = failures(program, "", chosen.jobs, False)
    if broken:
        sys.exit("mutants.py: with every check on there fail:\n  " + "\n  ".join(broken))
    survivors, lines = [], []
    for name, _, _, _ in mutants:
        noticed = failures(program, name, chosen.jobs, chosen.quick)
        words = noticed[0] if chosen.quick and noticed else f"{len(noticed):4} cases notice"
        print(f"{name:24} {words}", flush=True)
        lines.append(f"{name}\n" + "".join(f"    {case}\n" for case in noticed))
        if not noticed:
            survivors.append(name)
    if not (chosen.only or chosen.quick):
        RESULTS.write_text("".join(lines))
    if survivors:
        print("nobody misses: " + ", ".join(survivors))
        return 1
    return 0


def failures(program, mutant, jobs, first_only):
    """The cases that fail with one check off, or the first of them."""
    command = [sys.executable, ROOT / "Tests/EndToEnd/cases.py", "--jobs", str(jobs)]
    if first_only:
        command.append("--fail-fast")
    for text in CASES:
        command += ["--filter", text]
    with tempfile.TemporaryDirectory(prefix="gate-mutant-") as lab:
        done = subprocess.run(
            command + ["--lab", lab], capture_output=True, text=True,
            env={**os.environ, "GATE_PROGRAM": str(program), "GATE_MUTANT": mutant})
    return sorted(line.split()[2] for line in done.stdout.splitlines()
                  if line.startswith("failed "))


if __name__ == "__main__":
    sys.exit(main())
