import Enforcement
import GitObjects

/// An audit in lines for people: one for each landing, and under it what was missing.
struct AuditText {
    private let audit: Audit

    init(_ audit: Audit) { self.audit = audit }

    func lines(onlyRefused: Bool) -> [String] {
        let width = AuditedLanding.State.allCases.map(\.rawValue.count).max() ?? 0
        var lines: [String] = []
        let gaps = Set(audit.gaps.map(\.commit))
        for landing in audit.landings {
            let isGap = gaps.contains(landing.commit)
            if onlyRefused, !isGap, ![.refused, .undetermined].contains(landing.state) { continue }
            let state = landing.state.rawValue
            let padding = String(repeating: " ", count: width - state.count)
            let title = shown(landing.title.prefix(60))
            lines.append("\(state)\(padding)  \(landing.commit.short)  \(title)")
            lines += details(of: landing, isGap: isGap)
        }
        return lines + summary
    }

    private func details(of landing: AuditedLanding, isGap: Bool) -> [String] {
        if let reason = landing.reason {
            return isGap ? ["  \(reason), and landings before it were gated"] : []
        }
        guard let verdict = landing.verdict else { return [] }
        // The first line repeats which ref moved from where to where.
        var lines = Array(VerdictText().lines(verdict).dropFirst())
        if let earlier = landing.evidenceNamedBy {
            lines.append(
                "  evidence     it names older evidence than \(earlier.short) before it, and was"
                    + " judged by that")
        }
        if landing.holdsByNow {
            lines.append("  by now       it would hold: evidence came after it was made")
        }
        if landing.isProven == false, landing.state == .held || landing.state == .bypassed {
            lines.append("  not proven   its own tree has not passed every required check")
        }
        return lines
    }

    private var summary: [String] {
        let landings = audit.landings.count
        var line = "\(audit.ref)  \(landings) \(landings == 1 ? "landing" : "landings")"
        line += " up to \(audit.head.short)"
        if let policy = audit.policy {
            line += ", by the policy of \(policy.short)"
        } else if let first = audit.gatedSince {
            line += ", gated since \(first.commit.short) (\(UTCTime.text(first.time).prefix(10)))"
        } else {
            line += ", none of them gated"
        }
        let counts = AuditedLanding.State.allCases.compactMap { state -> String? in
            let count = audit.count(state)
            return count == 0 ? nil : "\(state.rawValue) \(count)"
        }
        return [line] + (counts.isEmpty ? [] : ["  " + counts.joined(separator: ", ")])
    }
}
