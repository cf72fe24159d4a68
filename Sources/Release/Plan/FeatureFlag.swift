public import GitObjects
import History
import JSON

/// A feature flag as OpenFeature's flagd defines it, at one commit.
public struct FeatureFlag: Hashable, Sendable {
    public let isEnabled: Bool
    /// The variant that is served when no targeting rule says otherwise; nil: the caller's own
    /// default.
    public let defaultVariant: String?
    /// The variants' values, in canonical JSON.
    public let variants: [String: String]
    /// Targeting rules and whatever else the definition has, in canonical JSON.
    let definition: [UInt8]

    /// Whether it is on for everybody whom no rule treats differently: enabled, and its default
    /// variant's value is neither `false`, `null`, `0`, an empty text nor `"off"`.
    public var isOn: Bool {
        guard isEnabled, let defaultVariant, let value = variants[defaultVariant] else {
            return false
        }
        return !["false", "null", "0", "\"\"", "\"off\""].contains(value)
    }
}

/// What a push does to a flag.
public struct FlagChange: Hashable, Sendable {
    public enum Event: String, Hashable, Sendable, CaseIterable {
        case added, removed
        /// Its state or its default variant is another.
        case switched
        /// Variants or targeting rules are others.
        case edited
    }

    public let file: TreePath
    public let name: String
    public let old: FeatureFlag?
    public let new: FeatureFlag?

    public var event: Event {
        guard let old else { return .added }
        guard let new else { return .removed }
        let isSame =
            old.isEnabled == new.isEnabled && old.defaultVariant == new.defaultVariant
            && old.isOn == new.isOn
        return isSame ? .edited : .switched
    }

    public var turnsOn: Bool { new?.isOn == true && old?.isOn != true }
    public var turnsOff: Bool { old?.isOn == true && new?.isOn != true }
}

/// Reads flag files out of trees.
struct FlagFiles<Source: HistorySource> {
    static var byteLimit: Int { 16 << 20 }

    let history: Source
    let files: [TreePath]

    /// What changed between two trees, sorted by file and name; and the files that could not be
    /// read, as clauses.
    func changes(
        from old: ObjectID?, to new: ObjectID
    ) throws(GitError) -> (changes: [FlagChange], problems: [String]) {
        var changes: [FlagChange] = []
        var problems: [String] = []
        for file in files.sorted() {
            let before = try old.flatMap { tree throws(GitError) in
                try history.entry(file, in: tree)
            }
            let after = try history.entry(file, in: new)
            if before?.id == after?.id { continue }
            do {
                let oldFlags = try flags(before, of: file)
                let newFlags = try flags(after, of: file)
                for name in Set(oldFlags.keys).union(newFlags.keys).sorted(by: utf8Order) {
                    let change = FlagChange(
                        file: file, name: name, old: oldFlags[name], new: newFlags[name])
                    if change.old != change.new { changes.append(change) }
                }
            } catch let error as JSONError {
                problems.append("\(file) is no flagd file: \(error)")
            } catch let error as GitError {
                throw error
            } catch {
                throw GitError(.malformed, "\(file)", "could not be read")
            }
        }
        return (changes, problems)
    }

    private func flags(_ entry: TreeEntry?, of file: TreePath) throws -> [String: FeatureFlag] {
        guard let entry else { return [:] }
        guard [.blob, .executable, .groupWritableBlob].contains(entry.mode) else {
            throw JSONError(offset: 0, problem: "is not a regular file")
        }
        let bytes = try history.blob(entry.id, limit: Self.byteLimit)
        guard let members = try JSON(parsing: bytes)["flags"]?.objectValue?.members else {
            throw JSONError(offset: 0, problem: "has no object \"flags\"")
        }
        var flags: [String: FeatureFlag] = [:]
        for member in members {
            var variants: [String: String] = [:]
            for variant in member.value["variants"]?.objectValue?.members ?? [] {
                variants[variant.name] = String(decoding: variant.value.canonical(), as: UTF8.self)
            }
            flags[member.name] = FeatureFlag(
                isEnabled: member.value["state"]?.stringValue == "ENABLED",
                defaultVariant: member.value["defaultVariant"]?.stringValue, variants: variants,
                definition: member.value.canonical())
        }
        return flags
    }
}

/// The order of JSON's canonical form, whatever the locale.
func utf8Order(_ one: String, _ other: String) -> Bool {
    one.utf8.lexicographicallyPrecedes(other.utf8)
}
