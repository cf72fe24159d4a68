import Files
import GitObjects

/// Which checks could not be run, and how often: they are tried again later and later, so that a
/// program that is not installed does not keep a runner busy for ever.
struct Attempts {
    private struct Key: Hashable {
        let tree: ObjectID
        let definition: String
    }

    private struct Failure {
        var count: Int
        /// Seconds since 1970.
        var last: Int64
    }

    private static let firstPause: Int64 = 600
    private static let longestPause: Int64 = 86_400
    /// Older ones are forgotten first.
    private static let limit = 2000

    private let file: String
    private var failures: [Key: Failure] = [:]

    init(in folder: String) throws {
        file = folder + "/could-not-run"
        let bytes = try File.readIfPresent(file, limit: 1 << 20) ?? []
        for line in bytes.split(separator: 0x0a) {
            let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 4, let tree = ObjectID(hex: words[0].utf8),
                let count = Int(words[2]), let last = Int64(words[3])
            else { continue }
            failures[Key(tree: tree, definition: words[1])] = Failure(count: count, last: last)
        }
    }

    /// Whether it is time to try.
    func allows(_ definition: String, on tree: ObjectID, at now: Int64) -> Bool {
        guard let failure = failures[Key(tree: tree, definition: definition)] else { return true }
        let doubled = min(8, max(0, failure.count - 1))
        let pause = min(Self.longestPause, Self.firstPause << Int64(doubled))
        return now >= failure.last + pause || now < failure.last
    }

    /// Remembers that it could not be run, or that it could.
    mutating func note(
        _ definition: String, on tree: ObjectID, ran: Bool, at now: Int64
    ) throws {
        let key = Key(tree: tree, definition: definition)
        if ran {
            guard failures.removeValue(forKey: key) != nil else { return }
        } else {
            failures[key] = Failure(count: (failures[key]?.count ?? 0) + 1, last: now)
        }
        let kept = failures.sorted { $0.value.last > $1.value.last }.prefix(Self.limit)
        let lines = kept.map { key, failure in
            "\(key.tree.hex) \(key.definition) \(failure.count) \(failure.last)\n"
        }
        try File.write(Array(lines.joined().utf8), to: file)
    }
}
