public import GitObjects

/// One line of a hook's input: a ref, what it points at, and what it shall point at.
public struct RefUpdate: Hashable, Sendable {
    public var ref: RefName
    /// ``ObjectID/zero`` for a creation.
    public var old: ObjectID
    /// ``ObjectID/zero`` for a deletion.
    public var new: ObjectID

    public init(ref: RefName, old: ObjectID, new: ObjectID) {
        self.ref = ref
        self.old = old
        self.new = new
    }

    public var isCreation: Bool { old.isZero }
    public var isDeletion: Bool { new.isZero }
}
