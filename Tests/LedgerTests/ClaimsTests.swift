import Evidence
import Git
import GitObjects
import History
import Policy
import Testing

@testable import Ledger

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Claims of runners: what the server takes, and who wins.
@Suite struct ClaimsTests {
    private let bench: Bench
    private let writer: Writer
    private let policy: Policy
    private let tree: ObjectID
    private let now = Int64(time(nil))

    init() throws {
        bench = try Bench()
        writer = try bench.clone("work")
        let entries = [
            allowed("ci@wrk.example", try bench.makeKey("ci")),
            allowed("alice@wrk.example", try bench.makeKey("alice")),
        ]
        var rules = Rules()
        rules.requiredStatusChecks = RequiredStatusChecksRule(
            checks: ["unit"], signers: ["ci@wrk.example"])
        policy = Policy(
            rulesets: [
                Ruleset(
                    name: "master", include: [RefPattern("refs/heads/master")], rules: rules,
                    location: SourceLocation(file: "policies/master.yml", line: 1, column: 1))
            ],
            checks: [CheckDefinition(name: "unit", run: "true")], onPush: [],
            people: People(
                repository: "wrk/system",
                principals: ["ci@wrk.example", "alice@wrk.example"]),
            signers: AllowedSigners(entries: entries), codeOwners: nil)
        tree = try object(0x11)
    }

    private func signed(
        _ seconds: Int64, by person: String = "ci", runner: String = "here-1",
        on tree: ObjectID? = nil, repository: String = "wrk/system"
    ) throws -> SignedClaim {
        let signer = try Signer(
            writer.repository, signers: policy.signers, key: "\(bench.folder)/\(person)",
            namespace: Claim.namespace)
        return try signer.sign(
            Claim(
                tree: tree ?? self.tree, repository: repository, runner: runner,
                expires: now + seconds))
    }

    private func problems(_ old: SignedClaim?, _ new: SignedClaim?) throws -> [String] {
        let guarded = ClaimsGuard(
            writer.repository, references: writer.repository, policy: policy, now: now)
        return try guarded.problems(
            on: tree, old: try old.map { try writer.writeBlob($0.bytes) },
            new: try new.map { try writer.writeBlob($0.bytes) }
        ).map(\.problem)
    }

