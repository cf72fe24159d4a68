import Enforcement
import Evidence
import GitObjects
import Policy

/// The commands with which anybody checks a line of evidence with git, sed and ssh-keygen alone.
struct HandVerification {
    /// The commit whose `policies/allowed_signers` says whose keys count.
    let policyCommit: ObjectID

    /// A script that can be pasted into a POSIX shell as it stands: it makes three files of a line,
    /// what is signed (DSSE's pre-authentication encoding), the armoured signature and the keys.
    func lines(_ entries: [Archive.Entry]) -> [String] {
        let checkable = entries.filter { $0.evidence?.principal != nil }
        if checkable.isEmpty { return [] }
        var lines = [
            "",
            "By hand:",
            "git show \(policyCommit.hex):policies/allowed_signers > allowed_signers",
            "line() {  # object, number of the line",
            "  git notes --ref=gate show \"$1\" | sed -n \"$2p\" > line",
            "  sed 's/.*\"payload\":\"\\([^\"]*\\)\".*/\\1/' line | base64 -d > payload",
            "  printf 'DSSEv1 28 application/vnd.in-toto+json %d ' $(wc -c < payload) > signed",
            "  cat payload >> signed",
            "  { echo '-----BEGIN SSH SIGNATURE-----'",
            "    sed 's/.*\"sig\":\"\\([^\"]*\\)\".*/\\1/' line | fold -w 70",
            "    echo '-----END SSH SIGNATURE-----'; } > signature",
            "}",
        ]
        for entry in checkable {
            guard let evidence = entry.evidence, let principal = evidence.principal else {
                continue
            }
            let namespace = evidence.line.statement.predicate.namespace
            lines.append("line \(entry.object.hex) \(entry.number)")
            lines.append(
                "ssh-keygen -Y verify -f allowed_signers -I \(shellWord(principal.name.utf8))"
                    + " -n \(namespace) -s signature < signed")
        }
        return lines
    }
}
