import Enforcement
import Files
import Git
import GitObjects
import History

/// What concerns the storage of any repository: who may write it, and what makes git and gate see
/// different histories.
struct RepositoryExamination {
    let site: Site
    private var repository: Repository { site.repository }
    private var git: String { "git --git-dir=\(shellWord(repository.gitDirectory.utf8))" }

    init(site: Site) {
        self.site = site
    }

    func examine(_ examination: inout Examination) {
        examination.look("permissions") { try examinePermissions(&$0) }
        examination.look("history") { try examineRedirections(&$0) }
        examination.look("alternates") { try examineAlternates(&$0) }
    }

    /// Who can write the hooks or the configuration can open the gate.
    private func examinePermissions(_ examination: inout Examination) throws {
        let common = repository.commonDirectory
        let places =
            [common, "\(common)/config", "\(common)/HEAD", "\(common)/gate", site.hooksFolder]
            + site.hooks.map(\.path)
        let caller = FileStatus.caller
        var isFine = true
        for path in places {
            guard let status = FileStatus(path, followsLinks: true) else { continue }
            let name = shown(path.utf8)
            if status.mode & 0o002 != 0 {
                isFine = false
                examination.add(
                    .wrong, "permissions", "everybody may write \(name)",
                    repair: "chmod o-w \(shellWord(path.utf8))")
            } else if status.mode & 0o020 != 0, site.kind == .server {
                isFine = false
                examination.add(
                    .warn, "permissions", "the group may write \(name), and so change the gate",
                    repair: "chmod g-w \(shellWord(path.utf8))")
            }
            if status.owner != caller, status.owner != 0, caller != 0 {
                isFine = false
                examination.add(
                    .warn, "permissions", "\(name) belongs to user \(status.owner)",
                    repair: "run gate doctor as the repository's owner")
            }
        }
        if isFine {
            examination.add(.ok, "permissions", "only the owner may change hooks and settings")
        }
    }

    /// git follows grafts and replace refs; gate does not, so that the two would answer differently.
    private func examineRedirections(_ examination: inout Examination) throws {
        let common = repository.commonDirectory
        var isPlain = true
        if repository.hasGrafts {
            isPlain = false
            examination.add(
                .wrong, "history", "info/grafts makes git see another history than gate",
                repair: "rm \(shellWord((common + "/info/grafts").utf8))")
        }
        let replaced = try wrapped { () throws(GitError) in
            try repository.references(startingWith: "refs/replace/")
        }
        if let first = replaced.first {
            isPlain = false
            examination.add(
                .wrong, "history",
                "\(replaced.count) replace refs make git see another history than gate",
                details: ["the first is \(first.name)"],
                repair: "\(git) replace -l | xargs \(git) replace -d")
        }
        if isPlain { examination.add(.ok, "history", "no grafts and no replace refs") }
    }

    private func examineAlternates(_ examination: inout Examination) throws {
        let path = repository.commonDirectory + "/objects/info/alternates"
        guard let bytes = try wrapped({ () throws(FileError) in try File.readIfPresent(path) }),
            !bytes.isEmpty
        else { return }
        examination.add(
            site.kind == .server ? .warn : .note, "alternates",
            "objects are borrowed from \(shown(bytes.prefix { $0 != 0x0a })), which must keep them",
            repair: "\(git) repack -a -d && rm \(shellWord(path.utf8))")
    }

    private func wrapped<T, E: Error>(_ body: () throws(E) -> T) throws -> T {
        do {
            return try body()
        } catch let error as GitError {
            throw CommandFailure(error)
        } catch let error as FileError {
            throw CommandFailure(error)
        }
    }
}
