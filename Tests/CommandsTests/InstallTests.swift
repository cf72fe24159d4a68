import Files
import Testing

@Suite struct InstallTests {
    @Test func aServerWatchesAndIsPutBackToTheByte() throws {
        let bench = try Bench()
        try bench.makeServer()
        let config = try bench.read("server.git/config")
        let answer = try bench.gate("install", "--server", "server.git")
        #expect(answer.code == 0)
        #expect(answer.output.contains("state   watching"))
        #expect(answer.output.contains("gate trust -C \(bench.path)/server.git"))
        #expect(try bench.setting("gate.trust") == "watching")
        #expect(try bench.setting("receive.fsckObjects") == "true")
        #expect(try bench.setting("commitGraph.generationVersion") == "1")
        for hook in ["pre-receive", "post-receive"] {
            #expect(File.isExecutable("\(bench.path)/server.git/hooks/\(hook)"))
        }

        #expect(try bench.gate("uninstall", "--server", "server.git").code == 0)
        #expect(try bench.read("server.git/config") == config)
        #expect(!bench.has("server.git/hooks/pre-receive"))
        #expect(!bench.has("server.git/hooks/post-receive"))
        #expect(!bench.has("server.git/gate"))
    }

    @Test func aSettingThatWasThereComesBack() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.git("config", "receive.fsckObjects", "false", in: "server.git")
        let config = try bench.read("server.git/config")
        for _ in 0..<2 { #expect(try bench.gate("install", "--server", "server.git").code == 0) }
        #expect(try bench.setting("receive.fsckObjects") == "true")
        #expect(try bench.gate("uninstall", "--server", "server.git").code == 0)
        #expect(try bench.read("server.git/config") == config)
    }

