import GitObjects
import Policy
import Spawn
import Testing

@testable import Checks

@Suite struct WorktreeTests {
    @Test func hasTheTreeAndNothingElse() throws {
        let bench = try Bench()
        let subject = try bench.commit(
            "mkdir -p a/b; echo 1 >a/b/file; echo 2 >top; ln -s a/b link; echo x >run;"
                + " chmod +x run; printf 'ignored\\n' >.gitignore")
        let listing = try bench.output(
            of: "find . -name .git -prune -o -print | sort; test -x run; readlink link",
            on: subject)
        #expect(
            listing
                == ".\n./.gitignore\n./a\n./a/b\n./a/b/file\n./link\n./run\n./top\na/b\n")
    }

    @Test func isNeitherTheDevelopersTreeNorCalledOtherwise() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo committed >file")
        try bench.shell("cd system; echo unsaved >file; echo new >other")
        let before = try bench.state()
        let output = try bench.output(
            of: "cat file; ls; basename \"$PWD\"; echo changed >file", on: subject)
        #expect(output == "committed\nfile\nsystem\n")
        #expect(try bench.state() == before)
    }

    private static let messes = [
        "echo evil >file", "rm -r folder", "echo x >stray", "mkdir -p new/deep; echo x >new/deep/f",
        "echo x >ignored", "chmod -x run", "mkdir locked; touch locked/x; chmod 500 locked",
        "chmod 500 folder", "mkfifo pipe folder/pipe", "rm file; mkdir file; touch file/x",
        "rm -r folder; ln -s /etc folder", "rm link; echo file >link",
        "touch -d @1 stamp; cp -p file stamp; echo eviL >file; touch -r stamp file; rm stamp",
        "git init -q nested; touch nested/x", "rm -rf .git", "rm -rf .git; ln -s /tmp .git",
        "echo junk >.git/index", "rm -rf ../control", "echo junk >../control/index",
        "chmod 000 file", "mkdir -p $(yes d | head -n 400 | tr '\\n' '/')",
        "git config core.fsmonitor 'touch /tmp/evil'; git checkout -q -b other",
        "mv folder away; ln -s away folder", "mv folder ../away; ln -s ../away folder",
        "rm folder/inner; echo x >folder/other", "mv file folder/file", "mkdir folder/empty",
        "git add -A; git commit -q --allow-empty -m Mine; git tag 1.0; git rm -q file",
    ]

    /// What a check may leave behind; the next one finds the tree and nothing else, whether git's
    /// index is believed or every file is read.
    @Test(arguments: messes, [true, false])
    func isCleanWhateverTheCheckBeforeLeft(_ mess: String, readsEveryFile: Bool) throws {
        // Two changes within one tick of the file system's clock have the same time.
        if !readsEveryFile && mess.contains("touch -r") { return }
        let bench = try Bench()
        let subject = try bench.commit(
            "mkdir folder; echo 1 >folder/inner; echo good >file; echo x >run; chmod +x run;"
                + " ln -s file link; echo ignored >.gitignore")
        let look =
            "find . -name .git -prune -o -print | sort; cat file folder/inner link;"
            + " readlink link; test -x run; git status --porcelain"
        let checks = [
            check(look, name: "before"), check(mess, name: "mess"), check(look, name: "after"),
        ]
        let outcomes = try bench.runner.run(
            checks, on: subject, RunOptions(readsEveryFile: readsEveryFile))
        #expect(outcomes[1].result == .passed, "the mess itself could not be made")
        #expect(outcomes[2].result == .passed)
        #expect(outcomes[0].outputTail == outcomes[2].outputTail)
        #expect(String(decoding: outcomes[0].outputTail, as: UTF8.self).contains("good\n1\ngood"))
    }

    @Test func movesFromTreeToTree() throws {
        let bench = try Bench()
        let first = try bench.commit("mkdir a; echo 1 >a/one; echo 1 >changing")
        let second = try bench.commit("git rm -q -r a; echo 2 >changing; echo 2 >a")
        let look = "ls; cat changing; git rev-parse HEAD"
        #expect(
            try bench.output(of: look, on: first)
                == "a\nchanging\n1\n\(try #require(first.commit).hex)\n")
        #expect(
            try bench.output(of: look, on: second)
                == "a\nchanging\n2\n\(try #require(second.commit).hex)\n")
        #expect(
            try bench.output(of: "cat a/one", on: first) == "1\n")
    }

    private static let changes = [
        "touch folder/stray", "mkdir folder/deep/stray", "mv folder/inner folder/other",
        "ln -s /etc folder/deep/link", "mv folder ../away; ln -s ../away folder",
        "mv folder/deep ../away; ln -s ../../away folder/deep",
        // As if nothing had happened, as far as anybody can set times.
        "mkdir t; touch -r folder t; touch folder/stray; touch -r t folder; rmdir t",
        "mkdir t; touch -r folder t; mv folder/inner folder/other; touch -r t folder; rmdir t",
    ]

    /// A folder that has rested is not read again; one to which something has happened is.
    @Test func looksAgainAtEachFolderThatHasChanged() throws {
        let bench = try Bench()
        let first = try bench.commit(
            "mkdir -p folder/deep; echo 1 >folder/inner; echo 1 >folder/deep/file; echo 1 >top")
        let second = try bench.commit("echo 2 >folder/deep/file")
        let believing = RunOptions(readsEveryFile: false)
        func run(_ script: String, on subject: CheckedTree) throws -> String {
            let outcome = try #require(
                try bench.runner.run([check(script)], on: subject, believing).first)
            #expect(outcome.result == .passed, "\(outcome.reason)")
            return String(decoding: outcome.outputTail, as: UTF8.self)
        }
        let look =
            "find . -name .git -prune -o -print | sort; cat folder/inner folder/deep/file;"
            + " git status --porcelain"
        let state = try bench.state()
        let looks = [try run(look, on: first), try run(look, on: second)]
        let seal = try bench.shell("echo cache/gate/worktrees/*/0/seal").dropLast()
        for change in Self.changes {
            // Until the folders have rested long enough to be believed.
            var isSealed = false
            for _ in 0..<100 where !isSealed {
                try bench.shell("sleep 0.2")
                #expect(try run(look, on: first) == looks[0])
                isSealed = try bench.shell("grep -c folder/deep \(seal) || true") == "1\n"
            }
            #expect(isSealed)
            _ = try run(change, on: first)
            let seen = try run(look, on: second)
            #expect(seen == looks[1], "\(change)")
        }
        #expect(try bench.state() == state, "the developer's repository was written to")
    }

    @Test func attributesDoNotRewriteFiles() throws {
        let bench = try Bench()
        let subject = try bench.commit(
            """
            printf 'one\\r\\ntwo\\n' >mixed; printf '$Id$\\n' >ident
            git add -A
            printf '* text eol=crlf\\nident ident\\n* filter=evil\\n' >.gitattributes
            git config filter.evil.smudge 'sed s/one/evil/'
            """)
        let blob = try bench.shell("cd system; git cat-file blob HEAD:mixed | sha1sum")
        #expect(try bench.output(of: "sha1sum <mixed", on: subject) == blob)
        #expect(try bench.output(of: "cat ident", on: subject) == "$Id$\n")
    }

    @Test func gitWorksInItAsInAClone() throws {
        let bench = try Bench()
        let subject = try bench.commit(
            "echo 1 >file; git add file; git commit -qm One; git tag v1.2")
        let output = try bench.output(
            of: "git describe --tags --long; git ls-files; git status --porcelain; git log"
                + " --format=%s -1 HEAD^; git rev-parse --is-bare-repository", on: subject)
        let short = try bench.shell("cd system; git rev-parse --short HEAD")
        #expect(output == "v1.2-1-g\(short)file\nOne\nfalse\n")
    }

    @Test func aMergeResultWithoutCommitGetsOne() throws {
        let bench = try Bench()
        var subject = try bench.commit("echo 1 >file")
        let parent = try #require(subject.commit)
        subject.commit = nil
        subject.parents = [parent]
        let look = "git rev-parse HEAD^1 HEAD^{tree} HEAD"
        let first = try bench.output(of: look, on: subject)
        #expect(first.hasPrefix("\(parent.hex)\n\(subject.tree.hex)\n"))
        #expect(try bench.output(of: look, on: subject) == first)
        let commit = try #require(first.split(separator: "\n").last)
        #expect(
            try bench.shell("cd system; git cat-file -t \(commit) 2>&1 || true").contains("fatal"))
    }

    @Test func aBareRepositoryWillDo() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        try bench.shell("git clone -q --bare system server.git")
        let runner = try CheckRunner(
            repository: bench.folder + "/server.git", environment: bench.environment)
        let outcomes = try runner.run([check("cat file; basename \"$PWD\"")], on: subject)
        #expect(outcomes.map { String(decoding: $0.outputTail, as: UTF8.self) } == ["1\nserver\n"])
    }

    @Test func twoAtOnceGetTwoWorktrees() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let runner = try bench.runner
        var inner: [CheckOutcome] = []
        let outer = try runner.run([check("echo $GATE_SLOT")], on: subject) { event in
            guard case .started = event else { return }
            do {
                inner = try runner.run([check("echo $GATE_SLOT")], on: subject)
            } catch { Issue.record(error) }
        }
        let again = try runner.run([check("echo $GATE_SLOT")], on: subject)
        let slots = (outer + inner + again).map { String(decoding: $0.outputTail, as: UTF8.self) }
        #expect(slots == ["0\n", "1\n", "0\n"])
    }

    @Test func keepsWhatACheckAskedToKeepAndForItAlone() throws {
        let bench = try Bench()
        let subject = try bench.commit("mkdir src; echo 1 >src/file")
        let count =
            "mkdir -p .cache build/obj; echo x >>.cache/runs; wc -l <.cache/runs; ls build/obj"
        let keeping = check(
            count + "; touch build/obj/o", name: "keeping", keep: [".cache", "build/obj"])
        let other = check("ls -A", name: "other")
        let outputs = try bench.run(keeping, other, keeping, on: subject)
            .map { String(decoding: $0.outputTail, as: UTF8.self) }
        #expect(outputs == ["1\n", ".git\nsrc\n", "2\no\n"])
    }

    /// `keep:` must neither carry a changed file of the tree over, nor reach outside.
    @Test(arguments: ["src", "src/file", "../../../../home", ".git", "link", "./src", "/"])
    func keepsNothingOfTheTreeNorOutside(_ keep: String) throws {
        let bench = try Bench()
        let subject = try bench.commit(
            "mkdir src; echo 1 >src/file; ln -s \(bench.folder)/home link")
        try bench.shell("touch home/mine")
        let mess = check(
            "echo evil >src/file; touch src/stray; rm -f link; ln -s \(bench.folder)/home link",
            name: "k", keep: [keep])
        let look = check("cat src/file; ls src; git status --porcelain", name: "k", keep: [keep])
        let outcomes = try bench.run(mess, look, on: subject)
        #expect(String(decoding: outcomes[1].outputTail, as: UTF8.self) == "1\nfile\n")
        #expect(try bench.shell("ls home") == "mine\n")
    }

    @Test func saysWhatChecksCannotSee() throws {
        let bench = try Bench()
        let subject = try bench.commit(
            """
            printf '*.bin filter=lfs -text\\n' >.gitattributes
            printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:00\\nsize 1\\n' >big.bin
            git add -A; git commit -qm One
            git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),vendor/lib
            git config core.fileMode true
            mkdir -p vendor/lib; git init -q vendor/lib
            git -C vendor/lib commit -q --allow-empty -m Sub
            """)
        var notes: [String] = []
        let checks = [check("touch vendor/lib/x"), check("ls vendor/lib", name: "two")]
        let outcomes = try bench.runner.run(checks, on: subject) {
            event in
            if case .note(let note) = event { notes.append(note) }
        }
        #expect(outcomes.map(\.outputTail) == [[], []])
        #expect(notes.count == 2)
        #expect(notes.first?.contains("a submodule (vendor/lib)") == true)
        #expect(notes.last?.contains("big.bin is kept outside git") == true)
    }

    @Test func aTreeThatIsNotThereIsAnError() throws {
        let bench = try Bench()
        _ = try bench.commit("echo 1 >file")
        let absent = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
        #expect(throws: GitError.self) {
            try bench.run(check("true"), on: CheckedTree(tree: absent, commit: absent))
        }
    }

    @Test func aFolderThatIsNoRepositoryIsAnError() throws {
        let bench = try Bench()
        #expect(throws: GitError.self) {
            try CheckRunner(repository: bench.folder + "/home", environment: bench.environment)
        }
    }
}

