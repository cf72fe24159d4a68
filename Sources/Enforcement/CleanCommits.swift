import GitObjects
import Policy

/// The commits of a push in which the rules of a ruleset about single commits found nothing. A push
/// of fifty branches brings most of its commits fifty times; what they contain is looked at once.
///
/// Belongs to one judgement: what a ruleset says must not change meanwhile.
final class CleanCommits {
    private var known: [String: Set<ObjectID>] = [:]

    /// Those of the commits that are not known.
    func unknown(_ commits: [Commit], to ruleset: Ruleset) -> [Commit] {
        guard let known = known[ruleset.name] else { return commits }
        return commits.filter { !known.contains($0.id) }
    }

    func remember(_ commits: some Sequence<Commit>, of ruleset: Ruleset) {
        known[ruleset.name, default: []].formUnion(commits.lazy.map(\.id))
    }
}
