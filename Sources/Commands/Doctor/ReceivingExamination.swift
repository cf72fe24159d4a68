import Spawn
import Enforcement
import Files
import Git
import GitObjects

/// How git receives pushes, and how fast gate can judge them.
struct ReceivingExamination {
    let repository: Repository
    private var git: String { "git --git-dir=\(shellWord(repository.gitDirectory.utf8))" }

    func examine(_ examination: inout Examination) {
        examination.look("receive.fsckObjects") { try examineChecks(&$0) }
        examination.look("receive") { try examineSettings(&$0) }
        examination.look("commit-graph") { try examineCommitGraph(&$0) }
        examination.look("refs") { try examineLooseRefs(&$0) }
    }

    private func isOn(_ name: String) throws -> Bool? {
        try repository.setting(name, ["--type=bool"]).map { $0 == "true" }
    }

    private func examineChecks(_ examination: inout Examination) throws {
        let name = "receive.fsckObjects"
        guard try isOn(name) ?? isOn("transfer.fsckObjects") ?? false else {
            examination.add(
                .wrong, name, "git does not check the objects that it receives",
                repair: "\(git) config receive.fsckObjects true")
            return
        }
        examination.add(.ok, name, "git checks the objects that it receives")
        let relaxed = try repository.runGit(
            ["config", "--get-regexp", "^receive\\.fsck\\."]
        ).output.split(separator: 0x0a)
        for line in relaxed where !line.suffix(6).elementsEqual(" error".utf8) {
            examination.add(
                .warn, name, "is relaxed: \(shown(line)); gate still refuses what it reads itself",
                repair: "\(git) config --unset-all \(shellWord(line.prefix { $0 != 0x20 }))")
        }
    }

    private func examineSettings(_ examination: inout Examination) throws {
        if try isOn("receive.denyDeletes") == true {
            examination.add(
                .note, "receive.denyDeletes",
                "nobody can delete any branch, whatever the policy says")
        }
        if try isOn("receive.advertisePushOptions") == true {
            examination.add(
                .ok, "receive.advertisePushOptions", "harmless: no option weakens a rule")
        }
        let hidden = try repository.runGit(["config", "--get-regexp", "\\.hiderefs$|hiderefs$"])
            .output.split(separator: 0x0a)
        for line in hidden {
            let parts = line.split(separator: 0x20, maxSplits: 1)
            guard parts.count == 2, Self.hidesGate(parts[1]) else { continue }
            examination.add(
                .wrong, "hidden refs", "\(shown(line)) keeps clones from the evidence",
                repair: "\(git) config --unset-all \(shellWord(parts[0])) "
                    + shellWord(("^" + String(decoding: parts[1], as: UTF8.self) + "$").utf8))
        }
    }

    /// Whether a value of `transfer.hideRefs` covers a ref of gate's (git-config(1)).
    private static func hidesGate(_ value: ArraySlice<UInt8>) -> Bool {
        if value.first == UInt8(ascii: "!") { return false }
        let prefix = value.first == UInt8(ascii: "^") ? value.dropFirst() : value
        return ["refs/notes/gate", "refs/gate/heads", "refs/gate/trusted"].contains { ref in
            ref.utf8.starts(with: prefix)
                && (ref.utf8.count == prefix.count || prefix.last == UInt8(ascii: "/")
                    || Array(ref.utf8)[prefix.count] == UInt8(ascii: "/"))
        }
    }

    /// libgit2 reads one file with generation numbers of the first kind, and silently goes without
    /// otherwise: then every push walks the history object by object.
    private func examineCommitGraph(_ examination: inout Examination) throws {
        let name = "commit-graph"
        let write =
            "\(git) config commitGraph.generationVersion 1 && \(git) commit-graph write "
            + "--reachable"
        let info = repository.commonDirectory + "/objects/info"
        let start: [UInt8]?
        do {
            start = try File.start(of: info + "/commit-graph", count: 4096)
        } catch {
            throw CommandFailure(error)
        }
        guard let start else {
            guard try hasBranches() else {
                examination.add(
                    .ok, name, "nothing to write into one yet; git gc writes it when there is")
                return
            }
            examination.add(
                .warn, name,
                File.exists(info + "/commit-graphs")
                    ? "is split into a chain, which libgit2 does not read: pushes are judged slowly"
                    : "there is none: pushes are judged slowly",
                repair: write)
            return
        }
        if Self.chunks(start).contains(Array("GDA2".utf8)) {
            examination.add(
                .warn, name,
                "has generation numbers of version 2, which libgit2 does not read: pushes are "
                    + "judged slowly", repair: write)
        } else if try repository.setting("commitGraph.generationVersion")
            != "1"
        {
            examination.add(
                .warn, name, "git gc will write one that libgit2 does not read", repair: write)
        } else {
            examination.add(.ok, name, "generation numbers of version 1")
        }
    }

    private func hasBranches() throws -> Bool {
        do {
            return try !repository.references(startingWith: "refs/heads/").isEmpty
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The names of the chunks of a commit-graph file (gitformat-commit-graph(5)): 8 bytes of
    /// header, of which the seventh counts the chunks, then 12 bytes for each.
    private static func chunks(_ start: [UInt8]) -> [[UInt8]] {
        guard start.starts(with: "CGPH".utf8), start.count > 8 else { return [] }
        return (0..<Int(start[6])).compactMap { index in
            let place = 8 + 12 * index
            return place + 4 <= start.count ? Array(start[place..<place + 4]) : nil
        }
    }

    /// More loose refs than this are slow to list.
    private static let manyLooseRefs = 2000

    private func examineLooseRefs(_ examination: inout Examination) throws {
        var count = 0
        var folders = [repository.commonDirectory + "/refs"]
        while let folder = folders.popLast(), count <= Self.manyLooseRefs {
            do {
                for name in try Folder.names(in: folder) {
                    let path = "\(folder)/\(name)"
                    if FileStatus(path)?.kind == .folder {
                        folders.append(path)
                    } else {
                        count += 1
                    }
                }
            } catch {
                throw CommandFailure(error)
            }
        }
        if count > Self.manyLooseRefs {
            examination.add(
                .warn, "refs", "more than \(Self.manyLooseRefs) are not packed",
                repair: "\(git) pack-refs --all")
        } else {
            examination.add(.ok, "refs", "\(count) are not packed")
        }
    }
}
