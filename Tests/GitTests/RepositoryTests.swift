import GitObjects
import History
import Spawn
import Testing

@testable import Git

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct OpeningTests {
    private func kind(_ body: () throws -> Void) -> GitError? {
        do {
            try body()
            return nil
        } catch {
            return error as? GitError
        }
    }

    @Test func aBareRepositoryAndAWorktreesFolder() throws {
        let bare = try TestRepository(bare: true)
        #expect(try Repository.open(gitDirectory: bare.path).worktree == nil)
        let clone = try TestRepository()
        let opened = try Repository.open(gitDirectory: clone.path + "/.git")
        #expect(opened.worktree == clone.path)
        #expect(opened.commonDirectory == clone.path + "/.git")
        // The folder around it is not the `$GIT_DIR`, and nothing above is looked at.
        #expect(kind { _ = try Repository.open(gitDirectory: clone.path) }?.kind == .notFound)
        try clone.run(["mkdir", "-p", clone.path + "/sub"])
        #expect(
            kind { _ = try Repository.open(gitDirectory: clone.path + "/sub") }?.kind == .notFound)
        #expect(kind { _ = try Repository.open(gitDirectory: "/no/such") }?.kind == .notFound)
    }

    @Test func discoveryLooksUpwards() throws {
        let clone = try TestRepository()
        try clone.run(["mkdir", "-p", clone.path + "/a/b"])
        let found = try Repository.discover(from: clone.path + "/a/b")
        #expect(found.gitDirectory == clone.path + "/.git")
        let error = kind { _ = try Repository.discover(from: "/") }
        #expect(error?.kind == .noRepository)
        #expect(error?.hint?.contains("-C") == true)
    }

    @Test func aLinkedWorktreeSharesObjectsAndRefs() throws {
        let clone = try TestRepository()
        let commit = try clone.commit(clone.tree(["f": "x"]))
        try clone.setRef("refs/heads/master", commit)
        try clone.git("worktree", "add", "-q", "--detach", "../linked", "master")
        let linked = try Repository.discover(from: clone.folder.path + "/linked")
        #expect(linked.gitDirectory == clone.path + "/.git/worktrees/linked")
        #expect(linked.commonDirectory == clone.path + "/.git")
        #expect(try linked.resolve("refs/heads/master").target == commit)
        #expect(try linked.head() == ResolvedReference(name: "HEAD", target: commit))
        #expect(try linked.commit(commit).id == commit)
    }

    @Test func theQuarantineIsSeenAndMustExist() throws {
        let server = try TestRepository(bare: true, name: "ser:ver")
        let other = try TestRepository(bare: true)
        let commit = try other.commit(other.tree(["f": "new"]))
        let quarantine = server.path + "/objects/tmp_objdir-incoming-x:y"
        try server.run(["cp", "-r", other.path + "/objects", quarantine])
        #expect(try Repository.open(gitDirectory: server.path).header(commit) == nil)
        let hook = try Repository.open(gitDirectory: server.path, quarantine: quarantine)
        #expect(try hook.commit(commit).id == commit)
        #expect(
            kind {
                _ = try Repository.open(
                    gitDirectory: server.path, quarantine: quarantine + "-not")
            }?.kind == .notFound)
    }

    @Test func mergesInQuarantineAreVerified() throws {
        let server = try TestRepository(bare: true)
        let old = (1...9).map { "\($0)\n" }.joined()
        let base = try server.commit(server.tree(["f": old]))
        let ours = try server.commit(server.tree(["f": "0\n" + old]), [base])
        let client = try TestRepository(bare: true, cloning: server)
        try server.setRef("refs/heads/master", ours)
        try client.git("fetch", "-q", server.path, "master")
        let theirs = try client.commit(client.tree(["f": old + "10\n"]), [base])
        let result = try client.tree(["f": "0\n" + old + "10\n"])
        let quarantine = server.path + "/objects/tmp_objdir-incoming-x"
        try server.run(["cp", "-r", client.path + "/objects", quarantine])
        let hook = try Repository.open(gitDirectory: server.path, quarantine: quarantine)
        #expect(
            try hook.verifyMerge(base: base, ours: ours, theirs: theirs, result: result) == .clean)
    }

    @Test func alternatesWithAColonAreFollowed() throws {
        let source = try TestRepository(bare: true, name: "a:b")
        let commit = try source.commit(source.tree(["f": "x"]))
        let clone = try TestRepository(bare: true)
        try clone.run([
            "sh", "-c", "printf '%s\\n' \"$1\" >objects/info/alternates", "sh",
            source.path + "/objects",
        ])
        #expect(try clone.open().commit(commit).id == commit)
    }

    @Test(arguments: [
        (["extensions.objectFormat", "sha256"], "SHA-1"),
        (["extensions.refStorage", "reftable"], "refs"),
        (["extensions.partialClone", "origin"], "partialclone"),
        (["extensions.unheardOf", "true"], "unheardof"),
        (["core.repositoryFormatVersion", "2"], "version"),
    ])
    func unknownFormatsAreRefusedAtEitherVersion(_ setting: [String], _ word: String) throws {
        for version in ["0", "1"] {
            let test = try TestRepository(bare: true)
            let file = test.path + "/config"
            try test.git("config", "-f", file, "core.repositoryFormatVersion", version)
            try test.git("config", "-f", file, setting[0], setting[1])
            let error = kind { _ = try test.open() }
            #expect(error?.kind == .unsupported, "\(setting) at \(version)")
            #expect(error?.problem.contains(word) == true, "\(error?.problem ?? "opened")")
        }
    }

    @Test(arguments: ["worktreeConfig", "preciousObjects", "noop"])
    func harmlessExtensionsAreNot(_ name: String) throws {
        let test = try TestRepository(bare: true)
        try test.git("config", "core.repositoryFormatVersion", "1")
        try test.git("config", "extensions.\(name)", "true")
        #expect(try test.open().extensions() == [name.lowercased()])
    }

    @Test func aShallowRepositoryIsRefused() throws {
        let source = try TestRepository(bare: true)
        let root = try source.commit(source.tree(["f": "1"]))
        try source.setRef("refs/heads/master", source.commit(source.tree(["f": "2"]), [root]))
        let clone = try TestRepository(bare: true)
        try clone.git("fetch", "-q", "--depth=1", "file://" + source.path, "master")
        let error = kind { _ = try clone.open() }
        #expect(error?.kind == .unsupported)
        #expect(error?.hint == "git fetch --unshallow")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a folder away"))
    func anotherUsersRepositoryIsSaidToBeThat() throws {
        let test = try TestRepository(bare: true)
        try test.run(["chown", "-R", "12345", test.path], in: "/")
        let error = kind { _ = try test.open() }
        #expect(error?.kind == .ownership)
        #expect(error?.hint?.contains("safe.directory") == true)
    }

    @Test func replaceRefsAreIgnored() throws {
        let test = try TestRepository(bare: true)
        let one = try test.commit(test.tree(["f": "1"]), message: "one")
        let other = try test.commit(test.tree(["f": "2"]), message: "other")
        try test.git("replace", one.hex, other.hex)
        #expect(try test.git("log", "-1", "--format=%s", one.hex) == "other")
        #expect(try test.open().commit(one).subject == Array("one".utf8))
    }

    @Test func configurationIsRead() throws {
        let test = try TestRepository(bare: true)
        try test.git("config", "gate.name", "value of ours")
        let repository = try test.open()
        #expect(try repository.localConfiguration("gate.name") == "value of ours")
        #expect(try repository.configuration("gate.name") == "value of ours")
        #expect(try repository.configuration("gate.other") == nil)
        #expect(try repository.localConfiguration("core.bare") == "true")
        #expect(!repository.hasGrafts)
    }
}

