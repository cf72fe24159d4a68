import Enforcement
import Files
import Git
import GitObjects
import Spawn

/// A repository without objects of its own beside the server's, from which checks are run there.
///
/// It reads the server's objects in place (gitrepository-layout(5), `objects/info/alternates`) and
/// is otherwise an ordinary clone: evidence is united there and pushed to the server by path, so
/// that the hook judges it, and no ref of the server is written past it.
struct ServerCopy {
    let server: Repository
    let path: String

    init(of server: Repository, in folder: String) {
        self.server = server
        let last = server.gitDirectory.split(separator: "/").last.map(String.init) ?? "server"
        let name = last.hasSuffix(".git") ? String(last.dropLast(4)) : last
        path = "\(folder)/\(name.isEmpty ? "server" : name).git"
    }

    /// Makes it where it is not, or is not as it should be.
    func prepare() throws {
        if try isRight() { return }
        try make()
    }

    /// Makes it anew.
    func make() throws {
        let fresh = path + ".new"
        try Folder.remove(fresh)
        _ = try run(["git", "init", "--quiet", "--bare", "--template=", fresh])
        try Folder.make(fresh + "/objects/info")
        try File.write(alternates, to: fresh + "/objects/info/alternates")
        for (name, value) in settings {
            _ = try run(["git", "--git-dir=\(fresh)", "config", name, value])
        }
        try Folder.remove(path)
        try File.move(fresh, to: path)
    }

    private var alternates: [UInt8] { Array("\(server.commonDirectory)/objects\n".utf8) }
    private var settings: [(String, String)] {
        [("remote.origin.url", server.commonDirectory), ("gc.autoDetach", "false")]
    }

    private func isRight() throws -> Bool {
        guard File.isFolder(path),
            try File.readIfPresent(path + "/objects/info/alternates") == alternates
        else { return false }
        do {
            let copy = try Repository.open(gitDirectory: path)
            return try copy.localConfiguration("remote.origin.url") == server.commonDirectory
        } catch {
            return false
        }
    }

    /// Packs what has gathered, where there is much.
    func tidy() throws {
        let words = ["git", "--git-dir=\(path)", "gc", "--auto", "--quiet"]
        let result = try Child(
            words, environment: Child.environmentForAnotherRepository(), timeout: 600
        ).run()
        if !result.succeeded { Screen.note("gate ci: \(shown(path.utf8)) could not be packed") }
    }

    private func run(_ words: [String]) throws -> [UInt8] {
        let result = try Child(
            words, environment: Child.environmentForAnotherRepository(), timeout: 60
        ).run()
        guard result.succeeded else {
            throw CommandFailure.undetermined(
                "\(shown(path.utf8)) cannot be made",
                details: result.errorOutput.split(separator: 0x0a).map { shown($0) })
        }
        return result.output
    }
}
