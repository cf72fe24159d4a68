import JSON

extension Manifest {
    /// The manifest as one page of HTML that needs nothing else: no script, no font, no request.
    public func html() -> String {
        let page = ManifestPage(self)
        return page.text
    }
}

/// Builds the page: what surprises people first, then a picture of the range, then the rest.
private struct ManifestPage {
    private let manifest: Manifest
    private var json: JSON { manifest.json }

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    var text: String {
        let side = [services, migrations, config, flags, rollback]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>\(escaped(manifest.heading))</title>
            <style>
            \(PageStyle.text)
            </style>
            </head>
            <body>
            \(header)
            <main>
            \(notices)
            \(RangePicture(json).html)
            <div class="columns">
            <div class="first">\(changes)</div>
            <div class="todo">\(checklist)</div>
            <div class="second">\(side.joined(separator: "\n"))</div>
            </div>
            </main>
            </body>
            </html>

            """
    }

    // MARK: - The top

    private var header: String {
        let count = json.count("range", "changeCount")
        let base = json.text("range", "base", "revision").prefix(12)
        let head = json.text("range", "head", "revision").prefix(12)
        let from = base.isEmpty ? "nothing" : "<code>\(escaped(base))</code>"
        let shepherd = json.text("shepherd", "principal")
        var facts = [
            ("Day", escaped(json.text("release", "createdOn").prefix(10))),
            ("Range", "\(from) → <code>\(escaped(head))</code>"),
            ("Kind", escaped(kindInWords)),
        ]
        if !shepherd.isEmpty { facts.append(("Shepherd", isolated(shepherd))) }
        let list = facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }
        return """
            <header>
            <p class="place">\(isolated(place))</p>
            <h1><b>\(count)</b> \(count == 1 ? "change" : "changes") to \
            \(isolated(json.text("release", "environment")))</h1>
            <dl>\(list.joined())</dl>
            </header>
            """
    }

    private var place: String {
        let parts = [json.text("source", "uri"), json.text("release", "id")]
        return parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    private var kindInWords: String {
        switch json.text("range", "relation") {
        case "first": "first release"
        case "none": "nothing to push"
        case "backward": "rollback"
        case "diverged": "\(json.text("release", "type")), after a side branch"
        default: json.text("release", "type")
        }
    }

    private var notices: String {
        let all =
            notice("warning", "Warnings", manifest.warnings)
            + notice("warning", "Held back", manifest.heldBack)
            + notice("on", "Turns on today", manifest.turnsOn.map(withChanges))
            + notice("off", "Turns off today", manifest.turnsOff.map(withChanges))
        return all.isEmpty ? "" : "<div class=\"notices\">\(all)</div>"
    }

    /// A flag with the changes that touch it: whom to ask.
    private func withChanges(_ flag: String) -> String {
        let ids = json.list("changes").filter { change in
            change.text("state") != "reverted" && change.texts("flags").contains(flag)
        }.map { $0.text("id") }
        return ids.isEmpty ? flag : "\(flag) (\(ids.joined(separator: ", ")))"
    }

    private func notice(_ kind: String, _ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "<section class=\"notice \(kind)\"><h2>\(title)</h2><ul>"
            + items.map { "<li>\(isolated($0))</li>" }.joined() + "</ul></section>\n"
    }

    // MARK: - Changes

    private var changes: String {
        let list = json.list("changes")
        guard !list.isEmpty else {
            return "<section><h2>Changes</h2><p class=\"none\">Nothing has landed.</p></section>"
        }
        return "<section><h2>Changes</h2><ol class=\"changes\">"
            + list.map(change).joined(separator: "\n") + "</ol></section>"
    }

    private func change(_ change: JSON) -> String {
        let state = Manifest.stateInWords(change)
        let url = change.text("url")
        // A Change-Id is as long as a line of a phone.
        let name = change.text("id")
        let id = escaped(name.utf8.count > 12 ? name.prefix(9) + "…" : name[...])
        let link =
            url.utf8.starts(with: "https://".utf8)
            ? "<a href=\"\(escaped(url))\" rel=\"noreferrer\">\(id)</a>" : id
        let mark = state.isEmpty ? "" : " <span class=\"state\">\(escaped(state))</span>"
        let tags = change.texts("services").map { "<span class=\"tag\">\(isolated($0))</span>" }
        return """
            <li class="\(escaped(change.text("state")))">
            <span class="id">\(link)</span>
            <div><p class="title">\(isolated(change.text("title")))\(mark)</p>
            <p class="facts">\(facts(of: change).joined(separator: " <i>·</i> "))</p>
            \(tags.isEmpty ? "" : "<p class=\"tags\">\(tags.joined(separator: " "))</p>")</div>
            </li>
            """
    }

    private func facts(of change: JSON) -> [String] {
        var facts = [isolated(Manifest.names(change.list("authors")))]
        let reviewers = Manifest.names(change.list("reviewers"))
        if !reviewers.isEmpty { facts.append("reviewed by \(isolated(reviewers))") }
        let landed = change.text("timings", "landed")
        facts.append(
            "<time datetime=\"\(escaped(landed))\">"
                + "\(escaped(landed.prefix(10))) \(escaped(landed.dropFirst(11).prefix(5)))</time>")
        facts += change.texts("tickets").map(isolated)
        facts += change.texts("migrations").map { "migration \(isolated(nameOfMigration($0)))" }
        facts += change.texts("flags").map { "flag \(isolated($0))" }
        for bypass in change.list("bypasses") {
            facts.append("bypassed by \(isolated(bypass.text("by")))")
        }
        return facts
    }

    /// As the list of migrations calls it; one that the push as a whole does not touch (a change
    /// that was reverted) by its path.
    private func nameOfMigration(_ path: String) -> String {
        json.list("migrations").first { $0.text("path") == path }?.text("name") ?? path
    }

    // MARK: - The rest

    private func section(_ title: String, _ kind: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "<section><h2>\(title)</h2><ul class=\"\(kind)\">"
            + items.joined(separator: "\n") + "</ul></section>"
    }

    private var services: String {
        section(
            "Services", "plain",
            json.list("services").filter { $0.flag("changed") }.map { service in
                let digest = service.text("image", "digest", "sha256")
                let image = service.text("image", "uri")
                let files = service.list("paths").count
                let code =
                    image.isEmpty
                    ? ""
                    : "<code>\(escaped(image))"
                        + (digest.isEmpty ? "" : "<wbr>@sha256:\(escaped(digest))") + "</code>"
                return "<li><b>\(isolated(service.text("name")))</b> <small>\(files) "
                    + "\(files == 1 ? "file" : "files")</small>\(code)</li>"
            })
    }

    private var migrations: String {
        section(
            "Migrations", "plain",
            json.list("migrations").map { migration in
                "<li><b>\(isolated(migration.text("app")))</b> \(isolated(migration.text("name"))) "
                    + "\(event(migration))</li>"
            })
    }

    private var config: String {
        section(
            "Configuration", "plain",
            json.list("config").map { file in
                // Editing them is what they are for: no reason for a colour.
                "<li>\(isolated(file.text("path"))) "
                    + "<span class=\"event\">\(escaped(file.text("event")))</span></li>"
            })
    }

    private var flags: String {
        section(
            "Flags", "plain",
            json.list("flags").map { flag in
                func state(_ name: String) -> String {
                    let state = flag[name] ?? .null
                    guard !state.text("state").isEmpty else { return "none" }
                    let variant = state.text("defaultVariant")
                    return state.text("state").lowercased()
                        + (variant.isEmpty ? "" : " \(variant)")
                }
                return "<li><b>\(isolated(flag.text("name")))</b> \(event(flag))"
                    + "<code>\(isolated(state("before"))) → \(isolated(state("after")))</code></li>"
            })
    }

    private func event(_ item: JSON) -> String {
        let event = escaped(item.text("event"))
        return "<span class=\"event \(event)\">\(event)</span>"
    }

    private var checklist: String {
        section(
            "Checklist", "checks",
            json.list("checklist").map { item in
                let isDone = item.flag("done")
                return "<li class=\"\(isDone ? "done" : "open")\"><span class=\"box\" role=\"img\" "
                    + "aria-label=\"\(isDone ? "done" : "open")\"></span>"
                    + "<span>\(isolated(item.text("text")))</span></li>"
            })
    }

    private var rollback: String {
        let revision = json.text("rollback", "revision").prefix(12)
        guard !revision.isEmpty else { return "" }
        let blocked = (json["rollback"] ?? .null).texts("blockedBy")
        return section(
            "Way back", "plain",
            ["<li>to <code class=\"inline\">\(escaped(revision))</code></li>"]
                + blocked.map { "<li>\(isolated($0))</li>" })
    }
}
