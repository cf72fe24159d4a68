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
        let title = escaped(manifest.heading)
        let parts = [
            header, notices, RangePicture(json).svg, changes, services, migrations, config,
            checklist,
        ]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <link rel="icon" href="data:,">
            <title>\(title)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main>
            \(parts.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var header: String {
        let base = json.text("range", "base", "revision").prefix(12)
        let head = json.text("range", "head", "revision").prefix(12)
        let from = base.isEmpty ? "nothing deployed" : "<code>\(escaped(base))</code>"
        return """
            <header>
            <h1>\(escaped(manifest.heading))</h1>
            <p>\(from) → <code>\(escaped(head))</code> · \(escaped(json.text("range", "relation")))
             · release <code>\(escaped(json.text("release", "id")))</code></p>
            </header>
            """
    }

    private var notices: String {
        notice("warning", "Warnings", manifest.warnings)
            + notice("on", "Turns on today", manifest.turnsOn)
            + notice("off", "Turns off today", manifest.turnsOff)
    }

    private func notice(_ kind: String, _ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "<section class=\"notice \(kind)\"><h2>\(title)</h2><ul>"
            + items.map { "<li>\(isolated($0))</li>" }.joined() + "</ul></section>\n"
    }

    private func section(_ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "<section><h2>\(title)</h2><ul>" + items.joined(separator: "\n") + "</ul></section>"
    }

    private var changes: String {
        section("Changes", json.list("changes").map(change))
    }

    private func change(_ change: JSON) -> String {
        let state = Manifest.stateInWords(change)
        let url = change.text("url")
        let id = escaped(change.text("id"))
        let link =
            url.utf8.starts(with: "https://".utf8)
            ? "<a href=\"\(escaped(url))\" rel=\"noreferrer\">\(id)</a>" : id
        let authors = Manifest.names(change.list("authors"))
        let reviewers = Manifest.names(change.list("reviewers"))
        var facts = [isolated(authors)]
        if !reviewers.isEmpty { facts.append("reviewed by \(isolated(reviewers))") }
        facts.append("landed \(escaped(change.text("timings", "landed").prefix(10)))")
        if !change.texts("tickets").isEmpty {
            facts.append(isolated(change.texts("tickets").joined(separator: " ")))
        }
        let services = change.texts("services").map { "<span class=tag>\(escaped($0))</span>" }
        let mark = state.isEmpty ? "" : " <span class=state>\(state)</span>"
        return "<li class=\"\(isDim(change) ? "dim" : "live")\"><b>\(link)</b> "
            + "\(isolated(change.text("title")))\(mark)<br>"
            + "<small>\(facts.joined(separator: " · ")) \(services.joined(separator: " "))"
            + "</small></li>"
    }

    private var services: String {
        section(
            "Services",
            json.list("services").filter { $0.flag("changed") }.map { service in
                let digest = service.text("image", "digest", "sha256")
                let image =
                    service.text("image", "uri") + (digest.isEmpty ? "" : "@sha256:" + digest)
                let files = service.list("paths").count
                return "<li><b>\(escaped(service.text("name")))</b> \(files) "
                    + "\(files == 1 ? "file" : "files")<br><small><code>\(escaped(image))</code>"
                    + "</small></li>"
            })
    }

    private var migrations: String {
        section(
            "Migrations",
            json.list("migrations").map { migration in
                let name = migration.text("app") + " " + migration.text("name")
                return "<li>\(isolated(Manifest.eventInWords(migration, name)))</li>"
            })
    }

    private var config: String {
        section(
            "Configuration",
            json.list("config").map {
                "<li>\(isolated(Manifest.eventInWords($0, $0.text("path"))))</li>"
            })
    }

    private var checklist: String {
        section(
            "Checklist",
            json.list("checklist").map { item in
                "<li class=item><span class=box>\(item.flag("done") ? "☑" : "☐")</span> "
                    + "\(isolated(item.text("text")))</li>"
            })
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--soft:#5b6675;--line:#d5dbe3;\
        --warn:#b3261e;--on:#0b6b3a;--off:#8a5a00;--accent:#2456a6}
        @media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--paper:#12161c;--soft:#9aa6b5;\
        --line:#2c3542;--warn:#ff8a80;--on:#6fdc9f;--off:#ffc766;--accent:#8ab4ff}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
        main{max-width:760px;margin:0 auto;padding:16px}
        h1{font-size:1.4rem;line-height:1.25;margin:.3em 0}
        h2{font-size:1rem;margin:1.4em 0 .4em}
        p,small{color:var(--soft)}
        code{font-size:.9em}
        a{color:var(--accent)}
        ul{list-style:none;margin:0;padding:0}
        li{padding:.5em 0;border-top:1px solid var(--line)}
        li.dim{opacity:.55}
        .notice{border-left:4px solid;padding:2px 12px;margin:12px 0}
        .notice h2{margin:.4em 0 0}.notice li{border:0;padding:.15em 0}
        .warning{border-color:var(--warn)}.warning h2{color:var(--warn)}
        .on{border-color:var(--on)}.on h2{color:var(--on)}
        .off{border-color:var(--off)}.off h2{color:var(--off)}
        .tag,.state{display:inline-block;border:1px solid var(--line);border-radius:9px;\
        padding:0 7px;font-size:.8rem}
        .state{border-color:var(--soft);color:var(--soft)}
        .box{font-size:1.2em}
        svg{display:block;width:100%;height:auto;margin:12px 0}
        svg text{fill:var(--soft);font:10px system-ui,sans-serif}
        svg line{stroke:var(--line)}svg .trunk{stroke:var(--accent);stroke-width:2}
        svg circle{fill:var(--accent)}svg .dim{opacity:.3}
        """
}

/// The range as a picture: landings on a line from left to right, a lane below for each service
/// that they touch.
private struct RangePicture {
    private let changes: [JSON]
    private let services: [String]
    private static let laneHeight = 18
    private static let left = 96
    private static let right = 350

    init(_ json: JSON) {
        changes = json.list("changes")
        let touched = Set(changes.flatMap { $0.texts("services") })
        services = json.list("services").map { $0.text("name") }.filter(touched.contains)
    }

    var svg: String {
        guard !changes.isEmpty else { return "" }
        let height = (services.count + 1) * Self.laneHeight + 8
        var parts = [
            "<svg viewBox=\"0 0 360 \(height)\" role=\"img\" aria-label=\"The range: "
                + "\(changes.count) landings, \(services.count) services\">",
            lane(0, "landings", "trunk"),
        ]
        for (index, service) in services.enumerated() {
            parts.append(lane(index + 1, service, "lane"))
        }
        for (index, change) in changes.enumerated() {
            let x = position(index)
            var dots = dot(x, 0)
            for (lane, service) in services.enumerated()
            where change.texts("services").contains(service) {
                dots += dot(x, lane + 1)
            }
            let title = escaped(change.text("id") + " " + change.text("title"))
            parts.append(
                "<g class=\"\(isDim(change) ? "dim" : "live")\"><title>\(title)</title>\(dots)</g>")
        }
        return parts.joined(separator: "\n") + "\n</svg>"
    }

    private func y(_ lane: Int) -> Int { lane * Self.laneHeight + 12 }

    private func position(_ index: Int) -> Int {
        guard changes.count > 1 else { return (Self.left + Self.right) / 2 }
        return Self.left + 6 + index * (Self.right - Self.left - 12) / (changes.count - 1)
    }

    private func lane(_ lane: Int, _ name: String, _ kind: String) -> String {
        let short = name.count > 15 ? name.prefix(14) + "…" : name[...]
        return "<text x=\"4\" y=\"\(y(lane) + 3)\">\(escaped(short))</text>"
            + "<line class=\"\(kind)\" x1=\"\(Self.left)\" x2=\"\(Self.right)\" y1=\"\(y(lane))\""
            + " y2=\"\(y(lane))\"/>"
    }

    private func dot(_ x: Int, _ lane: Int) -> String {
        let radius = changes.count > 60 ? 2 : 4
        return "<circle cx=\"\(x)\" cy=\"\(y(lane))\" r=\"\(radius)\"/>"
    }
}

private func isDim(_ change: JSON) -> Bool {
    ["reverted", "already_shipped"].contains(change.text("state"))
}

/// Text in HTML, also between quotation marks of an attribute.
private func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        case _ where scalar.properties.generalCategory == .control: result += "\u{fffd}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Text of unknown direction, which must not turn its neighbours round.
private func isolated(_ text: String) -> String {
    "<bdi>\(escaped(text))</bdi>"
}
