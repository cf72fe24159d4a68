public import GitObjects

/// One first-parent step of a protected ref: the shape of a landing, before it is judged.
public struct Landing: Hashable, Sendable {
    /// How the commit says that its change came in.
    public enum Form: Hashable, Sendable {
        /// Two parents: the second is the change's head.
        case merge(head: ObjectID)
        /// One parent and exactly one `Gate-Head:` trailer.
        case squash(head: ObjectID)
        /// One parent and no such trailer: either itself the reviewed head, or a squash whose own
        /// difference is that of a reviewed change.
        case single
        /// Three parents or more.
        case octopus
        /// One parent and `Gate-Head:` lines that name no commit or several.
        case ambiguousHead
    }

    public let commit: Commit
    /// The landing before this one: the first parent.
    public let predecessor: ObjectID
    public let form: Form

    /// The landing that a commit is; nil for a root commit.
    public init?(_ commit: Commit) {
        guard let first = commit.parents.first else { return nil }
        self.commit = commit
        predecessor = first
        switch commit.parents.count {
        case 1:
            let heads = Trailers(of: commit).values(of: "Gate-Head")
            if heads.isEmpty {
                form = .single
            } else if heads.count == 1, let head = ObjectID(hex: heads[0]) {
                form = .squash(head: head)
            } else {
                form = .ambiguousHead
            }
        case 2: form = .merge(head: commit.parents[1])
        default: form = .octopus
        }
    }

    /// The head that the landing names; the landing itself where it names none.
    public var head: ObjectID {
        switch form {
        case .merge(let head), .squash(let head): head
        case .single, .octopus, .ambiguousHead: commit.id
        }
    }
}

/// The first-parent steps by which a ref moves from one commit to another.
public enum FirstParentPath: Sendable {
    /// The landings after the old tip, oldest first.
    case landings([Landing])
    /// The new tip does not lead back to the old one along first parents alone. `swap` is a commit
    /// that has the old tip as a later parent: "master merged into the branch", pushed as master,
    /// would make the branch's commits the landings and master a side line.
    case broken(swap: ObjectID?)

    /// Walks from `new` along first parents to `old`.
    ///
    /// - Parameter fresh: the commits reachable from `new` and not from `old`; the walk stays
    ///   inside them, so that a foreign history is not walked to its root.
    public static func between(
        _ old: ObjectID, _ new: ObjectID, fresh: Set<ObjectID>, in history: some HistorySource
    ) throws(GitError) -> FirstParentPath {
        var landings: [Landing] = []
        var current = new
        while current != old {
            guard fresh.contains(current), let landing = Landing(try history.commit(current))
            else { return .broken(swap: nil) }
            if landing.commit.parents.dropFirst().contains(old) {
                return .broken(swap: landing.commit.id)
            }
            landings.append(landing)
            current = landing.predecessor
        }
        return .landings(landings.reversed())
    }
}
