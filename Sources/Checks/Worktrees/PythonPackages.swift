import GitObjects

/// The folders in which Python finds installed packages, of every interpreter that a check may
/// find.
struct PythonPackages {
    private let environment: [[UInt8]]

    init(_ environment: [[UInt8]]) {
        self.environment = environment
    }

    /// `site-packages` (Debian: `dist-packages`) of the virtual environment, of the interpreters in
    /// `PATH`, of those behind the shims of pyenv, asdf and mise, of these folders, and the user's.
    ///
    /// - Parameter more: the tops of further environments.
    func folders(and more: [Folder] = []) throws(GitError) -> [Folder] {
        var bases = more
        if let environment = CacheFolder.value("VIRTUAL_ENV", environment) {
            bases.append(Folder(environment))
        }
        for part in (CacheFolder.value("PATH", environment) ?? []).split(separator: 0x3a)
        where part.first == UInt8(ascii: "/") {
            let folder = Folder(part)
            // Behind a folder that this user may not enter there is nothing that a check could run.
            guard folder.appending("python3").isReachable, let base = folder.parent else {
                continue
            }
            bases.append(base)
            bases += try Self.shimmed(base)
        }
        if let home = CacheFolder.value("HOME", environment) {
            bases.append(Folder(home).appending(".local"))
        }
        var seen: Set<Folder> = []
        var folders: [Folder] = []
        for base in bases where seen.insert(base).inserted { folders += try Self.inside(base) }
        return folders
    }

    /// The package folders of one environment, by its top.
    static func inside(_ base: Folder) throws(GitError) -> [Folder] {
        let library = base.appending("lib")
        guard try library.leadsToFolder else { return [] }
        var folders: [Folder] = []
        // A system's folder of libraries has thousands of names.
        let interpreters = try library.names().filter { $0.starts(with: "python".utf8) }
        for name in interpreters.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            for last in ["site-packages", "dist-packages"] {
                let folder = library.appending(name).appending(last)
                if try folder.leadsToFolder { folders.append(folder) }
            }
        }
        return folders
    }

    /// The environments behind a folder of shims.
    private static func shimmed(_ base: Folder) throws(GitError) -> [Folder] {
        var found: [Folder] = []
        for inner in ["versions", "installs/python"] {
            let folder = base.appending(inner)
            guard try folder.leadsToFolder else { continue }
            for name in try folder.names().sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                found.append(folder.appending(name))
            }
        }
        return found
    }

    /// What in a package folder leads Python elsewhere when it starts or imports.
    static func isPointer(_ name: [UInt8]) -> Bool {
        func ends(_ end: StaticString) -> Bool {
            name.count >= end.utf8CodeUnitCount
                && end.withUTF8Buffer { name.suffix($0.count).elementsEqual($0) }
        }
        // Asked of every name in a package folder: a string is made of few.
        if ends(".pth") || ends(".egg-link") { return true }
        guard ends(".py") else { return false }
        let text = String(decoding: name, as: UTF8.self)
        return text.hasPrefix("__editable__") || text.contains("_editable")
    }
}
