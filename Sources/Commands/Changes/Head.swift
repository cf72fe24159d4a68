import Enforcement
import Git
import GitObjects
import History
import Hooks
import Policy

/// The head of a change that a command is about.
struct Head {
    let id: ObjectID
    /// The branch of the server that is there; nil when none is.
    let branch: RefName?

    /// How a suggested command names it.
    var word: String {
        branch.map { shellWord($0.bytes.dropFirst(Self.heads.utf8.count)) } ?? digits
    }

    /// Enough digits that no repository of human size has two objects with them.
    var digits: String { String(id.hex.prefix(12)) }

    /// `fix-payout  9ab03e7`
    var title: String {
        branch.map { "\($0.short)  \(id.short)" } ?? id.short
    }

    static let heads = "refs/heads/"

    /// Whether a name means what is checked out here, and never a branch of the server.
    static func isHere(_ name: String) -> Bool {
        name.hasPrefix("HEAD") || name.hasPrefix("@")
    }
}

extension Workplace {
    /// What the user means: a branch of the server, a commit that one of its branches is at, or any
    /// revision here; without a name what is checked out.
    ///
    /// The server's branch goes before one of the same name here: what others review and what lands
    /// is what was pushed.
    mutating func head(_ name: String?) throws -> Head {
        guard let name, !Head.isHere(name) else {
            return try headHere(name ?? "HEAD")
        }
        let branch = Clone.branch(name)
        if branch.starts(with: Head.heads), let id = try view.resolve(branch).target {
            try noteLocalBranch(branch, id)
            return Head(id: id, branch: branch)
        }
        if let pushed = try pushedHead(startingWith: name) {
            if try repository.header(pushed.id) == nil {
                try refresh(branches: [pushed.branch].compactMap { $0 })
            }
            return pushed
        }
        return try headHere(name)
    }

    private func headHere(_ name: String) throws -> Head {
        let id = try clone.commit(name)
        let branches = try view.references(startingWith: Head.heads).filter {
            $0.target == id && !policy.isProtected($0.name) && $0.name != view.defaultBranch
        }
        let current = try repository.head().name
        let branch = branches.first { $0.name == current } ?? branches.first
        return Head(id: id, branch: branch?.name)
    }

    /// The branch whose tip an abbreviated id names, though this clone may not have it yet.
    private func pushedHead(startingWith digits: String) throws -> Head? {
        let isID =
            (7...40).contains(digits.utf8.count)
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isID else { return nil }
        let branches = try view.references(startingWith: Head.heads).filter {
            $0.target?.hex.hasPrefix(digits) ?? false
        }
        guard let first = branches.first, let id = first.target,
            branches.allSatisfy({ $0.target == id })
        else { return nil }
        return Head(id: id, branch: first.name)
    }

    private func noteLocalBranch(_ branch: RefName, _ id: ObjectID) throws {
        guard let own = try repository.resolve(branch).target, own != id else { return }
        Screen.note(
            "note: \(branch.short) is at \(id.short) on \(server) and at \(own.short) here;"
                + " this is about \(id.short)")
    }
}
