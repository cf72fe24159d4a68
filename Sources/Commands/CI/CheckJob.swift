import GitObjects
import JSON

/// What a runner tells the process that runs the checks: everything but a key.
struct CheckJob: Equatable {
    /// The git folder of the repository that has the tree.
    let repository: String
    let tree: ObjectID
    /// nil for a merge that nobody has made yet.
    let commit: ObjectID?
    let parents: [ObjectID]
    /// The commit whose policy defines the checks.
    let policy: ObjectID
    let checks: [String]
    /// How many checks run at the same time.
    let jobs: Int

    var json: JSON {
        [
            "repository": JSON(repository), "tree": JSON(tree.hex), "commit": JSON(commit?.hex),
            "parents": JSON(parents.map(\.hex)), "policy": JSON(policy.hex),
            "checks": JSON(checks), "jobs": JSON(jobs),
        ]
    }

    init(
        repository: String, tree: ObjectID, commit: ObjectID?, parents: [ObjectID],
        policy: ObjectID, checks: [String], jobs: Int
    ) {
        self.repository = repository
        self.tree = tree
        self.commit = commit
        self.parents = parents
        self.policy = policy
        self.checks = checks
        self.jobs = jobs
    }

    init?(_ json: JSON) {
        func id(_ value: JSON?) -> ObjectID? {
            value?.stringValue.flatMap { ObjectID(hex: $0.utf8) }
        }
        guard let repository = json["repository"]?.stringValue, let tree = id(json["tree"]),
            let policy = id(json["policy"]), let jobs = json["jobs"]?.integerValue,
            let parents = json["parents"]?.arrayValue, let checks = json["checks"]?.arrayValue
        else { return nil }
        self.repository = repository
        self.tree = tree
        commit = id(json["commit"])
        self.parents = parents.compactMap { id($0) }
        self.policy = policy
        self.checks = checks.compactMap(\.stringValue)
        self.jobs = Int(jobs)
        guard self.parents.count == parents.count, self.checks.count == checks.count else {
            return nil
        }
    }
}
