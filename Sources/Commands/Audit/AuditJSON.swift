import Enforcement
import GitObjects
import JSON

/// Audits for machines, as docs/reference/json.md describes them.
extension Audit {
    func json(onlyRefused: Bool) -> JSON {
        let gaps = Set(self.gaps.map(\.commit))
        let listed = landings.filter {
            !onlyRefused || [.refused, .undetermined].contains($0.state)
                || gaps.contains($0.commit)
        }
        let word = ["held", "refused", "", "undetermined"][Int(exitCode)]
        return [
            "schemaVersion": 1, "kind": "Audit", "verdict": JSON(word),
            "ref": JSON(shown(ref.bytes)), "base": JSON(base?.hex), "head": JSON(head.hex),
            "policy": JSON(policy?.hex), "trusted": JSON(trusted?.hex),
            "evidence": JSON(evidence?.hex), "gatedSince": JSON(gatedSince?.commit.hex),
            "counts": [
                "held": JSON(count(.held)), "bypassed": JSON(count(.bypassed)),
                "refused": JSON(count(.refused)), "undetermined": JSON(count(.undetermined)),
                "ungated": JSON(count(.ungated)),
            ],
            "landings": JSON(listed.map { $0.json(isGap: gaps.contains($0.commit)) }),
        ]
    }
}

extension AuditedLanding {
    fileprivate func json(isGap: Bool) -> JSON {
        [
            "commit": JSON(commit.hex), "predecessor": JSON(predecessor?.hex),
            "title": JSON(shown(title)), "committedOn": JSON(UTCTime.text(time)),
            "state": JSON(state.rawValue), "reason": JSON(reason), "gap": JSON(isGap),
            "policy": JSON(policy?.hex), "evidence": JSON(evidence?.hex),
            "evidenceIsOfItsTime": JSON(evidenceIsOfItsTime),
            "evidenceNamedBy": JSON(evidenceNamedBy?.hex), "holdsByNow": JSON(holdsByNow),
            "proven": isProven.map { JSON($0) } ?? .null, "verdict": verdict?.json ?? .null,
        ]
    }
}
