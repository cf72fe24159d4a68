import Files
import Testing

@Suite struct DoctorTests {
    @Test func aHealthyServer() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        let watching = try bench.gate("doctor", "server.git")
        #expect(watching.code == 0, "\(watching.all)")
        #expect(watching.output.contains("watching: every push is accepted"))
        #expect(try bench.gate("trust", "--yes", "-C", "server.git").code == 0)
        let closed = try bench.gate("doctor", "server.git")
        #expect(closed.code == 0, "\(closed.all)")
        for text in [
            "closed; trusts", "valid; 1 active ruleset", "bypassed by alice@wrk.example",
            "--receive-pack",
        ] {
            #expect(closed.output.contains(text), "\(text) is not in \(closed.output)")
        }
        #expect(!closed.output.contains("\nwarn"), "\(closed.output)")
        let json = try bench.gate("doctor", "--json", "server.git")
        #expect(json.output.contains("\"healthy\": true"))
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let script: String
        let says: String
        var code: Int32 = 1
        var testDescription: String { script }
    }

    static let damages: [Damage] = [
        Damage(script: "chmod -x hooks/pre-receive", says: "is not executable"),
        Damage(script: "rm hooks/pre-receive", says: "pre-receive is not there"),
        Damage(script: "echo 'exit 0' > hooks/pre-receive", says: "pre-receive is not gate's"),
        Damage(
            script: "sed -i '3i exit 0' hooks/pre-receive", says: "is not as gate install writes it"
        ),
        Damage(
            script: "sed -i 's|^gate=.*|gate=/nonexistent/gate|' hooks/pre-receive",
            says: "/nonexistent/gate, which is not there"),
        Damage(script: "chmod o+w hooks", says: "everybody may write"),
        Damage(script: "chmod o+w config", says: "everybody may write"),
        Damage(script: "chmod g+w hooks/pre-receive", says: "the group may write", code: 0),
        Damage(
            script: "git config receive.fsckObjects false", says: "config receive.fsckObjects true"),
        Damage(
            script: "git config receive.fsck.missingEmail ignore", says: "is relaxed", code: 0),
        Damage(script: "git config --unset gate.trust", says: "gate.trust is not set"),
        Damage(script: "git config gate.trust yes", says: "neither watching nor a commit"),
        Damage(
            script: "git config gate.trust 1111111111111111111111111111111111111111",
            says: "is gone"),
        Damage(script: "git update-ref -d refs/gate/trusted", says: "update-ref", code: 0),
        Damage(
            script: "git update-ref refs/heads/master $(git commit-tree -m x HEAD^{tree})",
            says: "does not descend from"),
        Damage(
            script: "git update-ref refs/heads/master "
                + "$(git commit-tree -p HEAD -m x 4b825dc642cb6eb9a060e54bf8d69288fbee4904)",
            says: "there is no policy"),
        Damage(script: "git update-ref --no-deref HEAD HEAD", says: "HEAD names no branch"),
        Damage(
            script: "git replace --graft HEAD HEAD 2>/dev/null "
                + "|| git update-ref refs/replace/$(git rev-parse HEAD) HEAD^{tree}",
            says: "replace refs"),
        Damage(script: "echo > info/grafts", says: "info/grafts"),
        Damage(
            script: "git symbolic-ref refs/heads/alias refs/heads/master",
            says: "a push to refs/heads/alias moves refs/heads/master", code: 0),
        Damage(script: "git config transfer.hideRefs refs/notes", says: "keeps clones from"),
        Damage(
            script: "git -c commitGraph.generationVersion=2 commit-graph write --reachable",
            says: "generation numbers of version 2", code: 0),
        Damage(script: "git config extensions.strange 1", says: "extension strange"),
        Damage(script: "git rev-parse HEAD > shallow", says: "is shallow"),
        Damage(
            script: "git update-ref refs/notes/gate HEAD", says: "evidence"),
        Damage(script: "git config receive.procReceiveRefs refs/for", says: "refs/for", code: 0),
        Damage(script: "git config core.hooksPath /elsewhere", says: "/elsewhere/pre-receive"),
    ]

    @Test(arguments: damages)
    func damageIsSeen(_ damage: Damage) throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        #expect(try bench.gate("trust", "--yes", "-C", "server.git").code == 0)
        let done = try bench.run(["sh", "-c", damage.script], in: "server.git")
        #expect(done.code == 0, "\(done.errors)")
        let answer = try bench.gate("doctor", "server.git")
        #expect(answer.code == damage.code, "\(answer.all)")
        #expect(answer.output.contains(damage.says), "\(answer.output)")
    }

    @Test func aClone() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        let without = try bench.gate("doctor", in: "clone")
        #expect(without.code == 0, "\(without.all)")
        #expect(without.output.contains("pre-push is not there"))
        #expect(try bench.gate("install", in: "clone").code == 0)
        let with = try bench.gate("doctor", in: "clone")
        #expect(!with.output.contains("warn "), "\(with.output)")
        #expect(with.output.contains("alice@wrk.example is alice@wrk.example"))
        try bench.git("config", "user.email", "eve@wrk.example", in: "clone")
        try bench.git("config", "notes.rewriteRef", "refs/notes/*", in: "clone")
        let eve = try bench.gate("doctor", in: "clone")
        #expect(eve.output.contains("does not know eve@wrk.example"))
        #expect(eve.output.contains("copies reviews"))
        #expect(try bench.gate("doctor", in: "home").code == 1)
    }
}
