import Evidence
import Files
import Git
import GitObjects
import Policy
import Testing

@testable import Ledger

@Suite struct SignerTests {
    private func signer(
        _ bench: Bench, _ writer: Writer, _ entries: [AllowedSigner], key: String? = nil
    ) throws -> Signer {
        try Signer(
            writer.repository, signers: AllowedSigners(entries: entries), key: key,
            namespace: "gate-review")
    }

    @Test func signsWithTheKeyThatIsNamed() throws {
        let bench = try Bench()
        let key = try bench.makeKey("alice")
        let writer = try bench.clone("work")
        let entries = [allowed("alice@wrk.example", key)]
        let statement = review(try object(1))
        for name in ["\(bench.folder)/alice", "\(bench.folder)/alice.pub"] {
            let signer = try signer(bench, writer, entries, key: name)
            #expect(signer.principal == "alice@wrk.example")
            let line = try signer.sign(statement)
            #expect(line.statement == statement)
            #expect(
                try line.signer(under: AllowedSigners(entries: entries), arrival: now)
                    == "alice@wrk.example")
        }
        try bench.git("work", "config", "user.signingkey", "\(bench.folder)/alice.pub")
        #expect(try signer(bench, writer, entries).sign(statement).statement == statement)
        #expect(throws: LedgerError.self) {
            try signer(bench, writer, entries).sign(testResult(try object(1)))
        }
    }

    @Test func saysWhyItCannotSign() throws {
        let bench = try Bench()
        let key = try bench.makeKey("alice")
        let locked = try bench.makeKey("locked", passphrase: "secret")
        let writer = try bench.clone("work")
        func expect(
            _ clause: String, hint: String, _ entries: [AllowedSigner], key: String?
        ) {
            let error = #expect(throws: LedgerError.self) {
                try signer(bench, writer, entries, key: key).sign(review(try object(1)))
            }
            let problem: String
            let advice: String?
            switch error {
            case .badKey(let words, let hint), .cannotSign(let words, let hint):
                (problem, advice) = (words, hint)
            default:
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(problem.contains(clause), "\(problem)")
            #expect(advice?.contains(hint) == true || hint.isEmpty, "\(advice ?? "")")
        }
        let path = "\(bench.folder)/alice"
        expect("allowed_signers does not list", hint: "gate people add", [], key: path)
        let limited = allowed("alice@wrk.example", key, namespaces: ["git"])
        expect("does not let sign gate-review", hint: "gate people add", [limited], key: path)
        let old = allowed("alice@wrk.example", key, until: now - 1_000_000_000)
        expect("has expired", hint: "", [old], key: path)
        expect("cannot be read: No such file", hint: "user.signingkey", [], key: path + "x")
        try File.write(Array("hello\n".utf8), to: path + ".txt")
        expect("is no public key", hint: "", [], key: path + ".txt")
        expect("is no public key", hint: "", [], key: "key::hello")
        let entry = allowed("alice@wrk.example", locked)
        expect(
            "did not sign with \(locked.fingerprint)", hint: "ssh-add", [entry],
            key: "\(bench.folder)/locked")
        try bench.git("work", "config", "gpg.ssh.program", "no-such-ssh-keygen")
        let listed = allowed("alice@wrk.example", key)
        expect("no-such-ssh-keygen", hint: "OpenSSH", [listed], key: path)
    }
    /// An agent that a network has cut off, or a question that nobody answers.
    @Test func waitsForAWhileOnly() throws {
        let bench = try Bench()
        let key = try bench.makeKey("alice")
        let writer = try bench.clone("work")
        let entries = [allowed("alice@wrk.example", key)]
        let program = "\(bench.folder)/hangs"
        try File.write(Array("#!/bin/sh\nsleep 600\n".utf8), to: program)
        try File.setMode(0o755, of: program)
        try bench.git("work", "config", "gpg.ssh.program", program)
        func failure() -> LedgerError? {
            #expect(throws: LedgerError.self) {
                try signer(bench, writer, entries, key: "\(bench.folder)/alice")
                    .sign(review(try object(1)))
            }
        }
        try bench.git("work", "config", "gate.signTimeout", "1")
        #expect(failure()?.description.contains("did not answer within 1 second;") == true)
        #expect(failure()?.hint?.contains("git config gate.signTimeout 600") == true)
        for wrong in ["0", "soon", "100000"] {
            try bench.git("work", "config", "gate.signTimeout", wrong)
            #expect(failure()?.description.contains("gate.signTimeout is no number") == true)
        }
    }
}
