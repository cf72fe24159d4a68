import GitObjects

/// What happens in the demo, scene by scene. Everything is done by real commands; the story only
/// says which, and how each must end.
struct Story {
    let stage: Stage

    func play() throws {
        try begin()
        try closeTheGate()
        try direct()
        try review()
        try slip()
        try squash()
        try evil()
        try letItselfIn()
        try bypass()
        try morning()
    }

    private func git(_ person: String, _ arguments: String...) throws {
        try stage.run(person, ["git"] + arguments)
    }

    /// Commits all that a person has changed, without showing it.
    private func commit(_ person: String, _ message: String) throws {
        try stage.prepare(person, ["git", "add", "--all"])
        try stage.prepare(person, ["git", "commit", "--quiet", "-m", message])
    }

    /// Starts a branch at what the server has.
    private func branch(_ person: String, _ name: String) throws {
        try stage.prepare(person, ["git", "fetch", "--quiet", "origin"])
        try stage.prepare(
            person, ["git", "checkout", "--quiet", "-B", name, "--no-track", "origin/master"])
    }

    private func update(_ person: String) throws {
        try stage.prepare(person, ["git", "fetch", "--quiet", "origin"])
        try stage.prepare(person, ["git", "checkout", "--quiet", "-B", "master", "origin/master"])
    }

    private func refused(
        _ person: String, _ rule: String, _ arguments: String...
    ) throws {
        try stage.run(person, ["git", "push"] + arguments, ending: .refused(by: rule))
    }

    /// Runs all checks on a commit as CI does, and pushes what came out.
    private func check(_ revision: String, passes: Bool) throws {
        try stage.prepare("ci", ["git", "fetch", "--quiet", "origin"])
        try stage.run(
            "ci", ["gate", "check", "--rev", revision, "--report", "report.json"],
            ending: .exit(passes ? 0 : 1))
        try stage.run("ci", ["gate", "attest", "report.json", "--push"])
    }

    private func begin() throws {
        stage.scene("A bare repository gets a gate, which only watches at first")
        try stage.prepare(
            "owner", ["git", "init", "--quiet", "--bare", stage.server], in: stage.folder)
        try stage.run(
            "owner", ["gate", "install", "--server", "server.git"], in: stage.folder)
        for person in Cast.people {
            try stage.prepare(
                person, ["git", "clone", "--quiet", stage.server, stage.clone(of: person)],
                in: stage.folder)
        }
        for (path, text) in PayoutProject.files {
            try stage.write(text, to: path, as: "alice")
        }
        try commit("alice", "Add the payout system")
        try git("alice", "push", "origin", "HEAD:refs/heads/master")
    }

    private func closeTheGate() throws {
        stage.scene("The policy lands, and the server's owner trusts it")
        let cast = Cast(stage: stage)
        try stage.write(PayoutProject.masterRuleset, to: "policies/master.yml", as: "alice")
        try stage.write(PayoutProject.checks, to: "policies/checks.yml", as: "alice")
        try stage.write(PayoutProject.people, to: "policies/people.yml", as: "alice")
        try stage.write(
            try cast.allowedSigners(), to: "policies/allowed_signers", as: "alice")
        try stage.run("alice", ["gate", "policy", "validate"])
        try commit("alice", "Say what may land")
        try git("alice", "push", "origin", "HEAD:refs/heads/master")
        try stage.run("owner", ["gate", "trust", "--yes"], in: stage.server)
    }

    private func direct() throws {
        stage.scene("Nobody pushes to master, not even by force")
        try update("alice")
        try stage.write(PayoutProject.feeWithMistake, to: "payout/fees.py", as: "alice")
        try stage.write(PayoutProject.feeTests, to: "tests/test_fees.py", as: "alice")
        try commit("alice", "Charge a fee")
        try refused("alice", "pull_request", "origin", "HEAD:refs/heads/master")
        stage.tell("Forced, over a rewritten history:")
        try stage.prepare("alice", ["git", "checkout", "--quiet", "-b", "rewritten", "HEAD~2"])
        try stage.write("# payout\n", to: "README.md", as: "alice")
        try commit("alice", "Shorten")
        try refused(
            "alice", "non_fast_forward", "--force", "origin", "HEAD:refs/heads/master")
        stage.tell("Deleted:")
        try refused("alice", "deletion", "origin", ":refs/heads/master")
        stage.tell("Through another name: the server has a symbolic ref.")
        try stage.run(
            "owner", ["git", "symbolic-ref", "refs/heads/trunk", "refs/heads/master"],
            in: stage.server)
        try stage.prepare("alice", ["git", "checkout", "--quiet", "master"])
        try refused("alice", "pull_request", "origin", "HEAD:refs/heads/trunk")
    }

    private func review() throws {
        stage.scene("So it becomes a branch, and the server says what that needs")
        try stage.prepare("alice", ["git", "checkout", "--quiet", "-B", "fee"])
        try git("alice", "push", "origin", "HEAD:refs/heads/fee")
        stage.scene("Alice approves her own change")
        try stage.run("alice", ["gate", "review", "approve", "fee"], ending: .exit(1))
        stage.tell("And merges it herself:")
        try stage.prepare("alice", ["git", "checkout", "--quiet", "-B", "own", "origin/master"])
        try stage.prepare(
            "alice", ["git", "merge", "--quiet", "--no-ff", "-m", "Merge fee", "fee"])
        try refused("alice", "pull_request", "origin", "HEAD:refs/heads/master")
        stage.scene("pylint fails on it: the landing is refused, whoever approved")
        try check("origin/fee", passes: false)
        try stage.run("bob", ["gate", "review", "approve", "fee", "-m", "Looks right"])
        try update("bob")
        try stage.prepare(
            "bob", ["git", "merge", "--quiet", "--no-ff", "-m", "Merge fee", "origin/fee"])
        try refused("bob", "required_status_checks", "origin", "HEAD:refs/heads/master")
        stage.scene("The fix, a colleague's approval, checks that pass: it lands")
        try stage.prepare("alice", ["git", "checkout", "--quiet", "fee"])
        try stage.write(PayoutProject.fee, to: "payout/fees.py", as: "alice")
        try commit("alice", "Drop an import")
        try git("alice", "push", "origin", "HEAD:refs/heads/fee")
        try stage.run("bob", ["gate", "review", "approve", "fee"])
        try stage.run("alice", ["gate", "status", "fee"], ending: .exit(1))
        try check("origin/fee", passes: true)
        try stage.run("alice", ["gate", "merge", "fee"])
    }

