public import GitObjects

/// The tag `release/<id>` that marks the head of a release, as a push names it.
///
/// Only names that gate itself gives are meant, so that teams may have tags like `release/1.2` of
/// their own beside them.
public enum ReleaseTag: Hashable, Sendable {
    /// The tag of the release with this id.
    case of(String)
    /// A name that leaves no room for the tags of releases: `release`, or one below such a tag.
    case inTheWay

    /// The folder of the tags.
    public static let folder = "refs/tags/release"

    /// nil: a name that is no concern of releases.
    public init?(_ ref: RefName, in release: ReleasePolicy) {
        if ref == RefName(Self.folder) {
            self = .inTheWay
            return
        }
        guard ref.starts(with: "\(Self.folder)/") else { return nil }
        let parts = ref.bytes.dropFirst(Self.folder.utf8.count + 1)
            .split(separator: 0x2f, omittingEmptySubsequences: false)
        guard let first = parts.first, Self.isName(first, in: release) else { return nil }
        self = parts.count == 1 ? .of(String(decoding: first, as: UTF8.self)) : .inTheWay
    }

    /// `staging-2026-11-23-9ab03e7c21d4`, with the train behind the environment where there are
    /// several, and a number behind the head for the second release of one head on one day.
    private static func isName(_ bytes: ArraySlice<UInt8>, in release: ReleasePolicy) -> Bool {
        let isOfEnvironment = release.environments.contains { bytes.starts(with: "\($0)-".utf8) }
        guard isOfEnvironment else { return false }
        var words = bytes.split(separator: 0x2d, omittingEmptySubsequences: false)[...]
        if let last = words.last, last.count < 3, last.allSatisfy(isDigit) { words.removeLast() }
        guard words.count > 4, let head = words.popLast(), head.count == 12,
            head.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0) })
        else { return false }
        return zip(words.suffix(3), [4, 2, 2]).allSatisfy { word, count in
            word.count == count && word.allSatisfy(isDigit)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
