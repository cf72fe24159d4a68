import Policy
import Testing

@testable import Hooks

@Suite struct PushChecksTests {
    private static let pylint = CheckDefinition(name: "pylint", run: "pylint .")
    private static let unit = CheckDefinition(name: "unit", run: "pytest")
    private static let newUnit = CheckDefinition(name: "unit", run: "pytest -q")
    private static let mine = CheckDefinition(name: "mine", run: "true")

    private func choose(
        law: CheckList?, own: CheckList?, base: CheckList? = nil, skip: [String] = [],
        local: LocalChecks = LocalChecks()
    ) throws -> PushChecks {
        try PushChecks(law: law, own: own, base: base, skip: skip) { _ in local }
    }

    private func names(_ checks: PushChecks) -> [String] {
        checks.groups.flatMap { group in group.checks.map { "\(group.origin) \($0.run)" } }
    }

    @Test func theTargetsPolicySaysWhatRuns() throws {
        let law = CheckList(checks: [Self.pylint, Self.unit], onPush: ["pylint"])
        #expect(names(try choose(law: law, own: nil)) == ["policy pylint ."])
        #expect(names(try choose(law: law, own: law)) == ["policy pylint ."])
    }

    @Test func withoutAPolicyTheCommitSaysIt() throws {
        let own = CheckList(checks: [Self.pylint, Self.unit], onPush: ["unit"])
        #expect(names(try choose(law: nil, own: own)) == ["policy pytest"])
        #expect(try choose(law: nil, own: nil).isEmpty)
    }

    /// Only what this push changes: a branch that is merely older brings back no old definition.
    @Test func aChangedDefinitionIsTriedInItsNewForm() throws {
        let old = CheckList(checks: [Self.pylint, Self.unit], onPush: ["pylint"])
        let new = CheckList(checks: [Self.pylint, Self.newUnit], onPush: ["pylint"])
        #expect(
            names(try choose(law: old, own: new, base: old)) == [
                "policy pylint .", "changed pytest -q",
            ])
        #expect(names(try choose(law: new, own: old, base: old)) == ["policy pylint ."])
        #expect(
            names(try choose(law: old, own: new, base: nil)) == [
                "policy pylint .", "changed pytest -q",
            ])
    }

    @Test func whatACheckNeedsComesWithIt() throws {
        var build = CheckDefinition(name: "build", run: "make")
        build.needs = ["pylint"]
        var unit = Self.unit
        unit.needs = ["build"]
        let law = CheckList(checks: [Self.pylint, build, unit], onPush: ["unit"])
        #expect(
            names(try choose(law: law, own: nil))
                == ["policy pylint .", "policy make", "policy pytest"])
    }

    @Test func theDeveloperAddsAndLeavesOut() throws {
        let law = CheckList(checks: [Self.pylint, Self.unit], onPush: ["pylint", "unit"])
        let checks = try choose(
            law: law, own: nil, skip: ["pylint", "pylnit"],
            local: LocalChecks(checks: [Self.mine], skip: ["unit", "nothing"]))
        #expect(names(checks) == ["local true"])
        #expect(
            checks.skipped.map { "\($0.name) \($0.by)" } == [
                "pylint GATE_SKIP", "unit .gate.local.yml",
            ])
        #expect(checks.unknown.map(\.name) == ["pylnit", "nothing"])
    }
}
