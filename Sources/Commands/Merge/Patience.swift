import Git
import GitObjects
import History
import Hooks
import Spawn

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Waits until a change has the checks and reviews that it needs.
struct Patience {
    let minutes: Int

    /// Seconds between two looks at the server.
    private static let interval: UInt32 = 4

    /// Returns when nothing is missing, or nothing that waiting could bring.
    ///
    /// - Throws: when the time is up, or the branch has moved to commits that nobody asked to land.
    func wait(for head: Head, onto: String?, in workplace: inout Workplace) throws {
        let deadline = MonotonicClock.seconds + Double(minutes * 60)
        var told = ""
        defer { if Screen.isInteractive && !told.isEmpty { Screen.note("") } }
        while true {
            let target = try workplace.target(onto)
            if try workplace.repository.isAncestor(head.id, of: target.tip) { return }
            let checklist = try workplace.checklist(of: head, onto: target)
            if checklist.isComplete || !checklist.isWorthWaiting { return }
            guard MonotonicClock.seconds < deadline else {
                throw CommandFailure.refused(
                    "\(head.title) still lacks something after \(minutes) minute\(minutes == 1 ? "" : "s")",
                    details: checklist.lines)
            }
            tell(checklist.missing, &told)
            sleep(Self.interval)
            try workplace.refresh()
            if let branch = head.branch, let now = try workplace.view.resolve(branch).target,
                now != head.id
            {
                throw CommandFailure.refused(
                    "\(branch.short) moved from \(head.id.short) to \(now.short) meanwhile",
                    hint: "look at it, then: gate merge \(head.word)\(target.option) --wait")
            }
        }
    }

    /// One line that is rewritten on a terminal, and elsewhere a line for each change.
    private func tell(_ missing: String, _ told: inout String) {
        let text = "waiting for \(missing)"
        if Screen.isInteractive {
            Screen.prompt("\r\u{1b}[K\(text.prefix(78))")
        } else if text != told {
            Screen.note(text)
        }
        told = text
    }
}