    private func slip() throws {
        stage.scene("A commit slipped in after the approval")
        try branch("bob", "currency")
        try stage.write(PayoutProject.currency, to: "payout/currency.py", as: "bob")
        try stage.write(PayoutProject.currencyTests, to: "tests/test_currency.py", as: "bob")
        try commit("bob", "Pay out in CAD")
        try stage.prepare(
            "bob", ["git", "push", "--quiet", "origin", "HEAD:refs/heads/currency"])
        try stage.run("carol", ["gate", "review", "approve", "currency"])
        try check("origin/currency", passes: true)
        try stage.prepare("bob", ["git", "checkout", "--quiet", "-B", "slipped"])
        try stage.write(
            PayoutProject.currency + "\n\ndef backdoor() -> bool:\n    return True\n",
            to: "payout/currency.py", as: "bob")
        try commit("bob", "Tidy")
        try update("bob")
        try stage.prepare(
            "bob", ["git", "merge", "--quiet", "--no-ff", "-m", "Merge currency", "slipped"])
        try refused("bob", "pull_request", "origin", "HEAD:refs/heads/master")
    }

    private func squash() throws {
        stage.scene("What was approved lands as a squash")
        try stage.run("bob", ["gate", "merge", "currency", "--method", "squash"])
    }

    private func evil() throws {
        stage.scene("An evil merge: an edit that is in neither side, hidden in the merge commit")
        try branch("alice", "docs")
        try stage.write(
            "# payout\n\nRounds and pays out amounts of money, in CAD too.\n", to: "README.md",
            as: "alice")
        try commit("alice", "Mention CAD")
        try stage.prepare("alice", ["git", "push", "--quiet", "origin", "HEAD:refs/heads/docs"])
        try stage.run("bob", ["gate", "review", "approve", "docs"])
        try check("origin/docs", passes: true)
        try update("carol")
        try stage.prepare(
            "carol", ["git", "merge", "--quiet", "--no-ff", "--no-commit", "origin/docs"])
        try stage.write(
            PayoutProject.fee.replacingFirst("0.015", with: "0.000"), to: "payout/fees.py",
            as: "carol")
        try stage.prepare("carol", ["git", "add", "--all"])
        try stage.prepare("carol", ["git", "commit", "--quiet", "-m", "Merge docs"])
        try stage.run("carol", ["git", "show", "--stat", "--oneline", "-m", "--first-parent"])
        try refused("carol", "pull_request", "origin", "HEAD:refs/heads/master")
        stage.tell("git's own merge of the same two sides lands.")
        try stage.run("carol", ["gate", "merge", "docs"])
    }

    private func letItselfIn() throws {
        stage.scene("A policy change that would let itself in")
        try branch("bob", "open")
        try stage.write(PayoutProject.openRuleset, to: "policies/master.yml", as: "bob")
        try commit("bob", "Trust each other")
        try stage.write("# Mine now\n", to: "README.md", as: "bob")
        try commit("bob", "Take over")
        try refused("bob", "policy", "origin", "HEAD:refs/heads/master")
    }

    private func bypass() throws {
        stage.scene("An outage at night: a bypass, signed and on record")
        try update("carol")
        try stage.write(
            PayoutProject.fee.replacingFirst("0.015", with: "0.010"), to: "payout/fees.py",
            as: "carol")
        try stage.write(
            PayoutProject.feeTests.replacingFirst("1.50", with: "1.00"),
            to: "tests/test_fees.py", as: "carol")
        try commit("carol", "Lower the fee")
        try stage.run(
            "carol",
            [
                "gate", "bypass", "refs/heads/master", "--reason",
                "payouts fail until the fee is lowered",
            ])
        try git("carol", "push", "origin", "HEAD:refs/heads/master")
        try stage.run("carol", ["gate", "evidence", "show"])
    }

    private func morning() throws {
        stage.scene("The next morning: what landed, and the manifest for the deploy scripts")
        try update("ci")
        let root = try stage.prepare("ci", ["git", "rev-list", "--max-parents=0", "HEAD"])
        let from = String(decoding: root.prefix { $0 != 0x0a }.prefix(12), as: UTF8.self)
        try stage.run("ci", ["gate", "range", "--from", from])
        try stage.run("ci", ["gate", "manifest", "--from", from, "-o", "manifest.json"])
        try stage.run(
            "ci", ["gate", "manifest", "get", "manifest.json", "source.digest.gitCommit"])
    }
}

extension String {
    /// The text with the first occurrence of `old` replaced.
    fileprivate func replacingFirst(_ old: String, with new: String) -> String {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(old) {
                return String(self[..<rest.startIndex]) + new + rest.dropFirst(old.count)
            }
            rest = rest.dropFirst()
        }
        return self
    }
}
