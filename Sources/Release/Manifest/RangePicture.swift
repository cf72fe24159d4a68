import JSON

/// The range as a picture: landings on a line from left to right, a lane below for each service
/// that they touch.
///
/// Places along the line are percentages, so that the picture is as wide as the page and its dots
/// and words stay as large as they are.
struct RangePicture {
    private let changes: [JSON]
    private let services: [String]
    private let branch: String
    private static let laneHeight = 26
    /// Room above the line for the changes' names.
    private static let top = 20

    init(_ json: JSON) {
        changes = json.list("changes")
        let touched = Set(changes.flatMap { $0.texts("services") })
        services = json.list("services").map { $0.text("name") }.filter(touched.contains)
        let ref = json["source"]?["annotations"]?.texts("sourceRefs").first ?? ""
        branch = ref.split(separator: "/").last.map(String.init) ?? "landings"
    }

    var html: String {
        guard !changes.isEmpty else { return "" }
        let height = Self.top + (services.count + 1) * Self.laneHeight
        let names = ([branch] + services).enumerated().map { index, name in
            "<li class=\"\(index == 0 ? "branch" : "lane")\"><bdi>\(escaped(name))</bdi></li>"
        }
        let lines = (0...services.count).map { lane in
            "<line class=\"\(lane == 0 ? "trunk" : "lane")\" x1=\"0\" x2=\"100%\""
                + " y1=\"\(y(lane))\" y2=\"\(y(lane))\"/>"
        }
        let landings = changes.indices.map(landing)
        return """
            <figure class="range">
            <ul aria-hidden="true">\(names.joined())</ul>
            <svg height="\(height)" role="img" aria-label="\(changes.count) landings and \
            \(services.count) services">
            \((lines + landings).joined(separator: "\n"))
            </svg>
            <figcaption>\(caption)</figcaption>
            </figure>
            """
    }

    private func landing(_ index: Int) -> String {
        let change = changes[index]
        let x = position(index)
        let lanes = services.indices.filter {
            change.texts("services").contains(services[$0])
        }.map { $0 + 1 }
        var parts = ["<title>\(escaped(change.text("id") + " " + change.text("title")))</title>"]
        if let last = lanes.last {
            parts.append(
                "<line class=\"drop\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(y(0))\" y2=\"\(y(last))\"/>")
        }
        parts.append("<circle cx=\"\(x)\" cy=\"\(y(0))\" r=\"\(radius)\"/>")
        for lane in lanes {
            parts.append("<circle cx=\"\(x)\" cy=\"\(y(lane))\" r=\"\(radius * 3 / 4)\"/>")
        }
        let name = change.text("id")
        if index % namedStep == 0, name.utf8.count <= 5 {
            parts.append("<text x=\"\(x)\" y=\"\(Self.top / 2)\">\(escaped(name))</text>")
        }
        return "<g class=\"\(Self.kind(change))\">\(parts.joined())</g>"
    }

    /// More names than these would touch on a phone.
    private static let mostNames = 8

    /// Every how manieth landing has its name above it.
    private var namedStep: Int { max(1, (changes.count + Self.mostNames - 1) / Self.mostNames) }

    private var radius: Double {
        switch changes.count {
        case ...24: 6
        case ...60: 4
        case ...150: 3
        default: 2
        }
    }

    private func y(_ lane: Int) -> Int { Self.top + lane * Self.laneHeight + Self.laneHeight / 2 }

    /// In tenths of a percent, with room at both ends.
    private func position(_ index: Int) -> String {
        guard changes.count > 1 else { return "50%" }
        let tenths = 40 + index * 920 / (changes.count - 1)
        return "\(tenths / 10).\(tenths % 10)%"
    }

    private static func kind(_ change: JSON) -> String {
        switch change.text("state") {
        case "reverted": "reverted dim"
        case "already_shipped": "shipped dim"
        case "removed": "removed"
        default: "included"
        }
    }

    private var caption: String {
        let kinds = [
            ("included", "ships"), ("reverted dim", "reverted"),
            ("shipped dim", "already shipped"), ("removed", "goes away"),
        ]
        let present = Set(changes.map(Self.kind))
        return kinds.filter { present.contains($0.0) }.map { kind, words in
            "<span class=\"key\"><svg width=\"14\" height=\"14\" aria-hidden=\"true\">"
                + "<g class=\"\(kind)\"><circle cx=\"7\" cy=\"7\" r=\"5\"/></g></svg>"
                + "\(words)</span>"
        }.joined(separator: " ")
    }
}
