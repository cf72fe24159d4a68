import Git
import GitObjects
import History
import Testing

@testable import Ledger

@Suite struct ReleaseRefsGuardTests {
    @Test func plansAndMarkersOnlyRepeatWhatIsSigned() throws {
        let bench = try Bench()
        let writer = try bench.clone("work")
        let unsigned = ReleaseRefsGuard(
            writer.repository, policy: policy([]),
            evidence: try NoteStore(writer.repository, tip: nil))
        let one = try writer.writeBlob(Array("{}".utf8))
        let two = try writer.writeBlob(Array("{\"kind\":\"ReleaseManifest\"}".utf8))
        let (plan, marker) = (
            ReleaseRefsGuard.plan("1"),
            ReleaseRefsGuard.marker(environment: "production", train: "all")
        )
        for (ref, old, new, expected) in [
            (plan, nil, one, "no signed deployment is called 1"),
            (plan, one, two, "a plan is fixed when its release starts"),
            (plan, one, nil, "a plan may not be deleted"),
            (marker, one, nil, "a marker may not be deleted"),
            (
                marker, nil, one,
                "no signed statement says that anything is deployed to production/all"
            ),
            ("refs/gate/plan/1/2", nil, one, "is no name of a marker or of a plan"),
        ] as [(RefName, ObjectID?, ObjectID?, String)] {
            let problems = try unsigned.problems(with: ref, old: old, new: new).map(\.problem)
            #expect(problems == [expected])
        }
    }
}
