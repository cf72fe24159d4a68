import GitObjects
import History

/// What people must see before they push, the most dangerous first.
struct PlanWarnings {
    let all: [ReleasePlan.Warning]

    /// - Parameter migrations: those that differ from what is deployed.
    init(
        changes: [ReleasePlan.Entry], migrations: [Migration], flagProblems: [String],
        relation: LandingRange.Relation
    ) {
        var all: [ReleasePlan.Warning] = []
        for migration in migrations where migration.event != .added {
            all.append(
                .init(
                    kind: .editedMigration,
                    text: "\(migration.path) is deployed and was \(migration.event.rawValue)"))
        }
        if relation == .diverged {
            for change in changes where change.state.kind == .removed {
                all.append(
                    .init(
                        kind: .lostChange,
                        text: "\(change.id) \(shown(change.title)) is deployed and not in "
                            + "the head: this push takes it away"))
            }
        }
        for change in changes where !change.state.partlyReverts.isEmpty {
            let targets = change.state.partlyReverts.map { target in
                changes.first { $0.landing.id == target }?.id ?? target.short
            }
            all.append(
                .init(
                    kind: .partialRevert,
                    text: "\(change.id) takes back only a part of "
                        + targets.joined(separator: ", ") + ", or edits more"))
        }
        for problem in flagProblems { all.append(.init(kind: .unreadableFlags, text: problem)) }
        for change in changes {
            for bypass in change.bypasses {
                all.append(
                    .init(
                        kind: .bypassed,
                        text: "\(change.id) landed by a bypass of \(bypass.ruleset) by "
                            + "\(bypass.principal): \(shown(bypass.reason.utf8))"))
            }
        }
        self.all = all
    }
}
