import JSON

/// A manifest's members as renderings for people ask for them: what is missing or of another kind
/// reads as empty, since ``Manifest`` was checked before and a page shows what there is.
extension JSON {
    func text(_ names: String...) -> String {
        names.reduce(self) { $0[$1] ?? .null }.stringValue ?? ""
    }

    func flag(_ name: String) -> Bool { self[name]?.boolValue ?? false }

    func list(_ name: String) -> [JSON] { self[name]?.arrayValue ?? [] }

    func texts(_ name: String) -> [String] { list(name).compactMap(\.stringValue) }

    func count(_ names: String...) -> Int64 {
        names.reduce(self) { $0[$1] ?? .null }.integerValue ?? 0
    }
}

extension Manifest {
    /// `production: 2 changes, 2026-11-23`.
    var heading: String {
        let count = json.count("range", "changeCount")
        let day = json.text("release", "createdOn").prefix(10)
        return "\(json.text("release", "environment")): "
            + "\(count) \(count == 1 ? "change" : "changes"), \(day)"
    }

    var turnsOn: [String] {
        json.list("flags").filter { $0.flag("turnsOn") }.map { $0.text("name") }
    }
    var turnsOff: [String] {
        json.list("flags").filter { $0.flag("turnsOff") }.map { $0.text("name") }
    }
    var warnings: [String] { json.list("warnings").map { $0.text("text") } }
    /// Changes of the range that somebody holds back, and why.
    var heldBack: [String] {
        json.list("holds").map { hold in
            let name = hold.text("id") + " " + hold.text("title")
            return "\(name): \(hold.text("reason")) (\(hold.text("by")))"
        }
    }

    /// What a change is besides included, in words; empty when that is all.
    static func stateInWords(_ change: JSON) -> String {
        switch change.text("state") {
        case "reverted": "reverted"
        case "already_shipped": "already shipped"
        case "removed": "goes away"
        default: change.text("matchedBy") == "number" ? "perhaps shipped before" : ""
        }
    }

    static func names(_ people: [JSON]) -> String {
        people.map { $0.text("name") }.joined(separator: ", ")
    }

    static func eventInWords(_ file: JSON, _ name: String) -> String {
        "\(name) (\(file.text("event")))"
    }
}
