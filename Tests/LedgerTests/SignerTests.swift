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
}
