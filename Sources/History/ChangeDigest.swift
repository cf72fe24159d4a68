import Crypto
public import GitObjects

/// The SHA-256 of what a change does to its only merge base: of the bytes that
/// `git diff-tree -r -z --raw --no-abbrev --no-renames BASE HEAD` prints.
///
/// Unlike `git patch-id` it tells changes apart that differ in white space only.
public struct ChangeDigest: Hashable, Sendable, CustomStringConvertible {
    /// 64 hexadecimal digits, lower case.
    public let hex: String

    /// The digest of these changes, in the order in which git prints them (by path).
    public init(of changes: [TreeChange]) {
        var hash = SHA256()
        for change in changes {
            let zeros = String(repeating: "0", count: ObjectID.byteCount * 2)
            let line =
                ":\(change.old?.mode.octal ?? "000000") \(change.new?.mode.octal ?? "000000")"
                + " \(change.old?.id.hex ?? zeros) \(change.new?.id.hex ?? zeros)"
                + " \(Self.status(of: change))"
            hash.update(data: Array(line.utf8) + [0] + change.path.bytes + [0])
        }
        hex = Self.hexadecimal(hash.finalize())
    }

    /// A digest from exactly 64 hexadecimal digits in lower case; nil otherwise.
    public init?(hex: String) {
        let isHex = hex.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard hex.utf8.count == 64, isHex else { return nil }
        self.hex = hex
    }

    public var description: String { hex }

    /// The status letter of `git diff-tree --raw` (git-diff-tree(1), "Raw output format").
    private static func status(of change: TreeChange) -> String {
        switch (change.old, change.new) {
        case (nil, _): "A"
        case (_, nil): "D"
        case (let old?, let new?): old.mode.fileType == new.mode.fileType ? "M" : "T"
        }
    }

    private static func hexadecimal(_ digest: SHA256Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension EntryMode {
    /// The bits of the mode that say what kind of file it is (`S_IFMT`).
    fileprivate var fileType: UInt32 { rawValue & 0o170000 }
}
