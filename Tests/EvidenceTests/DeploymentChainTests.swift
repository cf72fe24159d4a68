import GitObjects
import Testing

@testable import Evidence

/// What may follow what, on one environment and train.
@Suite struct DeploymentChainTests {
    private static func id(_ number: Int) -> ObjectID {
        ObjectID(hex: String(repeating: "0", count: 39) + String(number)) ?? .zero
    }

    private static func image(_ digit: Character) -> Deployment.Image {
        .init(
            name: "api", uri: "registry.wrk.example/api",
            digest: String(repeating: digit, count: 64))
    }

    private static func step(
        _ outcome: Deployment.Outcome, _ release: Int, images: [Deployment.Image] = [image("a")],
        ticks: [String] = [], overrides: [Deployment.Override] = []
    ) -> Deployment {
        Deployment(
            environment: "staging", train: "all", releaseID: String(release),
            planDigest: String(repeating: "0", count: 64), images: images, ticks: ticks,
            outcome: outcome, operator: "alice@wrk.example", overrides: overrides, previous: nil,
            createdOn: "2026-11-23T09:00:00Z")
    }

    typealias Step = (outcome: Deployment.Outcome, revision: Int)

    /// A chain of steps whose releases are numbered as their revisions, without signatures.
    private static func chain(_ steps: [(Deployment, Int)]) -> DeploymentChain {
        var chain = DeploymentChain()
        for (deployment, revision) in steps {
            chain.append(link(deployment, id(revision), after: chain.last))
        }
        return chain
    }

    private static func link(
        _ deployment: Deployment, _ revision: ObjectID, after last: DeploymentChain.Link?
    ) -> DeploymentChain.Link {
        var deployment = deployment
        deployment.previous = last?.digest
        return DeploymentChain.Link(deployment, on: revision, digest: unique(last))
    }

    private static func unique(_ last: DeploymentChain.Link?) -> LineDigest {
        LineDigest(hashing: Array((last?.digest.hex ?? "first").utf8))
    }

    private static func problem(
        _ chain: DeploymentChain, _ next: Deployment, _ revision: Int
    ) -> String? {
        var next = next
        next.previous = chain.last?.digest
        return chain.problem(with: next, on: id(revision))
    }

    /// Ticks and images do not make a state younger; a rollback tells what it took away.
    @Test func whenAStateBegan() {
        let first = Self.chain([(Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1)])
        #expect(first.turn?.digest == first.last?.digest)
        let ticked = Self.chain([
            (Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1),
            (Self.step(.succeeded, 1, ticks: ["always-1"]), 1),
        ])
        #expect(ticked.turn?.digest == first.last?.digest)
        #expect(ticked.removal(of: "1") == nil)
        #expect(DeploymentChain().turn == nil)
        let back = Self.chain([
            (Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1),
            (Self.step(.started, 2), 2), (Self.step(.succeeded, 2), 2),
            (Self.step(.started, 3), 1), (Self.step(.rolledBack, 3), 1),
        ])
        #expect(back.removal(of: "2")?.digest == back.last?.digest)
        #expect(back.removal(of: "1") == nil && back.removal(of: "3") == nil)
        let again = Self.chain([
            (Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1),
            (Self.step(.started, 2), 2), (Self.step(.succeeded, 2), 2),
            (Self.step(.started, 3), 1), (Self.step(.rolledBack, 3), 1),
            (Self.step(.started, 2), 2),
        ])
        #expect(again.removal(of: "2") == nil)
    }

    @Test func whatMayFollow() {
        let started = Self.chain([(Self.step(.started, 1), 1)])
        let done = Self.chain([(Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1)])
        let failed = Self.chain([(Self.step(.started, 1), 1), (Self.step(.failed, 1), 1)])
        let ticked = Self.chain([
            (Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1),
            (Self.step(.succeeded, 1, ticks: ["x"]), 1),
        ])
        let none = "has no started before it"
        let cases: [(DeploymentChain, Deployment, Int, String?)] = [
            (DeploymentChain(), Self.step(.started, 1), 1, nil),
            (DeploymentChain(), Self.step(.succeeded, 1), 1, none),
            (DeploymentChain(), Self.step(.failed, 1), 1, none),
            (DeploymentChain(), Self.step(.rolledBack, 1), 1, none),
            (DeploymentChain(), Self.step(.started, 1, ticks: ["x"]), 1, "ticked before"),
            (started, Self.step(.succeeded, 1), 1, nil),
            (started, Self.step(.failed, 1), 1, nil),
            (started, Self.step(.succeeded, 1), 2, none),
            (started, Self.step(.succeeded, 2), 1, none),
            (started, Self.step(.succeeded, 1, images: [Self.image("b")]), 1, "not those with"),
            (started, Self.step(.succeeded, 1, images: []), 1, "not those with"),
            (started, Self.step(.started, 1, images: [Self.image("b")]), 1, "was exchanged"),
            (started, Self.step(.started, 2), 2, "is not recorded"),
            (started, Self.step(.rolledBack, 1), 1, "never ran"),
            (
                started,
                Self.step(.succeeded, 1, overrides: [.init(.freeze, reason: "x")]), 1,
                "was changed after its start"
            ),
            (done, Self.step(.succeeded, 1), 1, "recorded as succeeded before"),
            (done, Self.step(.succeeded, 1, ticks: ["x"]), 1, nil),
            (ticked, Self.step(.succeeded, 1, ticks: ["x", "y"]), 1, nil),
            (ticked, Self.step(.succeeded, 1, ticks: ["y", "z"]), 1, "was unticked"),
            (done, Self.step(.failed, 1), 1, none),
            (done, Self.step(.started, 2), 2, nil),
            (failed, Self.step(.succeeded, 1), 1, none),
            (failed, Self.step(.started, 1), 1, nil),
        ]
        for (chain, next, revision, expected) in cases {
            let problem = Self.problem(chain, next, revision)
            let holds = expected.map { problem?.contains($0) == true } ?? (problem == nil)
            #expect(holds, "\(next.outcome) \(revision): \(problem ?? "nothing")")
        }
    }

    @Test func aRollbackTakesBackWhatItLeaves() {
        let two = Self.chain([
            (Self.step(.started, 1), 1), (Self.step(.succeeded, 1), 1),
            (Self.step(.started, 2), 2), (Self.step(.succeeded, 2), 2),
        ])
        #expect(two.rollbackTarget?.revision == Self.id(1))
        #expect(two.proves(.init(revision: Self.id(2), images: [Self.image("a")])))
        #expect(!two.proves(.init(revision: Self.id(2), images: [Self.image("b")])))
        var back = two
        back.append(Self.link(Self.step(.started, 3), Self.id(1), after: back.last))
        #expect(Self.problem(back, Self.step(.rolledBack, 3), 1) == nil)
        #expect(back.open?.revision == Self.id(1))
        #expect(back.deployed?.revision == Self.id(2))
        back.append(Self.link(Self.step(.rolledBack, 3), Self.id(1), after: back.last))
        #expect(back.deployed?.revision == Self.id(1))
        #expect(!back.proves(.init(revision: Self.id(2), images: [Self.image("a")])))
        #expect(back.rollbackTarget == nil)
        var failed = two
        failed.append(Self.link(Self.step(.started, 4), Self.id(4), after: failed.last))
        #expect(failed.rollbackTarget?.revision == Self.id(2))
        failed.append(Self.link(Self.step(.failed, 4), Self.id(4), after: failed.last))
        #expect(failed.rollbackTarget?.revision == Self.id(2))
    }
}
