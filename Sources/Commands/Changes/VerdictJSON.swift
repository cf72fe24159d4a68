import Enforcement
import Evidence
import GitObjects
import History
import JSON
import Policy

/// Verdicts for machines, as docs/reference/json.md describes them.
extension Verdict {
    func json(isWatching: Bool) -> JSON {
        let word = isAllowed ? "allowed" : exitCode == 1 ? "refused" : "undetermined"
        return [
            "schemaVersion": 1, "kind": "Verdict", "verdict": JSON(word),
            "watching": JSON(isWatching), "updates": JSON(updates.map(\.json)),
        ]
    }
}

extension UpdateVerdict {
    var json: JSON {
        var word = "allowed"
        var problem: String?
        switch outcome {
        case .allowed: break
        case .refused: word = "refused"
        case .undetermined(let error):
            word = "undetermined"
            problem = error.description
        }
        return [
            "ref": JSON(shown(update.ref.bytes)), "resolved": JSON(shown(resolved.bytes)),
            "old": JSON(update.old.hex), "new": JSON(update.new.hex), "verdict": JSON(word),
            "error": JSON(problem), "findings": JSON(findings.map(\.json)),
            "evaluated": JSON(observations.map(\.json)), "bypasses": JSON(bypasses.map(\.json)),
            "landings": JSON(landings.map(\.json)),
        ]
    }
}

extension Finding {
    var json: JSON {
        [
            "rule": JSON(rule.rawValue), "ruleset": JSON(ruleset), "ref": JSON(shown(ref.bytes)),
            "commit": JSON(commit?.hex), "path": JSON(path.map { shown($0.bytes) }),
            "problem": JSON(problem), "remedies": JSON(remedies.map(\.json)),
        ]
    }
}

extension Remedy {
    var json: JSON {
        switch self {
        case .command(let text): ["command": JSON(text)]
        case .advice(let text): ["advice": JSON(text)]
        }
    }
}

extension UsedBypass {
    var json: JSON {
        [
            "ruleset": JSON(ruleset), "principal": JSON(principal.name), "reason": JSON(reason),
            "line": JSON(line.hex), "lifted": JSON(lifted.map(\.json)),
        ]
    }
}

extension JudgedLanding {
    var json: JSON {
        [
            "commit": JSON(commit.hex), "head": JSON(head.hex),
            "method": JSON(method?.rawValue), "handMade": JSON(handMade),
            "approvers": JSON(approvers.map(\.name)), "evidence": JSON(evidence.map(\.hex)),
        ]
    }
}
