import GitObjects
import Policy

/// Sets of path patterns (one for each service, one for migrations…), asked together: which of
/// them does a path belong to?
///
/// A path is looked at once however often it changes, and only patterns that could match its
/// first folder are tried: fifty services cost little more than one.
struct PathGroups {
    private struct Member {
        let group: Int
        let pattern: PathPattern
    }

    /// Patterns whose first part is a plain name, by that name.
    private var rooted: [[UInt8]: [Member]] = [:]
    private var anywhere: [Member] = []
    private var known: [TreePath: [Int]] = [:]

    init(_ groups: [[PathPattern]]) {
        for (index, patterns) in groups.enumerated() {
            for pattern in patterns {
                let member = Member(group: index, pattern: pattern)
                if let root = Self.plainRoot(pattern.text) {
                    rooted[root, default: []].append(member)
                } else {
                    anywhere.append(member)
                }
            }
        }
    }

    /// The indices of the groups that have a pattern for this path, ascending.
    mutating func groups(of path: TreePath) -> [Int] {
        if let groups = known[path] { return groups }
        let root = Array(path.bytes.prefix { $0 != 0x2f })
        var found: [Int] = []
        for member in (rooted[root] ?? []) + anywhere
        where found.last != member.group && member.pattern.matches(path) {
            found.append(member.group)
        }
        let groups = Set(found).sorted()
        known[path] = groups
        return groups
    }

    private static func plainRoot(_ pattern: String) -> [UInt8]? {
        let root = Array(pattern.utf8.prefix { $0 != 0x2f })
        let special = Array("*?[]\\!{}".utf8)
        return root.isEmpty || root.contains(where: special.contains) ? nil : root
    }
}