@Suite struct ObjectTests {
    @Test(arguments: [false, true])
    func readsWhatGitReads(_ isPacked: Bool) throws {
        let test = try TestRepository()
        let tree = try test.tree(["a/b/c": "deep", "f": "flat", "g": "more"])
        let commit = try test.commit(tree, message: "subject")
        try test.setRef("refs/heads/master", commit)
        try test.git("tag", "-a", "-m", "release", "v1", commit.hex)
        if isPacked { try test.git("gc", "-q", "--prune=now") }
        let repository = try test.open()
        let read = try repository.commit(commit)
        #expect(read.tree == tree)
        #expect(read.message == Array("subject\n".utf8))
        let names = try repository.tree(tree).entries.map {
            String(decoding: $0.name, as: UTF8.self)
        }
        #expect(names == ["a", "f", "g"])
        let tag = try repository.tag(test.id("refs/tags/v1"))
        #expect(tag.target == commit && tag.name == Array("v1".utf8))
        let blob = try test.id("master:a/b/c")
        #expect(try repository.entry("a/b/c", in: tree)?.id == blob)
        #expect(try repository.blob(blob, limit: 4) == Array("deep".utf8))
        let header = try repository.header(blob)
        #expect(header?.kind == .blob && header?.size == 4)
        #expect(try repository.header(tree)?.kind == .tree)
        #expect(try repository.header(.zero) == nil)
    }

