import CLibGit2
public import GitObjects
public import History

extension Repository {
    /// git's `SYMREF_MAXDEPTH`.
    private static let symbolicDepth = 5

    public func resolve(_ name: RefName) throws(GitError) -> ResolvedReference {
        var current = name
        for _ in 0...Self.symbolicDepth {
            guard let reference = try reference(current) else {
                return ResolvedReference(name: current, target: nil)
            }
            switch reference {
            case .id(let id): return ResolvedReference(name: current, target: id)
            case .symbolic(let next): current = next
            }
        }
        throw GitError(
            .malformed, "\(name)", "is a symbolic ref of more than \(Self.symbolicDepth) steps")
    }

    public func references(
        startingWith prefix: String
    ) throws(GitError) -> [ResolvedReference] {
        var iterator: OpaquePointer?
        try Library.call("the refs") { git_reference_iterator_new(&iterator, handle) }
        defer { git_reference_iterator_free(iterator) }
        let start = Array(prefix.utf8)
        var names: [RefName] = []
        var name: UnsafePointer<CChar>?
        while true {
            let code = git_reference_next_name(&name, iterator)
            if code == GIT_ITEROVER.rawValue { break }
            try Library.call("the refs") { code }
            guard let text = name else { continue }
            let name = bytes(of: text)
            if name.starts(with: start) { names.append(RefName(name)) }
        }
        var references: [ResolvedReference] = []
        for name in names.sorted() {
            let target = try resolve(name).target
            references.append(ResolvedReference(name: name, target: target))
        }
        return references
    }

    /// What `HEAD` is: the branch that is checked out, or that a bare repository names as its
    /// default; its own name when it is detached.
    public func head() throws(GitError) -> ResolvedReference { try resolve("HEAD") }

    /// What the ref itself says, not followed.
    private enum Direct {
        case id(ObjectID)
        case symbolic(RefName)
    }

    private func reference(_ name: RefName) throws(GitError) -> Direct? {
        guard !name.bytes.contains(0) else {
            throw GitError(.malformed, "\(name)", "is not the name of a ref")
        }
        var found: OpaquePointer?
        let code = try Library.callIfFound("\(name)") {
            (name.bytes + [0]).withUnsafeBytes {
                git_reference_lookup(
                    &found, handle, $0.bindMemory(to: CChar.self).baseAddress)
            }
        }
        guard code != nil, let found else { return nil }
        defer { git_reference_free(found) }
        if let target = git_reference_target(found) { return .id(ObjectID(target.pointee)) }
        guard let next = git_reference_symbolic_target(found) else {
            throw GitError(.malformed, "\(name)", "points at nothing")
        }
        return .symbolic(RefName(bytes(of: next)))
    }
}
