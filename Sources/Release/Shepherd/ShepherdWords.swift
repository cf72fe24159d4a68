import GitObjects
public import JSON
public import Policy

extension ShepherdDraw {
    /// Why nobody is drawn, as a clause; empty when somebody is.
    public var reason: String {
        switch rest {
        case .holiday: "a holiday"
        case .weekday: "no day of the rotation"
        case .everybodyAway: "everybody is away"
        case .noRotation: "the policy has no rotation"
        case nil: ""
        }
    }

    /// How it was drawn, in lines for people.
    public func explanation() -> [String] {
        var lines: [String] = []
        if principal != nil {
            lines.append("\(date), cycle \(cycle), SHA-256 \(digest.prefix(12))…")
            for one in passed {
                let why = one.reason == .away ? "is away and keeps the turn" : "was the last"
                lines.append("before: \(shown(one.member.name.utf8)) \(why)")
            }
            let names = waiting.map { shown($0.name.utf8) }.joined(separator: ", ")
            lines.append("in the bag still: " + (names.isEmpty ? "nobody" : names))
            lines.append("order: the lowest SHA-256 of repository, cycle and name")
        }
        if let roster { lines.append("roster: \(roster.hex.prefix(12))") }
        return lines
    }

    /// As `gate shepherd --json` and the manifest have it.
    public func json() -> JSON {
        [
            "principal": JSON(principal?.name ?? ""),
            "draw": [
                "date": JSON(date.description), "rest": JSON(rest?.rawValue ?? ""),
                "cycle": JSON(cycle), "digest": JSON(digest),
                "passed": JSON(
                    passed.map {
                        ["principal": JSON($0.member.name), "reason": JSON($0.reason.rawValue)]
                    }),
                "waiting": JSON(waiting.map { JSON($0.name) }),
                "roster": JSON(roster?.hex ?? ""),
            ],
        ]
    }
}

/// A letter to the shepherd, as sendmail(8) takes it with `-t`.
public struct ShepherdMail {
    public let text: String

    public init(_ draw: ShepherdDraw, to principal: Principal) {
        let name = shown(principal.name.utf8)
        let lines = [
            "To: \(name)",
            "Subject: You push on \(draw.date)",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "Auto-Submitted: auto-generated",
            "",
            "Good morning,",
            "",
            "on \(draw.date) you are the shepherd: the push to production is yours.",
            "",
            "    gate range      what has landed since the last one",
            "    gate release    starts it, and asks for each next step",
            "",
            "Why you: gate shepherd --date \(draw.date) --explain",
        ]
        text = lines.joined(separator: "\n")
    }
}
