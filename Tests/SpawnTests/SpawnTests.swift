import Testing

@testable import Spawn

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct ChildTests {
    private func shell(_ script: String, _ more: String...) -> Child {
        Child(["sh", "-c", script, "sh"] + more, environment: [Array("PATH=/usr/bin:/bin".utf8)])
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(arguments: [
        ("exit 0", Child.Termination.exited(0)), ("exit 3", .exited(3)),
        ("exit 255", .exited(255)), ("kill -9 $$", .signalled(9)), ("kill -15 $$", .signalled(15)),
    ])
    func saysHowItEnded(_ script: String, _ termination: Child.Termination) throws {
        let result = try shell(script).run()
        #expect(result.termination == termination)
        #expect(result.succeeded == (termination == .exited(0)))
    }

    @Test func keepsTheStreamsApart() throws {
        let result = try shell("printf out; printf err >&2").run()
        #expect(text(result.output) == "out")
        #expect(text(result.errorOutput) == "err")
        #expect(!result.truncated)
    }

    @Test func passesArgumentsAndEnvironmentUntouched() throws {
        var child = shell("printf '%s|' \"$@\" \"$V\"; env", "a b", "$HOME", "", "é")
        child.environment = [Array("PATH=/usr/bin:/bin".utf8), Array("V=x y".utf8)]
        let output = text(try child.run().output)
        #expect(output.hasPrefix("a b|$HOME||é|x y|"))
        #expect(!output.contains("HOME=/"))
    }

    @Test func runsInItsDirectory() throws {
        var child = shell("pwd")
        child.directory = "/usr"
        #expect(text(try child.run().output) == "/usr\n")
    }

    /// A terminal answers only its foreground group.
    @Test(arguments: [false, true]) func asksAtTheTerminalFromOurGroup(_ asks: Bool) throws {
        var child = shell("ps -o pgid= -p $$; ps -o pgid= -p $PPID")
        child.asksAtTerminal = asks
        child.timeout = 60
        let groups = text(try child.run().output).split(separator: "\n").map {
            $0.filter { $0 != " " }
        }
        try #require(groups.count == 2)
        #expect((groups[0] == groups[1]) == asks)
    }

    @Test func aChildThatAsksIsEndedWhenTimeIsUp() throws {
        var child = shell("exec sleep 30")
        child.asksAtTerminal = true
        child.timeout = 0.1
        #expect(try child.run().termination == .timedOut)
    }

    @Test func withoutInputReadsNothing() throws {
        let result = try shell("cat; echo end").run()
        #expect(text(result.output) == "end\n")
    }

    @Test func aMillionBytesBothWaysDoNotDeadlock() throws {
        var child = shell("cat; head -c 1000000 /dev/zero >&2")
        child.input = [UInt8](repeating: 0x61, count: 4_000_000)
        child.timeout = 60
        let result = try child.run()
        #expect(result.succeeded)
        #expect(result.output == child.input)
        #expect(result.errorOutput.count == 1_000_000)
    }

    @Test func aReaderThatStopsReadingIsNoError() throws {
        var child = shell("head -c 10; exec <&-; sleep 0.05; exit 4")
        child.input = [UInt8](repeating: 0x61, count: 1_000_000)
        let result = try child.run()
        #expect(result.termination == .exited(4))
        #expect(result.output.count == 10)
    }

    @Test func keepsNoMoreThanTheLimitAndSaysSo() throws {
        var child = shell("head -c 300000 /dev/zero; head -c 5 /dev/zero >&2")
        child.outputLimit = 1000
        let result = try child.run()
        #expect(result.succeeded)
        #expect(result.output.count == 1000)
        #expect(result.errorOutput.count == 5)
        #expect(result.truncated)
    }

    @Test func handsOutPiecesAsTheyCome() throws {
        var seen: [(Child.Stream, [UInt8])] = []
        let result = try shell("printf one; sleep 0.1; printf two >&2").run { stream, piece in
            seen.append((stream, Array(piece)))
        }
        #expect(seen.map { text($0.1) } == ["one", "two"])
        #expect(seen.map { $0.0 } == [.output, .errorOutput])
        #expect(text(result.output) == "one")
    }

    @Test func endsTheWholeGroupWhenTimeIsUp() throws {
        var child = shell("sleep 60 & echo $!; wait")
        child.timeout = 0.2
        let clock = ContinuousClock()
        let start = clock.now
        let result = try child.run()
        #expect(result.termination == .timedOut)
        #expect(clock.now - start < .seconds(2))
        let grandchild = text(result.output).split(separator: "\n").first.map(String.init) ?? ""
        #expect(!grandchild.isEmpty)
        #expect(try isGone(grandchild))
    }

    @Test func killsWhatIgnoresTheFirstSignal() throws {
        var child = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done")
        child.timeout = 0.2
        let clock = ContinuousClock()
        let start = clock.now
        let result = try child.run()
        #expect(result.termination == .timedOut)
        #expect(clock.now - start >= .seconds(2))
        #expect(clock.now - start < .seconds(10))
        #expect(text(result.output) == "ready\n")
    }

    @Test func doesNotWaitForGrandchildrenThatHoldThePipes() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try shell("sleep 60 & echo $!; exit 0").run()
        #expect(result.succeeded)
        #expect(clock.now - start < .seconds(10))
        let grandchild = text(result.output).split(separator: "\n").first.map(String.init) ?? ""
        #expect(try isGone(grandchild))
    }

    @Test func aChildThatClosesItsPipesIsStillWaitedFor() throws {
        let result = try shell("exec >&- 2>&-; sleep 0.2; exit 7").run()
        #expect(result.termination == .exited(7))
    }

    @Test func startsWithDefaultSignalsAndNoOtherDescriptors() throws {
        let result = try shell(
            "grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | tr '\\n' ' '"
        ).run()
        // The two signals above 31 are glibc's own; 3 is the folder that ls itself has opened.
        let output = text(result.output)
        #expect(output.contains("SigBlk:\t0000000000000000\n"))
        #expect(output.contains(/SigIgn:\t[0-9a-f]{8}[08]0{7}\n/))
        #expect(output.hasSuffix("\n0 1 2 3 "))
    }

    @Test(arguments: ["no-such-program-here", "/no/such/file", ""])
    func aMissingProgramIsAnErrorOfItsOwn(_ name: String) {
        #expect {
            try Child([name], environment: [Array("PATH=/usr/bin".utf8)]).run()
        } throws: {
            ($0 as? SpawnError)?.isMissing == true && ($0 as? SpawnError)?.program == name
        }
    }

    @Test func relativeFoldersInThePathArePassedOver() {
        var child = Child(["sh", "-c", "exit 0"], environment: [Array("PATH=.::bin".utf8)])
        child.directory = "/bin"
        #expect { try child.run() } throws: { ($0 as? SpawnError)?.isMissing == true }
    }

    @Test func aMissingDirectoryIsAnError() {
        var child = shell("exit 0")
        child.directory = "/no/such/folder"
        #expect(throws: SpawnError.self) { try child.run() }
    }

    @Test func onTheTerminalItSharesTheStreams() throws {
        #expect(try shell("exit 5").runOnTerminal() == .exited(5))
    }

    @Test func manyAtOnce() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<24 {
                group.addTask {
                    var child = Child(["cat"], environment: [Array("PATH=/usr/bin:/bin".utf8)])
                    child.input = [UInt8](repeating: UInt8(number), count: 200_000)
                    return try child.run().output == child.input
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    /// Whether no process of this number runs; one that ended and waits for its parent counts.
    private func isGone(_ process: String) throws -> Bool {
        let look =
            "for i in 1 2 3 4 5 6 7 8 9 10; do s=$(sed 's/.*) //' /proc/$1/stat"
            + " 2>/dev/null | cut -c1); [ -z \"$s\" -o \"$s\" = Z ] && exit 0; sleep 0.1;"
            + " done; exit 1"
        return try shell(look, process).run().succeeded
    }
}

@Suite struct EnvironmentTests {
    private func names(_ environment: [[UInt8]]) -> [String] {
        environment.map { String(decoding: $0.prefix { $0 != 0x3d }, as: UTF8.self) }
    }

    @Test func everyLocalVariableOfGitIsRemoved() throws {
        let listed = try Child(["git", "rev-parse", "--local-env-vars"]).run()
        let local = String(decoding: listed.output, as: UTF8.self).split(separator: "\n")
        #expect(local.count > 10)
        let dirty = local.map { Array("\($0)=x".utf8) }
        #expect(Child.environmentForAnotherRepository(from: dirty).isEmpty)
    }

    @Test func whatReachesTheOutsideStays() {
        let kept = ["HOME", "PATH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_AUTHOR_NAME"]
        let removed = ["GIT_QUARANTINE_PATH", "GIT_PUSH_OPTION_0", "GIT_CONFIG_KEY_12"]
        let environment = (kept + removed).map { Array("\($0)=x".utf8) }
        #expect(names(Child.environmentForAnotherRepository(from: environment)) == kept)
    }

    @Test func settingReplacesEveryVariableOfTheName() {
        let before = ["A=1", "B=2", "A=3"].map { Array($0.utf8) }
        let after = Child.environment(before, setting: [("A", Array("9".utf8))])
        #expect(after == ["B=2", "A=9"].map { Array($0.utf8) })
    }

    @Test func gatesOwnIsRead() {
        #expect(names(Child.inheritedEnvironment()).contains("PATH"))
    }
}

#if compiler(>=6.2)
    @Suite struct InterruptionTests {
        /// In a process of its own, which dies of the signal; the child that ignores it is killed.
        @Test func whatRunsEndsWithGate() async throws {
            let clock = ContinuousClock()
            let start = clock.now
            await #expect(processExitsWith: .signal(SIGTERM)) {
                let script = "trap '' TERM; kill -TERM $PPID; while :; do sleep 0.1; done"
                _ = try Child(["sh", "-c", script]).run()
            }
            #expect(clock.now - start >= .seconds(2))
        }
    }
#endif
