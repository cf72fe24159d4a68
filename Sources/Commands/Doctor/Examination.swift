import JSON

/// What `gate doctor` found, one item a line.
struct Examination {
    enum State: String {
        /// As it should be.
        case ok
        /// Nothing to repair, and good to know.
        case note
        /// Works, and could be better or safer.
        case warn
        /// Does not do what it is for.
        case wrong
    }

    struct Item {
        let name: String
        let state: State
        let message: String
        /// Further lines.
        let details: [String]
        /// The command, or the sentence, that repairs it.
        let repair: String?
    }

    private(set) var items: [Item] = []

    mutating func add(
        _ state: State, _ name: String, _ message: String, details: [String] = [],
        repair: String? = nil
    ) {
        items.append(
            Item(name: name, state: state, message: message, details: details, repair: repair))
    }

    /// Makes an item of an error, so that one that cannot be looked into does not hide the others.
    mutating func look(_ name: String, _ body: (inout Examination) throws -> Void) {
        do {
            try body(&self)
        } catch {
            let failure = error as? CommandFailure
            add(
                .wrong, name, failure?.message ?? "could not be looked into: \(error)",
                details: failure?.details ?? [], repair: failure?.hint)
        }
    }

    var isHealthy: Bool { !items.contains { $0.state == .wrong } }

    var lines: [String] {
        let width = items.map { $0.name.count }.max() ?? 0
        return items.flatMap { item -> [String] in
            let state = item.state.rawValue
            let start = state + String(repeating: " ", count: 7 - state.count)
            let name = item.name + String(repeating: " ", count: width - item.name.count)
            let indent = String(repeating: " ", count: 7)
            return ["\(start)\(name)  \(item.message)"]
                + (item.details + (item.repair.map { [$0] } ?? [])).map { indent + $0 }
        }
    }

    var json: JSON {
        JSON(
            items.map { item -> JSON in
                [
                    "item": .string(item.name), "state": .string(item.state.rawValue),
                    "message": .string(item.message), "details": JSON(item.details),
                    "repair": JSON(item.repair),
                ]
            })
    }
}
