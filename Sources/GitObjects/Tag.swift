/// The kinds of objects that git stores.
public enum ObjectKind: String, Hashable, Sendable {
    case commit, tree, blob, tag
}

/// An annotated tag, read strictly from its bytes.
public struct Tag: Hashable, Sendable {
    public let id: ObjectID
    public let target: ObjectID
    public let targetKind: ObjectKind
    public let name: [UInt8]
    /// Absent in some tags of git's first years.
    public let tagger: Signature?
    /// The message without an appended signature.
    public let message: [UInt8]
    /// The armoured signature at the end of the message, if any.
    public let signature: [UInt8]?
    /// The bytes that ``signature`` is over.
    public let signedPayload: [UInt8]?

    public init(
        id: ObjectID, target: ObjectID, targetKind: ObjectKind, name: [UInt8],
        tagger: Signature?, message: [UInt8], signature: [UInt8]? = nil,
        signedPayload: [UInt8]? = nil
    ) {
        self.id = id
        self.target = target
        self.targetKind = targetKind
        self.name = name
        self.tagger = tagger
        self.message = message
        self.signature = signature
        self.signedPayload = signedPayload
    }
}