    @Test func pathsThatNameNothing() throws {
        let test = try TestRepository(bare: true)
        let tree = try test.tree(["a/b": "x"])
        let repository = try test.open()
        for path: TreePath in ["b", "a/c", "a/b/c", "A", "a/b\0"] {
            #expect(try repository.entry(path, in: tree) == nil, "\(path)")
        }
        for path: TreePath in ["", "/a", "a/", "a//b"] {
            #expect(throws: GitError.self) { try repository.entry(path, in: tree) }
        }
    }

    @Test func theEmptyTreeIsAlwaysThere() throws {
        let test = try TestRepository(bare: true)
        let repository = try test.open()
        #expect(try repository.tree(.emptyTree).entries.isEmpty)
        #expect(try repository.header(.emptyTree)?.kind == .tree)
        #expect(try repository.entry("a", in: .emptyTree) == nil)
        #expect(try repository.changes(from: nil, to: .emptyTree).isEmpty)
    }

    @Test func errorsSayWhatIsWrong() throws {
        let test = try TestRepository(bare: true)
        let blob = try test.blob("12345")
        let repository = try test.open()
        func kind(_ body: () throws -> Void) -> GitError.Kind? {
            do { try body() } catch { return (error as? GitError)?.kind }
            return nil
        }
        let missing = ObjectID(hex: String(repeating: "1", count: 40)) ?? .zero
        #expect(kind { _ = try repository.commit(missing) } == .notFound)
        #expect(kind { _ = try repository.blob(missing, limit: 9) } == .notFound)
        #expect(kind { _ = try repository.commit(blob) } == .malformed)
        #expect(kind { _ = try repository.tree(blob) } == .malformed)
        #expect(kind { _ = try repository.blob(blob, limit: 4) } == .limit)
        #expect(kind { _ = try repository.blob(.emptyTree, limit: 4) } == .malformed)
    }

    @Test func anObjectThatDoesNotHashToItsNameIsAnError() throws {
        let test = try TestRepository(bare: true)
        let good = try test.blob("good")
        let bad = try test.blob("bad")
        func path(_ id: ObjectID) -> String {
            test.path + "/objects/" + id.hex.prefix(2) + "/" + id.hex.dropFirst(2)
        }
        try test.run(["cp", "-f", path(bad), path(good)])
        #expect {
            try test.open().blob(good, limit: 10)
        } throws: {
            ($0 as? GitError)?.kind == .malformed
        }
    }

    @Test func objectsThatComeLaterAreFoundAfterARefresh() throws {
        let test = try TestRepository(bare: true)
        let repository = try test.open()
        let other = try TestRepository(bare: true)
        let blob = try other.blob("later")
        try other.setRef("refs/heads/x", other.commit(other.tree(["f": "later"])))
        #expect(try repository.header(blob) == nil)
        try test.git("-c", "transfer.unpackLimit=1", "fetch", "-q", other.path, "x")
        repository.refresh()
        #expect(try repository.blob(blob, limit: 10) == Array("later".utf8))
    }

    @Test func malformedCommitsAreRefused() throws {
        let test = try TestRepository(bare: true)
        let line = "author A <a@b> 0 +0000\n"
        let text =
            "tree \(ObjectID.emptyTree.hex)\n\(line)\(line)committer A <a@b> 0 +0000\n\nm\n"
        let id = try test.object(.commit, Array(text.utf8))
        #expect {
            try test.open().commit(id)
        } throws: {
            ($0 as? GitError)?.kind == .malformed
        }
    }
}

