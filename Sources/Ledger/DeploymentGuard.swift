public import Evidence
public import GitObjects
import History
public import Policy

/// Judges new deployment statements and holds against those that the server has: what can be
/// decided from evidence, history and policy is decided here, and not only by whoever deploys.
struct DeploymentGuard {
    private let history: any HistorySource
    private let policy: Policy
    private let evidence: NoteStore

    init(_ history: any HistorySource, policy: Policy, evidence: NoteStore) {
        self.history = history
        self.policy = policy
        self.evidence = evidence
    }

    private struct Place: Hashable {
        let environment: String
        let train: String
    }

    /// What is wrong with new lines, each of which is somebody's good statement by itself.
    func problems(adding lines: [Line]) throws(GitError) -> [EvidenceProblem] {
        var links: [Place: [DeploymentChain.Link]] = [:]
        for line in lines {
            guard let link = DeploymentChain.Link(line) else { continue }
            let place = Place(
                environment: link.deployment.environment, train: link.deployment.train)
            links[place, default: []].append(link)
        }
        guard !links.isEmpty, let release = policy.release else { return [] }
        var problems: [EvidenceProblem] = []
        // What one environment proves in a push the next one may use in the same push.
        var before: [String: DeploymentChain] = [:]
        for environment in release.environments {
            for place in links.keys.filter({ $0.environment == environment })
                .sorted(by: { $0.train < $1.train })
            {
                var chain = try self.chain(place)
                problems += try add(
                    links[place] ?? [], to: &chain, place,
                    previousEnvironment: try previous(to: place, release, before))
                before[Self.key(place)] = chain
            }
        }
        for (place, links) in links where !release.environments.contains(place.environment) {
            problems += links.map {
                EvidenceProblem(
                    $0.revision, "no environment is called \(shown(place.environment.utf8))")
            }
        }
        return problems.sorted {
            ($0.object ?? .zero, $0.problem) < ($1.object ?? .zero, $1.problem)
        }
    }

    private static func key(_ place: Place) -> String { "\(place.environment)\0\(place.train)" }

    private func chain(_ place: Place) throws(GitError) -> DeploymentChain {
        try evidence.chain(environment: place.environment, train: place.train, under: policy)
    }

    /// The chain of the environment before this one; nil for the first.
    private func previous(
        to place: Place, _ release: ReleasePolicy, _ known: [String: DeploymentChain]
    ) throws(GitError) -> DeploymentChain? {
        guard let index = release.environments.firstIndex(of: place.environment), index > 0 else {
            return nil
        }
        let other = Place(environment: release.environments[index - 1], train: place.train)
        if let chain = known[Self.key(other)] { return chain }
        return try chain(other)
    }

    /// Adds statements to a chain as far as they follow, and says what is wrong with the others.
    private func add(
        _ links: [DeploymentChain.Link], to chain: inout DeploymentChain, _ place: Place,
        previousEnvironment: DeploymentChain?
    ) throws(GitError) -> [EvidenceProblem] {
        guard let release = policy.release,
            release.trains.contains(where: { $0.name == place.train })
        else {
            return links.map {
                EvidenceProblem($0.revision, "no train is called \(shown(place.train.utf8))")
            }
        }
        var problems: [EvidenceProblem] = []
        var open = links
        while !open.isEmpty {
            // In the order of the chain; what follows nothing that is left is judged as it comes.
            let index =
                open.firstIndex { $0.deployment.previous == chain.last?.digest } ?? 0
            let link = open.remove(at: index)
            if let problem = chain.problem(with: link.deployment, on: link.revision) {
                problems.append(EvidenceProblem(link.revision, problem))
                continue
            }
            if let problem = try problem(with: link, chain, previousEnvironment) {
                problems.append(EvidenceProblem(link.revision, problem))
                continue
            }
            chain.append(link)
        }
        return problems
    }

    /// What speaks against a deployment besides its own chain.
    private func problem(
        with link: DeploymentChain.Link, _ chain: DeploymentChain,
        _ previousEnvironment: DeploymentChain?
    ) throws(GitError) -> String? {
        let deployment = link.deployment
        guard try history.header(link.revision)?.kind == .commit else {
            return "a deployment of \(link.revision.short), which the server does not have"
        }
        guard deployment.outcome == .started else { return nil }
        if let previousEnvironment, !chain.hasDeployed(link.build),
            !previousEnvironment.proves(link.build)
        {
            let name = previousEnvironment.last?.deployment.environment ?? "the one before"
            return "\(shown(name.utf8)) has not proven these images of \(link.revision.short), so"
                + " \(shown(deployment.environment.utf8)) may not have them"
        }
        // What a rollback goes back to waits for no hold. What was found bad or taken back does: it
        // ran here once, and the hold is there so that it does not again.
        guard !chain.proves(link.build),
            !deployment.overrides.contains(where: { $0.limit == .hold })
        else { return nil }
        let range = try LandingRange(
            from: chain.deployed?.revision, to: link.revision, in: history)
        let held = try HeldChanges(range, in: history, evidence: evidence, policy: policy)
        guard let first = held.included.first else { return nil }
        return "\(first.landing.short) is held back by \(first.by), and"
            + " \(link.revision.short) would deploy it"
    }
}

extension NoteStore {
    /// The deployments of one environment and train in their order.
    ///
    /// - Parameter policy: says which of two successors is believed, where nobody guarded them.
    public func chain(
        environment: String, train: String, under policy: Policy
    ) throws(GitError) -> DeploymentChain {
        let lines = try deployments(environment: environment, train: train).filter {
            $0.statement.repository.utf8.elementsEqual(policy.people.repository.utf8)
        }
        do throws(EvidenceError) {
            return try DeploymentChain(lines) { line in
                do throws(EvidenceError) {
                    let signer = try line.signer(under: policy.signers, arrival: nil)
                    let operators = policy.release?.operators[environment] ?? []
                    return policy.people.members(of: operators).contains(signer)
                } catch {
                    return false
                }
            }
        } catch {
            throw GitError(
                .malformed, "the deployments of \(shown(environment.utf8))", error.problem,
                hint: "it was recorded while nobody guarded it; the server's owner repairs it")
        }
    }
}
