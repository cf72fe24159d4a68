import Evidence
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy
import Release
import Spawn

extension Deployment {
    /// In which deployments and holds are signed.
    static let namespace = "gate-deploy"
}

/// Bringing statements to the server, and what repeats them. Statements come first: whatever ends
/// gate between two steps, the next command finds in them where things stand and goes on.
extension ReleaseOffice {
    /// The user as an operator of an environment; nil: of any, for a hold.
    func scribe(for environment: String?) throws -> Scribe {
        let scribe = try Scribe(workplace, namespace: Deployment.namespace, key: key)
        let able =
            environment.map { policy.people.members(of: release.operators[$0] ?? []) }
            ?? policy.releaseOperators
        guard able.contains(scribe.principal) else {
            let place = environment.map { "operator of \($0)" } ?? "operator"
            throw CommandFailure.refused(
                "\(shown(scribe.principal.name.utf8)) is no \(place)",
                details: ["policies/release.yml names \(Checklist.names(able.sorted()))"],
                hint: "another key: --key FILE")
        }
        return scribe
    }

    /// Signs statements of one environment, each behind the one before, and pushes them with
    /// whatever else is signed beside them.
    mutating func publish(
        _ steps: [(deployment: Deployment, revision: ObjectID)], holds: [(Hold, ObjectID)] = [],
        on environment: String
    ) throws {
        let scribe = try scribe(for: environment)
        let train = train
        try scribe.dropPending { line in
            guard let link = DeploymentChain.Link(line) else { return false }
            return link.deployment.environment == environment && link.deployment.train == train
        }
        var lines: [Line] = []
        var previous = try chain(environment).last?.digest
        for step in steps {
            var deployment = step.deployment
            deployment.previous = previous
            deployment.operator = scribe.principal.name
            let line = try scribe.sign(.deployment(deployment), about: step.revision)
            previous = line.digest
            lines.append(line)
        }
        for (hold, landing) in holds { lines.append(try scribe.sign(.hold(hold), about: landing)) }
        try scribe.publish(lines)
        try refresh()
    }

    /// Makes the refs that repeat an environment's statements say what those say: its plan, its
    /// tag, its marker. Nothing is pushed where all is well.
    mutating func settle(_ environment: String) throws {
        let chain = try chain(environment)
        guard let last = chain.last else { return }
        let id = last.deployment.releaseID
        let planRef = ReleaseRefsGuard.plan(id)
        if try workplace.view.resolve(planRef).target == nil {
            if let bytes = try plan(of: chain) {
                let blob = try keep(bytes, as: planRef)
                try push(blob, to: planRef)
            } else {
                Screen.note(
                    "gate: the plan of \(shown(id.utf8)) is neither on the server nor in this"
                        + " clone")
            }
        }
        try tag(last)
        if let deployed = chain.deployed {
            let marker = ReleaseRefsGuard.marker(environment: environment, train: train)
            if try workplace.view.resolve(marker).target != deployed.revision {
                try push(deployed.revision, to: marker, isForced: true)
            }
        }
    }

    /// Keeps a plan in this clone, so that it survives whatever happens before it is pushed.
    @discardableResult
    func keep(_ plan: [UInt8], as ref: RefName) throws -> ObjectID {
        let writer = try Writer.open(gitDirectory: repository.gitDirectory)
        let blob = try writer.writeBlob(plan)
        let present = try repository.resolve(ref).target
        if present != blob {
            try writer.update(ref, from: present, to: blob, message: "gate: plan")
        }
        repository.refresh()
        return blob
    }

    /// The annotated tag on the head, signed with the operator's key. It is for people and for
    /// `git describe`: where rulesets or another tag keep it out, nothing is lost.
    private func tag(_ link: DeploymentChain.Link) throws {
        let name = "release/\(link.deployment.releaseID)"
        let ref = RefName("refs/tags/\(name)")
        // `^{}` is the commit that a server's annotated tag leads to (git-ls-remote(1)).
        let present = try workplace.view.resolve(ref).target
        let commit = try workplace.view.resolve(RefName(ref.bytes + Array("^{}".utf8))).target
        guard present == nil || commit != link.revision else { return }
        let scribe: Scribe
        do {
            scribe = try Scribe(workplace, namespace: Deployment.namespace, key: key)
        } catch {
            return  // who only looks signs nothing
        }
        let words =
            "Release \(link.deployment.releaseID)\n\n"
            + ReleaseTagGuard.planLine(link.deployment.planDigest)
        do {
            try repository.git([
                "-c", "gpg.format=ssh", "-c", "user.signingKey=\(scribe.gitSigningKey)", "tag",
                "-f", "-s", "-m", words, "--", name, link.revision.hex,
            ])
            repository.refresh()
            guard let tag = try repository.resolve(ref).target else { return }
            // Somebody had this name for something else, before the server knew what it means.
            try push(tag, to: ref, isForced: present != nil)
        } catch let failure as CommandFailure {
            // A tag called `release`, which anybody may push, leaves no room for it: no release
            // waits for that.
            Screen.note("gate: there is no tag \(name)")
            for line in failure.details { Screen.note("  \(line)") }
        }
    }

    /// Pushes one ref quietly.
    private func push(_ object: ObjectID, to ref: RefName, isForced: Bool = false) throws {
        let result = try repository.runGit([
            "push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no",
            workplace.clone.remote, "\(isForced ? "+" : "")\(object.hex):\(ref)",
        ])
        if result.succeeded { return }
        let words = result.errorOutput.split(separator: 0x0a).map { shown($0) }
        if words.contains(where: { $0.contains("hook declined") }) {
            throw CommandFailure.refused("the server refused \(ref)", details: words)
        }
        throw CommandFailure.undetermined(
            "\(ref) could not be pushed", details: words,
            hint: "say it again: what is signed stands already")
    }
}