    @Test func sayingItAgainChangesNothing() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        #expect(try bench.gate("trust", "--yes", "-C", "server.git").code == 0)
        let config = try bench.read("server.git/config")
        let answer = try bench.gate("install", "--server", "server.git")
        #expect(answer.code == 0)
        #expect(answer.output.contains("state   closed"))
        #expect(answer.output.contains("pre-receive: is in place"))
        #expect(try bench.read("server.git/config") == config)
    }

    /// What was there before reads the same input, and its refusal refuses.
    @Test func anEarlierHookRunsFirst() throws {
        let bench = try Bench()
        try bench.makeServer()
        let hook = """
            #!/bin/sh
            cat >> seen
            [ ! -e block ] || { echo "the earlier hook says no" >&2; exit 7; }

            """
        try bench.write(hook, to: "server.git/hooks/pre-receive", executable: true)
        try bench.write(
            "#!/bin/sh\ncat >> told\n", to: "server.git/hooks/post-receive", executable: true)
        let answer = try bench.gate("install", "--server", "server.git")
        #expect(answer.output.contains("runs pre-receive.before-gate first"))
        try bench.git("commit", "-q", "--allow-empty", "-m", "One", in: "clone")
        let one = try bench.git("rev-parse", "HEAD", in: "clone")
        #expect(try bench.push("HEAD:refs/heads/one").code == 0)
        let line = "\(String(repeating: "0", count: 40)) \(one) refs/heads/one\n"
        #expect(try bench.read("server.git/seen") == line)
        #expect(try bench.read("server.git/told") == line)

        try bench.write("", to: "server.git/block")
        let refused = try bench.push("HEAD:refs/heads/two")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("the earlier hook says no"))
        #expect(try bench.run(["git", "show-ref", "refs/heads/two"], in: "server.git").code == 1)

        #expect(try bench.gate("uninstall", "--server", "server.git").code == 0)
        #expect(try bench.read("server.git/hooks/pre-receive") == hook)
        #expect(!bench.has("server.git/hooks/pre-receive.before-gate"))
    }

    /// An earlier hook that lets everything pass does not keep gate from refusing.
    @Test func gateJudgesBehindAnEarlierHook() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.write("#!/bin/sh\nexit 0\n", to: "server.git/hooks/pre-receive", executable: true)
        try bench.writePolicy()
        #expect(try bench.gate("install", "--server", "server.git").code == 0)
        try bench.git("add", "-A", in: "clone")
        try bench.git("commit", "-q", "-m", "Policy", in: "clone")
        #expect(try bench.push("HEAD:refs/heads/master").code == 0)
        #expect(try bench.gate("trust", "--yes", "-C", "server.git").code == 0)
        try bench.git("commit", "-q", "--allow-empty", "-m", "Direct", in: "clone")
        let refused = try bench.push("HEAD:refs/heads/master")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("pull_request"))
    }

    @Test func aLinkIsKeptAsALink() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.write("#!/bin/sh\nexit 0\n", to: "shared-hook", executable: true)
        try bench.run(
            ["ln", "-s", "\(bench.path)/shared-hook", "server.git/hooks/pre-receive"]
        ).expectSuccess()
        #expect(try bench.gate("install", "--server", "server.git").code == 0)
        #expect(try bench.read("shared-hook") == "#!/bin/sh\nexit 0\n")
        let kept = FileStatus("\(bench.path)/server.git/hooks/pre-receive.before-gate")
        #expect(kept?.kind == .symbolicLink)
        #expect(try bench.gate("uninstall", "--server", "server.git").code == 0)
        let back = FileStatus("\(bench.path)/server.git/hooks/pre-receive")
        #expect(back?.kind == .symbolicLink)
    }

    @Test func aSecondForeignHookIsNotOverwritten() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.write("#!/bin/sh\n# one\n", to: "server.git/hooks/pre-receive", executable: true)
        #expect(try bench.gate("install", "--server", "server.git").code == 0)
        try bench.write("#!/bin/sh\n# two\n", to: "server.git/hooks/pre-receive", executable: true)
        let answer = try bench.gate("install", "--server", "server.git")
        #expect(answer.code == 3)
        #expect(answer.errors.contains("pre-receive.before-gate is there too"))
        #expect(try bench.read("server.git/hooks/pre-receive") == "#!/bin/sh\n# two\n")
        #expect(
            try bench.read("server.git/hooks/pre-receive.before-gate") == "#!/bin/sh\n# one\n")
    }

    /// Settings are written and then no hook can be: on a full disk, which a limit of 512 bytes a
    /// file stands for, and where something else has the place of the folder.
    @Test(arguments: ["trap '' XFSZ; ulimit -f 1", "rm -r hooks; echo > hooks"])
    func nothingIsHalfDone(_ obstacle: String) throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.git("config", "receive.fsckObjects", "false", in: "server.git")
        let config = try bench.read("server.git/config")
        let answer = try bench.run(
            ["sh", "-c", "\(obstacle); exec '\(Bench.program)' install --server"], in: "server.git")
        #expect(answer.code == 3, "\(answer.all)")
        #expect(answer.errors.contains("hooks"))
        #expect(try bench.read("server.git/config") == config)
        #expect(!bench.has("server.git/hooks/post-receive"))
        #expect(!bench.has("server.git/hooks/pre-receive"))
        #expect(!bench.has("server.git/gate/installed"))
    }

    @Test func aFolderInPlaceOfAHookIsSeenFirst() throws {
        let bench = try Bench()
        try bench.makeServer()
        let config = try bench.read("server.git/config")
        try Folder.make(bench.path + "/server.git/hooks/pre-receive")
        let answer = try bench.gate("install", "--server", "server.git")
        #expect(answer.code == 3)
        #expect(answer.errors.contains("neither a file nor a link"))
        #expect(try bench.read("server.git/config") == config)
        #expect(!bench.has("server.git/hooks/post-receive"))
    }

    @Test func ownHooksPathIsRespectedAndASharedOneIsNot() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.git("config", "--global", "core.hooksPath", "/nonexistent/hooks")
        let shared = try bench.gate("install", "--server", "server.git")
        #expect(shared.code == 3)
        #expect(shared.errors.contains("the global core.hooksPath, /nonexistent/hooks"))
        #expect(
            shared.errors.contains(
                "git --git-dir=\(bench.path)/server.git config core.hooksPath "
                    + "\(bench.path)/server.git/hooks"))
        try bench.git("config", "core.hooksPath", "my-hooks", in: "server.git")
        #expect(try bench.gate("install", "--server", "server.git").code == 0)
        #expect(bench.has("server.git/my-hooks/pre-receive"))
        #expect(!bench.has("server.git/hooks/pre-receive"))
    }

    @Test func aCloneGetsPrePushInTheCommonFolder() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.git("commit", "-q", "--allow-empty", "-m", "One", in: "clone")
        try bench.git("worktree", "add", "-q", "../linked", in: "clone")
        try bench.write(
            "#!/bin/sh\ncat > \"\(bench.path)/seen\"\necho \"$1\" >> \"\(bench.path)/seen\"\n",
            to: "clone/.git/hooks/pre-push", executable: true)
        let answer = try bench.gate("install", in: "linked")
        #expect(answer.code == 0)
        #expect(bench.has("clone/.git/hooks/pre-push.before-gate"))
        #expect(try bench.read("clone/.git/hooks/pre-push").contains("hook pre-push"))
        // The first push of all: the server has no default branch, and so no policy.
        #expect(try bench.push("HEAD:refs/heads/one").code == 0)
        #expect(try bench.read("seen").hasSuffix("origin\n"))
        #expect(try bench.gate("uninstall", in: "clone").code == 0)
        #expect(try bench.read("clone/.git/hooks/pre-push").contains("seen"))
    }

    @Test(arguments: [
        (["install"], "server.git", "is a bare repository", Int32(2)),
        (["install", "--server"], "clone", "has a worktree", 2),
        (["uninstall"], "server.git", "is a bare repository", 2),
        (["install", "--server", "."], "home", "is in no git repository", 2),
        (["install", "--program", "nothing"], "clone", "is no program", 2),
        (["install", "--runner"], "clone", "goes with --server", 2),
    ])
    func whatCannotBe(
        _ words: [String], _ folder: String, _ sentence: String, _ code: Int32
    ) throws {
        let bench = try Bench()
        try bench.makeServer()
        let answer = try bench.run([Bench.program] + words, in: folder)
        #expect(answer.code == code)
        #expect(answer.errors.contains(sentence))
    }

    @Test func foreignFormatsGetTheirSentence() throws {
        let bench = try Bench()
        try bench.git("init", "-q", "--bare", "--object-format=sha256", "new.git")
        let answer = try bench.gate("install", "--server", "new.git")
        #expect(answer.code == 3)
        #expect(answer.errors.contains("SHA-1 only"))
        #expect(!bench.has("new.git/hooks/pre-receive"))
    }

    @Test func aClosedGateIsNotOpenedInPassing() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        #expect(try bench.gate("trust", "--yes", "-C", "server.git").code == 0)
        let answer = try bench.gate("uninstall", "--server", "server.git")
        #expect(answer.code == 2)
        #expect(answer.errors.contains("gate uninstall --server --yes"))
        #expect(bench.has("server.git/hooks/pre-receive"))
        #expect(try bench.gate("uninstall", "--server", "--yes", "server.git").code == 0)
        #expect(try bench.setting("gate.trust") == nil)
        #expect(
            try bench.run(["git", "show-ref", "refs/gate/trusted"], in: "server.git").code == 1)
    }
}

extension Bench.Answer {
    func expectSuccess() { #expect(code == 0, "\(errors)") }
}