@Suite struct ReferenceTests {
    @Test(arguments: [false, true])
    func resolvesAsGitDoes(_ isPacked: Bool) throws {
        let test = try TestRepository(bare: true)
        let one = try test.commit(test.tree(["f": "1"]))
        let other = try test.commit(test.tree(["f": "2"]))
        try test.setRef("refs/heads/master", one)
        try test.setRef("refs/heads/refs/heads/master", other)
        try test.setRef("refs/tags/master", other)
        try test.git("symbolic-ref", "refs/heads/alias", "refs/heads/master")
        try test.git("symbolic-ref", "refs/heads/alias2", "refs/heads/alias")
        try test.git("symbolic-ref", "refs/heads/unborn", "refs/heads/nothing")
        if isPacked { try test.git("pack-refs", "--all") }
        let repository = try test.open()
        let master = ResolvedReference(name: "refs/heads/master", target: one)
        #expect(try repository.resolve("refs/heads/master") == master)
        #expect(try repository.resolve("refs/heads/alias") == master)
        #expect(try repository.resolve("refs/heads/alias2") == master)
        #expect(try repository.head() == master)
        #expect(try repository.resolve("refs/heads/refs/heads/master").target == other)
        #expect(
            try repository.resolve("refs/heads/unborn")
                == ResolvedReference(name: "refs/heads/nothing", target: nil))
        #expect(
            try repository.resolve("refs/heads/Master")
                == ResolvedReference(name: "refs/heads/Master", target: nil))
        let listed = try repository.references(startingWith: "refs/heads/")
        let expected = try test.git("for-each-ref", "--format=%(refname)", "refs/heads")
            .split(separator: "\n").map { RefName(String($0)) }
        #expect(listed.map(\.name).filter { $0 != "refs/heads/unborn" } == expected)
        #expect(listed.first { $0.name == "refs/heads/alias" }?.target == one)
        #expect(try repository.references(startingWith: "refs/none/").isEmpty)
    }

    @Test func aLoopIsAnError() throws {
        let test = try TestRepository(bare: true)
        try test.git("symbolic-ref", "refs/heads/a", "refs/heads/b")
        try test.git("symbolic-ref", "refs/heads/b", "refs/heads/a")
        #expect(throws: GitError.self) { try test.open().resolve("refs/heads/a") }
    }

    @Test(arguments: ["refs/heads/a..b", "refs/heads/.a", "refs/heads/a.lock", "refs/heads/a b"])
    func anImpossibleNameIsAnError(_ name: String) throws {
        let test = try TestRepository(bare: true)
        #expect {
            try test.open().resolve(RefName(name))
        } throws: {
            ($0 as? GitError)?.kind == .malformed
        }
    }

    @Test func namesAreBytes() throws {
        let test = try TestRepository(bare: true)
        let commit = try test.commit(test.tree(["f": "1"]))
        // The same letter to Swift's String, two names to git.
        try test.setRef("refs/heads/\u{e9}", commit)
        let repository = try test.open()
        #expect(try repository.resolve("refs/heads/\u{e9}").target == commit)
        #expect(try repository.resolve("refs/heads/e\u{301}").target == nil)
    }
}
