extension Commit {
    /// Reads a commit strictly, as `git fsck --strict` would have it: one `tree`, the `parent`
    /// lines, one `author`, one `committer`, in this order; then other headers, none of these
    /// again and at most one `gpgsig`; an empty line; the message. No NUL byte anywhere.
    ///
    /// git takes the first of two `author` lines and libgit2 the last: what they would read
    /// differently is refused with ``GitError/Kind/malformed``.
    ///
    /// - Parameters:
    ///   - bytes: the object's content, without git's `commit <size>` header.
    ///   - id: its id; the caller has verified that the bytes hash to it.
    public init(parsing bytes: UnsafeRawBufferPointer, id: ObjectID) throws(GitError) {
        var scanner = try HeaderScanner(bytes, .commit, id)
        let tree = try scanner.objectID(scanner.required("tree"), in: "tree")
        var parents: [ObjectID] = []
        while let range = try scanner.value(of: "parent") {
            parents.append(try scanner.objectID(range, in: "parent"))
        }
        guard parents.count < 2 || Set(parents).count == parents.count else {
            throw scanner.malformed("names a parent twice")
        }
        let author = try scanner.signature(scanner.required("author"), in: "author")
        let committer = try scanner.signature(scanner.required("committer"), in: "committer")
        let extra = try ExtraHeaders(&scanner)
        self.init(
            id: id, tree: tree, parents: parents, author: author, committer: committer,
            signature: extra.signature, signedPayload: extra.signedPayload(of: bytes),
            message: try scanner.message())
    }

    /// ``init(parsing:id:)-(UnsafeRawBufferPointer,_)`` for bytes in an array.
    public init(parsing bytes: [UInt8], id: ObjectID) throws(GitError) {
        self = try withBytes(bytes) { buffer throws(GitError) in
            try Commit(parsing: buffer, id: id)
        }
    }
}

/// What stands between `committer` and the empty line.
private struct ExtraHeaders {
    /// The value of `gpgsig`, continuation lines unfolded.
    var signature: [UInt8]?
    /// The lines that a signature is not over.
    private var unsigned: [Range<Int>] = []

    init(_ scanner: inout HeaderScanner) throws(GitError) {
        var hasOtherSignature = false
        var hasEncoding = false
        while scanner.isInHeader {
            let start = scanner.position
            let (name, value) = try scanner.extraHeader()
            if scanner.equals(name, "gpgsig") {
                guard signature == nil else { throw scanner.malformed("has two signatures") }
                signature = Self.unfolded(scanner[value])
                unsigned.append(start..<scanner.position)
            } else if scanner.equals(name, "gpgsig-sha256") {
                // git leaves out both from what either is over (`parse_buffer_signed_by_header`).
                guard !hasOtherSignature else { throw scanner.malformed("has two signatures") }
                hasOtherSignature = true
                unsigned.append(start..<scanner.position)
            } else if scanner.starts(at: name.lowerBound, "gpgsig") {
                // git would leave it out, too, and so would hide it from the signature.
                throw scanner.malformed("has a header `\(shown(scanner[name]))`")
            } else if scanner.equals(name, "encoding") {
                guard !hasEncoding else { throw scanner.malformed("has two encodings") }
                hasEncoding = true
            } else if ["tree", "parent", "author", "committer"].contains(
                where: { scanner.equals(name, $0) })
            {
                throw scanner.malformed(
                    "has a `\(shown(scanner[name]))` line out of its place")
            }
        }
    }

    func signedPayload(of bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard signature != nil else { return nil }
        var payload: [UInt8] = []
        payload.reserveCapacity(bytes.count)
        var position = 0
        for range in unsigned {
            payload += bytes[position..<range.lowerBound]
            position = range.upperBound
        }
        payload += bytes[position...]
        return payload
    }

    private static func unfolded(_ value: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(value.count)
        var isAtLineStart = false
        for byte in value {
            if !isAtLineStart { result.append(byte) }
            isAtLineStart = byte == 0x0a
        }
        return result
    }
}

/// `Array.withUnsafeBytes` that throws what its body throws.
func withBytes<T>(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(GitError) -> T
) throws(GitError) -> T {
    let outcome = bytes.withUnsafeBytes { buffer -> Result<T, GitError> in
        do throws(GitError) {
            return .success(try body(buffer))
        } catch {
            return .failure(error)
        }
    }
    return try outcome.get()
}
