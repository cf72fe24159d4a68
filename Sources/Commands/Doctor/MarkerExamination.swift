import Enforcement
import Evidence
import Git
import GitObjects
import History
import Ledger
import Policy

/// Whether a server's markers and plans repeat what its signed deployments say.
struct MarkerExamination {
    let repository: Repository
    /// `git --git-dir=…` for the commands that repair.
    let git: String

    func examine(_ examination: inout Examination) throws {
        let head = try repository.head().target
        guard let head,
            case .success(let policy) = try CommittedPolicies(history: repository).policy(at: head),
            let release = policy.release
        else { return }
        let store = try NoteStore(
            repository, tip: try repository.resolve(NoteStore.ref).target,
            gitFolder: repository.commonDirectory)
        for environment in release.environments {
            for train in release.trains {
                let chain = try store.chain(
                    environment: environment, train: train.name, under: policy)
                try examineMarker(
                    ReleaseRefsGuard.marker(environment: environment, train: train.name), chain,
                    &examination)
                try examinePlan(chain, &examination)
            }
        }
    }

    private func examineMarker(
        _ marker: RefName, _ chain: DeploymentChain, _ examination: inout Examination
    ) throws {
        let present = try repository.resolve(marker).target
        guard let deployed = chain.deployed?.revision else {
            if let present {
                examination.add(
                    .warn, "marker",
                    "\(marker) is at \(present.short), and no signed statement says that"
                        + " anything is deployed there",
                    repair: "\(git) update-ref -d \(marker) \(present.hex)")
            }
            return
        }
        if present == deployed {
            examination.add(.ok, "marker", "\(marker) is at \(deployed.short)")
        } else {
            examination.add(
                .wrong, "marker",
                "\(marker) is \(present.map { "at \($0.short)" } ?? "missing"), and the signed"
                    + " statements say \(deployed.short)",
                repair: "\(git) update-ref \(marker) \(deployed.hex)")
        }
    }

    private func examinePlan(
        _ chain: DeploymentChain, _ examination: inout Examination
    ) throws {
        guard let last = chain.last else { return }
        let ref = ReleaseRefsGuard.plan(last.deployment.releaseID)
        let blob = try repository.resolve(ref).target
        var isRight = false
        if let blob, try repository.header(blob)?.kind == .blob {
            let bytes = try repository.blob(blob, limit: ReleaseRefsGuard.planLimit)
            isRight = PlanDigest.of(bytes) == last.deployment.planDigest
        }
        if isRight { return }
        examination.add(
            .warn, "plan",
            "\(ref) is \(blob == nil ? "missing" : "not the plan that was signed")",
            repair: (blob.map { "\(git) update-ref -d \(ref) \($0.hex) and then " } ?? "")
                + "in the clone that started it: gate release")
    }
}
