/// A name, address and time as a commit or tag records them.
public struct Signature: Hashable, Sendable {
    /// The name, as written; any bytes but `<`, `>`, newline and NUL.
    public let name: [UInt8]
    /// The address between `<` and `>`, as written.
    public let email: [UInt8]
    /// Seconds since 1970-01-01T00:00:00Z.
    public let time: Int64
    /// Minutes east of UTC.
    public let offset: Int

    public init(name: [UInt8], email: [UInt8], time: Int64, offset: Int) {
        self.name = name
        self.email = email
        self.time = time
        self.offset = offset
    }
}

/// A commit, read strictly from its bytes.
public struct Commit: Hashable, Sendable {
    public let id: ObjectID
    public let tree: ObjectID
    public let parents: [ObjectID]
    public let author: Signature
    public let committer: Signature
    /// The value of the one `gpgsig` header, its continuation lines unfolded; nil without one.
    public let signature: [UInt8]?
    /// The bytes that ``signature`` is over: the commit without its `gpgsig` header.
    public let signedPayload: [UInt8]?
    /// Everything behind the first empty line, as written.
    public let message: [UInt8]

    public init(
        id: ObjectID, tree: ObjectID, parents: [ObjectID], author: Signature,
        committer: Signature, signature: [UInt8]? = nil, signedPayload: [UInt8]? = nil,
        message: [UInt8]
    ) {
        self.id = id
        self.tree = tree
        self.parents = parents
        self.author = author
        self.committer = committer
        self.signature = signature
        self.signedPayload = signedPayload
        self.message = message
    }

    /// The first line of the message that is not empty, as git shows it in `%s` for one-line
    /// subjects.
    public var subject: [UInt8] {
        Array(message.drop { $0 == 0x0a }.prefix { $0 != 0x0a })
    }
}