    @Test func readsBackWhatWasSigned() throws {
        let claim = try signed(60)
        let again = try SignedClaim(parsing: claim.bytes)
        #expect(again == claim)
        #expect(try again.signer(under: policy.signers, arrival: now) == "ci@wrk.example")
        // Every byte counts: none can be changed, added or left out.
        for index in stride(from: 0, to: claim.bytes.count, by: 7) {
            var bytes = claim.bytes
            bytes[index] ^= 1
            #expect(throws: EvidenceError.self, "byte \(index)") {
                try SignedClaim(parsing: bytes).signer(under: policy.signers, arrival: now)
            }
        }
        #expect(throws: EvidenceError.self) { try SignedClaim(parsing: claim.bytes + [0x0a]) }
        #expect(throws: EvidenceError.self) { try SignedClaim(parsing: claim.bytes.dropLast()) }
        #expect(throws: EvidenceError.self) { try Line(parsing: claim.bytes.dropLast()) }
    }

    @Test func namesOfClaims() throws {
        let ref = Claim.ref(for: tree)
        #expect(Claim.tree(of: ref) == tree)
        for name in [
            "refs/gate/claims", "refs/gate/claims/", "refs/gate/claims/x",
            "refs/gate/claims/\(tree.hex)/x", "refs/gate/claims/\(tree.hex)0",
            "refs/gate/claims/" + String(repeating: "A", count: 40), "refs/heads/\(tree.hex)",
        ] {
            #expect(Claim.tree(of: RefName(name)) == nil, "\(name)")
        }
    }

    @Test func whatIsTaken() throws {
        #expect(try problems(nil, signed(60)) == [])
        #expect(try problems(signed(60), signed(90)) == [])
        #expect(try problems(signed(-1, runner: "other"), signed(60)) == [])
        #expect(try problems(signed(-1), nil) == [])
        #expect(try problems(nil, nil) == [])
        // It ends later than any claim may: the clock was set back since it was taken.
        #expect(try problems(signed(90_000, runner: "other"), signed(60)) == [])
    }

    @Test func whatIsNot() throws {
        func expect(_ words: String, _ old: SignedClaim?, _ new: SignedClaim?) throws {
            let found = try problems(old, new)
            #expect(found.count == 1 && found[0].contains(words), "\(found), not \(words)")
        }
        try expect("may not sign test results", nil, signed(60, by: "alice"))
        try expect("its ref on", nil, signed(60, on: object(0x12)))
        try expect("for the repository", nil, signed(60, repository: "wrk/other"))
        try expect("has ended", nil, signed(0))
        try expect("may last", nil, signed(601))
        try expect("has it for another", signed(60), signed(90, runner: "other"))
        try expect("does not end later", signed(60), signed(60))
        try expect("in force", signed(60), nil)
        // Alice's could never stand, so it is in nobody's way.
        #expect(try problems(signed(60, by: "alice"), signed(30)) == [])
    }

    @Test func atMostSoMany() throws {
        let blob = try writer.writeBlob(signed(60).bytes)
        for number in 0..<Claim.mostAtOnce {
            let name = String(repeating: "0", count: 37) + String(format: number)
            try writer.update(
                RefName(Claim.refPrefix + name), from: nil, to: blob, message: "test")
        }
        #expect(try problems(nil, signed(60)).first?.contains("no more are taken") == true)
        // Those that are there can go on.
        #expect(try problems(signed(60), signed(90)) == [])
    }

    @Test func oneOfTwoWins() throws {
        try bench.git(".", "init", "-q", "--bare", "server.git")
        let server = "\(bench.folder)/server.git"
        let here = Claims(writer, remote: server)
        let there = Claims(try bench.clone("other"), remote: server)
        #expect(try here.fetch(under: policy).isEmpty)
        guard case .placed(let blob) = try here.place(signed(60), over: nil) else {
            Issue.record("not placed")
            return
        }
        #expect(try there.place(signed(70, runner: "there-1"), over: nil) == .lost)
        let standing = try #require(try there.fetch(under: policy)[tree])
        #expect(standing.blob == blob)
        #expect(standing.stands(against: "there-1", at: now))
        #expect(!standing.stands(against: "here-1", at: now))
        #expect(!standing.stands(against: "there-1", at: now + 61))
        guard case .placed(let renewed) = try here.place(signed(80), over: blob) else {
            Issue.record("not renewed")
            return
        }
        // Its maker had seen the one before.
        #expect(try there.place(signed(90, runner: "there-1"), over: blob) == .lost)
        try there.clear([standing])
        #expect(try here.fetch(under: policy)[tree]?.blob == renewed)
        try there.clear(Array(there.fetch(under: policy).values))
        #expect(try here.fetch(under: policy).isEmpty)
    }

    @Test func whatIsNoClaimKeepsNobodyOff() throws {
        try bench.git(".", "init", "-q", "--bare", "server.git")
        let server = "\(bench.folder)/server.git"
        let claims = Claims(writer, remote: server)
        for bytes in [Array("x\n".utf8), try signed(60, by: "alice").bytes] {
            let blob = try writer.writeBlob(bytes)
            try bench.git(
                "work", "push", "-q", "-f", server, "\(blob.hex):\(Claim.ref(for: tree))")
            let standing = try #require(try claims.fetch(under: policy)[tree])
            #expect(standing.claim == nil)
            #expect(!standing.stands(against: "here-1", at: now))
        }
    }
}

extension String {
    /// Three hexadecimal digits.
    fileprivate init(format number: Int) {
        let digits = String(number, radix: 16)
        self = String(repeating: "0", count: 3 - digits.count) + digits
    }
}
