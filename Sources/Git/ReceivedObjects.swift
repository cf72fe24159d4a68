import CLibGit2
public import GitObjects

extension Repository {
    /// The objects of the push that a hook judges: all that its quarantine holds, in no particular
    /// order; none outside a hook. However many objects the repository has, this costs what was
    /// pushed.
    public func receivedObjects() throws(GitError) -> [ObjectID] {
        guard let quarantine else { return [] }
        var handle: OpaquePointer?
        try Library.call("the quarantine") { git_odb_open(&handle, quarantine) }
        guard let handle else { throw GitError(.io, "the quarantine", "could not be opened") }
        defer { git_odb_free(handle) }
        let list = ObjectList()
        try Library.call("the quarantine") {
            git_odb_foreach(
                handle,
                { id, payload in
                    guard let id, let payload else { return -1 }
                    Unmanaged<ObjectList>.fromOpaque(payload).takeUnretainedValue()
                        .append(ObjectID(id.pointee))
                    return 0
                }, Unmanaged.passUnretained(list).toOpaque())
        }
        return list.ids
    }
}

/// Where libgit2's iteration puts what it finds.
private final class ObjectList {
    private(set) var ids: [ObjectID] = []

    func append(_ id: ObjectID) { ids.append(id) }
}
