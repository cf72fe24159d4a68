import Evidence
import GitObjects
import History
import Ledger

extension ReleasePlan {
    /// The plan in lines for people.
    ///
    /// - Parameter now: in seconds since 1970, for the changes' age; nil leaves it out.
    public func table(now: Timestamp?) -> [String] {
        var lines = [headline]
        var rows: [[String]] = []
        var listed: [ObjectID: String] = [:]
        for change in changes {
            // A hotfix and its pick are one change to a reader: the row of the one that lands now
            // names the other.
            if change.state.kind == .alreadyShipped, let match = change.state.match,
                listed[match] != nil
            {
                continue
            }
            listed[change.landing.id] = change.id
            rows.append([
                change.id, shown(change.title), Self.names(change.authors, change.reviewers),
                change.services.joined(separator: " "),
                now.map { Self.age(of: change.landed, at: $0) } ?? "", note(on: change),
            ])
        }
        lines += Self.aligned(rows).map { "  " + $0 }
        let on = flags.filter(\.turnsOn).map(\.name)
        if !on.isEmpty { lines.append("turns on: " + Self.list(on)) }
        let off = flags.filter(\.turnsOff).map(\.name)
        if !off.isEmpty { lines.append("turns off: " + Self.list(off)) }
        lines += warnings.map { "warning: \(shown($0.text.utf8))" }
        return lines + stoppedBy.flatMap(\.lines)
    }

    private static func list(_ names: [String]) -> String {
        names.map { shown($0.utf8) }.joined(separator: ", ")
    }

    private var headline: String {
        let environment = shown(request.environment.utf8)
        let branch = request.ref.short
        let count = changes.count { $0.state.kind == .included }
        let many = "\(count) \(count == 1 ? "change" : "changes")"
        switch range.relation {
        case .first:
            return "nothing is deployed to \(environment) yet; \(many) up to \(range.head.short)"
        case .none:
            return "\(environment) is at \(range.head.short): nothing to push"
                + (stoppedBy.isEmpty ? "" : " before what is held back")
        case .forward:
            return "\(environment) is \(many) behind \(range.head.short) of \(branch)"
        case .backward:
            let gone = changes.count
            return "\(range.head.short) is \(gone) \(gone == 1 ? "change" : "changes") older than "
                + "what \(environment) has: a rollback"
        case .diverged:
            return "\(environment) is \(many) behind \(range.head.short) of \(branch), and was "
                + "deployed from a side branch"
        }
    }

    private func note(on change: Entry) -> String {
        var notes: [String] = []
        switch change.state.kind {
        case .included: break
        case .reverted: notes.append("reverted")
        case .alreadyShipped:
            let other = changes.first { $0.landing.id == change.state.match && $0.id != change.id }
            notes.append("already shipped" + (other.map { " as \($0.id)" } ?? ""))
        case .removed: notes.append("goes away")
        }
        if change.state.kind != .alreadyShipped, change.state.matchedBy == .number {
            notes.append("perhaps shipped as \(change.state.match?.short ?? "another")")
        }
        if !change.bypasses.isEmpty { notes.append("bypass") }
        for held in holds where held.landing == change.landing.id {
            notes.append("held back by \(held.by): \(shown(held.hold.reason.utf8))")
        }
        notes += change.migrations.map { "migration \(shown($0.name))" }
        return notes.joined(separator: ", ")
    }

    private static func names(_ authors: [Mailmap.Person], _ reviewers: [Mailmap.Person]) -> String
    {
        func short(_ people: [Mailmap.Person]) -> String {
            people.map { person in
                let local = person.email.prefix { $0 != 0x40 }
                return shown(person.name.isEmpty ? Array(local) : person.name)
            }.joined(separator: ", ")
        }
        return reviewers.isEmpty ? short(authors) : "\(short(authors)) / \(short(reviewers))"
    }

    /// The largest unit only: `3d`.
    private static func age(of landed: Timestamp, at now: Timestamp) -> String {
        let seconds = max(0, now.seconds - landed.seconds)
        switch seconds {
        case ..<3600: return "\(seconds / 60)m"
        case ..<86_400: return "\(seconds / 3600)h"
        default: return "\(seconds / 86_400)d"
        }
    }

    private static let widest = 60

    private static func aligned(_ rows: [[String]]) -> [String] {
        let columns = rows.first?.count ?? 0
        let cut = rows.map { row in
            row.map { $0.count > widest ? $0.prefix(widest - 1) + "…" : $0 }
        }
        let widths = (0..<columns).map { column in cut.map { $0[column].count }.max() ?? 0 }
        return cut.map { row in
            var line = ""
            for (text, width) in zip(row, widths) where width > 0 {
                line += text + String(repeating: " ", count: width - text.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