@Suite struct SealTests {
    @Test func isOfOneIndexAndWholeOrNothing() throws {
        let index = Array("an index".utf8)
        var seal = Seal()
        let stamp = Seal.Stamp(device: 1, number: 1 << 40, changed: -5, touched: 1_700_000_000)
        seal.add(stamp, count: 3, of: "")
        seal.add(stamp, count: 0, of: "a folder\n/x")
        let bytes = seal.bytes(index: index)
        let read = try #require(Seal(bytes, index: index))
        #expect(read.vouches(for: "", count: 3, stamp: stamp))
        #expect(read.vouches(for: "a folder\n/x", count: 0, stamp: stamp))
        #expect(!read.vouches(for: "", count: 2, stamp: stamp))
        #expect(!read.vouches(for: "another", count: 3, stamp: stamp))
        let later = Seal.Stamp(
            device: 1, number: 1 << 40, changed: -5, touched: 1_700_000_001)
        #expect(!read.vouches(for: "", count: 3, stamp: later))

        #expect(Seal(bytes, index: index + [0]) == nil)
        #expect(Seal([], index: index) == nil)
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 1
            #expect(Seal(damaged, index: index) == nil)
            #expect(Seal(Array(bytes[..<position]), index: index) == nil)
        }
    }
}

@Suite struct TrackedPathsTests {
    @Test func countsTheNamesOfEachFolder() {
        let entries: [(isSubmodule: Bool, path: String)] = [
            (false, "a.txt"), (false, "a/b/one"), (false, "a/b/two"), (false, "a/c"),
            (false, "a/d/e/f"), (false, "a/z"), (true, "lib/sub"), (false, "lib/y"), (false, "z"),
        ]
        let listing = entries.map { entry in
            "\(entry.isSubmodule ? "160000" : "100644") \(String(repeating: "0", count: 40)) 0\t"
                + entry.path
        }
        let paths = TrackedPaths(listing: Array(listing.joined(separator: "\0").utf8))
        let wanted: [TreePath: Int?] = [
            "": 4, "a": 4, "a/b": 2, "a/d": 1, "a/d/e": 1, "lib": nil, "lib/sub": nil,
        ]
        #expect(paths.folders == wanted)
        for path in ["a", "a/b", "a/b/two", "a.txt", "lib/sub", "z", "a/d/e/f"] {
            #expect(paths.contains(TreePath(path)))
        }
        for path in ["b", "a/b/three", "a/b/one/x", "A", "lib/sub/x", "zz", "a/"] {
            #expect(!paths.contains(TreePath(path)))
        }
        #expect(paths.submodules == ["lib/sub"])
    }
}
