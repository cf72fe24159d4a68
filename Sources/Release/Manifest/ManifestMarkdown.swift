import JSON

extension Manifest {
    /// The manifest as Markdown (CommonMark, with GitHub's tables and tasks), what surprises
    /// people first.
    public func markdown() -> String {
        var lines = ["# " + Self.escaped(heading), ""]
        let base = json.text("range", "base", "revision").prefix(12)
        let head = json.text("range", "head", "revision").prefix(12)
        lines.append(
            "`\(base.isEmpty ? "nothing" : base)` → `\(head)`, \(json.text("range", "relation"))")
        section("Warnings", warnings, &lines)
        section("Held back", heldBack, &lines)
        section("Turns on today", turnsOn, &lines)
        section("Turns off today", turnsOff, &lines)
        changes(&lines)
        section(
            "Services", json.list("services").filter { $0.flag("changed") }.map(service), &lines)
        section(
            "Migrations",
            json.list("migrations").map { migration in
                Self.eventInWords(migration, migration.text("app") + " " + migration.text("name"))
            }, &lines)
        section(
            "Configuration",
            json.list("config").map { Self.eventInWords($0, $0.text("path")) }, &lines)
        let checklist = json.list("checklist")
        if !checklist.isEmpty {
            lines += ["", "## Checklist", ""]
            lines += checklist.map { item in
                "- [\(item.flag("done") ? "x" : " ")] " + Self.escaped(item.text("text"))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func changes(_ lines: inout [String]) {
        let changes = json.list("changes")
        guard !changes.isEmpty else { return }
        lines += [
            "", "## Changes", "", "| | title | by | reviewed by | services | |",
            "|---|---|---|---|---|---|",
        ]
        for change in changes {
            let url = change.text("url")
            let id = Self.escaped(change.text("id"))
            let cells = [
                url.isEmpty ? id : "[\(id)](<\(Self.address(url))>)",
                Self.escaped(change.text("title")),
                Self.escaped(Self.names(change.list("authors"))),
                Self.escaped(Self.names(change.list("reviewers"))),
                Self.escaped(change.texts("services").joined(separator: " ")),
                Self.stateInWords(change),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
    }

    private func section(_ title: String, _ items: [String], _ lines: inout [String]) {
        guard !items.isEmpty else { return }
        lines += ["", "## \(title)", ""]
        lines += items.map { "- " + Self.escaped($0) }
    }

    private func service(_ service: JSON) -> String {
        let digest = service.text("image", "digest", "sha256")
        let image = service.text("image", "uri")
        return service.text("name") + (image.isEmpty ? "" : " \(image)")
            + (digest.isEmpty ? "" : "@sha256:\(digest)")
    }

    /// Any ASCII punctuation can be escaped (CommonMark 2.4); a line break would end the row.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "<", ">", "#", "+", "!", "|",
                "~", "&", "-", "@":
                result += "\\"
                result.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func address(_ url: String) -> String {
        String(url.filter { !"<>\n\r\\".contains($0) })
    }
}
