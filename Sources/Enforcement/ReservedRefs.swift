import Evidence
import GitObjects
import Policy

/// Names under which nobody but gate may write, or nobody at all.
enum ReservedRefs {
    /// `refs/notes/gate`, `refs/gate/heads`, the refs of claims, the markers and the plans are
    /// written by pushes that their guards allow.
    static func isGuarded(_ name: RefName) -> Bool {
        name == "refs/notes/gate" || name == "refs/gate/heads" || isClaim(name)
            || parts(of: name, below: "refs/gate/deployed/") == 2
            || parts(of: name, below: "refs/gate/releases/") == 1
    }

    /// How many parts of a name stand behind a folder; 0 when it is not inside, or has an empty one.
    private static func parts(of name: RefName, below folder: String) -> Int {
        guard name.starts(with: folder) else { return 0 }
        let parts = name.bytes.dropFirst(folder.utf8.count)
            .split(separator: 0x2f, omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty } ? parts.count : 0
    }

    static func isClaim(_ name: RefName) -> Bool { Claim.tree(of: name) != nil }

    /// What is wrong with a push to this name; nil when it is no reserved one.
    static func finding(for name: RefName, resolved: RefName) -> Finding? {
        for candidate in [name, resolved] {
            if !candidate.starts(with: "refs/") {
                return finding(name, "is no full ref name", "push to refs/heads/…")
            }
            let path = TreePath(candidate.bytes)
            if path.isInside("refs/replace") {
                return finding(
                    name, "would make git read one object as another",
                    "replace refs stay in the clone that made them")
            }
            if candidate == "refs/gate" || candidate == "refs/notes" {
                return finding(
                    name, "would take the place of refs below it that gate needs",
                    "choose another name")
            }
            if isGuarded(candidate) { continue }
            if path.isInside("refs/gate") || path.isInside("refs/notes/gate") {
                return finding(
                    name, "is a name of gate's own", "choose a name outside refs/gate/")
            }
        }
        return nil
    }

    private static func finding(
        _ name: RefName, _ problem: String, _ advice: String
    ) -> Finding {
        Finding(.reservedRef, ref: name, "\(name) \(problem)", remedies: [.advice(advice)])
    }
}
