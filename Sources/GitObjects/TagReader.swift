extension Tag {
    /// Reads an annotated tag strictly: `object`, `type`, `tag`, `tagger` (which tags of git's
    /// first months lack), an empty line, the message, in this order and nothing else; no NUL.
    ///
    /// - Parameters:
    ///   - bytes: the object's content, without git's `tag <size>` header.
    ///   - id: its id; the caller has verified that the bytes hash to it.
    public init(parsing bytes: UnsafeRawBufferPointer, id: ObjectID) throws(GitError) {
        var scanner = try HeaderScanner(bytes, .tag, id)
        let target = try scanner.objectID(scanner.required("object"), in: "object")
        let type = try scanner.required("type")
        guard let kind = ObjectKind(rawValue: String(decoding: scanner[type], as: UTF8.self))
        else { throw scanner.malformed("has a `type` line that is no kind of object") }
        let name = Array(scanner[try scanner.required("tag")])
        guard !name.isEmpty else { throw scanner.malformed("has no name") }
        let line = try scanner.value(of: "tagger")
        var tagger: Signature?
        if let line { tagger = try scanner.signature(line, in: "tagger") }
        let messageStart = min(scanner.position + 1, bytes.count)
        let message = try scanner.message()
        guard let signatureStart = Self.lastArmour(in: message) else {
            self.init(
                id: id, target: target, targetKind: kind, name: name, tagger: tagger,
                message: message)
            return
        }
        self.init(
            id: id, target: target, targetKind: kind, name: name, tagger: tagger,
            message: Array(message[..<signatureStart]),
            signature: Array(message[signatureStart...]),
            signedPayload: Array(bytes[..<(messageStart + signatureStart)]))
    }

    /// ``init(parsing:id:)-(UnsafeRawBufferPointer,_)`` for bytes in an array.
    public init(parsing bytes: [UInt8], id: ObjectID) throws(GitError) {
        self = try withBytes(bytes) { buffer throws(GitError) in
            try Tag(parsing: buffer, id: id)
        }
    }

    /// The last line that begins a signature; all from there on is the signature (git's
    /// `parse_signed_buffer`).
    private static func lastArmour(in message: [UInt8]) -> Int? {
        var found: Int?
        var lineStart = 0
        while lineStart < message.count {
            let rest = message[lineStart...]
            if armours.contains(where: { rest.starts(with: $0) }) { found = lineStart }
            guard let end = rest.firstIndex(of: 0x0a) else { break }
            lineStart = end + 1
        }
        return found
    }

    /// git's `gpg-interface.c`.
    private static let armours = [
        "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
        "-----BEGIN SIGNED MESSAGE-----", "-----BEGIN SSH SIGNATURE-----",
    ].map { Array($0.utf8) }
}
