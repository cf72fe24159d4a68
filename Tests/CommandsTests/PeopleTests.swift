import Testing

@testable import Commands

@Suite struct PeopleTests {
    @Test func aPersonIsAddedWithKeyAndTeam() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        let before = try bench.read("clone/policies/allowed_signers")
        let words = try bench.key("carol").split(separator: " ")
        let add = ["people", "add", "carol@wrk.example", "--key", "../carol.pub"]
        let answer = try bench.run(
            [Bench.program] + add + ["--team", "engineering"], in: "clone")
        #expect(answer.code == 0, "\(answer.all)")
        #expect(
            try bench.read("clone/policies/allowed_signers")
                == before + "carol@wrk.example \(words[0]) \(words[1])\n")
        #expect(
            try bench.read("clone/policies/people.yml").contains(
                "engineering: [alice@wrk.example, bob@wrk.example, carol@wrk.example]"))
        let again = try bench.run([Bench.program] + add, in: "clone")
        #expect(again.code == 0)
        #expect(again.output.contains("it is there already"))
        let list = try bench.gate("people", "list", in: "clone")
        #expect(list.output.contains("carol@wrk.example  engineering"))
    }

    @Test func theFirstKeyOfSeveralPeopleIsAdded() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        _ = try bench.run(["rm", "policies/allowed_signers"], in: "clone")
        for name in ["alice", "bob"] {
            let answer = try bench.gate(
                "people", "add", "\(name)@wrk.example", "--key", "../\(name).pub", in: "clone")
            #expect(answer.code == 0, "\(answer.all)")
        }
        #expect(try bench.gate("policy", "validate", in: "clone").code == 0)
    }

    @Test func whatWouldNotBeValidIsNotWritten() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        let before = try bench.read("clone/policies/allowed_signers")
        let alices = try bench.gate(
            "people", "add", "eve@wrk.example", "--key", "../alice.pub", in: "clone")
        #expect(alices.code == 2)
        #expect(alices.errors.contains("is alice@wrk.example's already"))
        _ = try bench.key("eve")
        let secret = try bench.gate(
            "people", "add", "eve@wrk.example", "--key", "../eve", in: "clone")
        #expect(secret.code == 2)
        #expect(secret.errors.contains("is a private key"))
        let wildcard = try bench.gate(
            "people", "add", "*@wrk.example", "--key", "../eve.pub", in: "clone")
        #expect(wildcard.code == 2)
        #expect(wildcard.errors.contains("nothing was written"))
        #expect(try bench.read("clone/policies/allowed_signers") == before)
        let nowhere = try bench.gate("people", "add", "x", "--key", "../eve.pub", "-C", "home")
        #expect(nowhere.code == 2)
        #expect(nowhere.errors.contains("gate init"))
    }

    @Test func keysAreImported() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        let carol = try bench.key("carol")
        let dave = try bench.key("dave", comment: "laptop")
        try bench.write(
            """
            # who may log in
            command="say \\"hi there\\"",no-pty \(carol)
            \(dave)
            ssh-dss AAAAB3NzaC1kc3M= old@wrk.example

            """, to: "authorized_keys")
        let answer = try bench.gate("people", "import", "../authorized_keys", in: "clone")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("authorized_keys:3: the comment laptop is no address"))
        #expect(answer.errors.contains("authorized_keys:4:"))
        let signers = try bench.read("clone/policies/allowed_signers")
        #expect(signers.contains("carol@wrk.example \(carol.split(separator: " ")[0])"))
        #expect(!signers.contains("laptop"))
        try bench.write(dave + "\n", to: "daves")
        let named = try bench.gate(
            "people", "import", "../daves", "--as", "dave@wrk.example", "--team", "engineering",
            in: "clone")
        #expect(named.code == 0, "\(named.all)")
        #expect(try bench.read("clone/policies/people.yml").contains("dave@wrk.example"))
        #expect(try bench.read("clone/policies/allowed_signers").contains("dave@wrk.example ssh-"))
    }

    static let edits: [(String, String)] = [
        ("teams: {a: [x]} # c\n", "teams: {a: [x, new]} # c\n"),
        ("teams: {a: []}\n", "teams: {a: [new]}\n"),
        ("teams: {b: [x]}\n", "teams: {a: [new], b: [x]}\n"),
        ("teams: {}\n", "teams: {a: [new]}\n"),
        (
            "teams:\n  a: ['x', \"y\"]   # us\n  b: [z]\n",
            "teams:\n  a: ['x', \"y\", new]   # us\n  b: [z]\n"
        ),
        (
            "teams:\n  a:\n    - x  # first\n    - y\n  b: [z]\n",
            "teams:\n  a:\n    - x  # first\n    - y\n    - new\n  b: [z]\n"
        ),
        ("teams:\n  a:\n  - x", "teams:\n  a:\n  - x\n  - new"),
        ("teams:\n    b: [é]\n", "teams:\n    a: [new]\n    b: [é]\n"),
        ("teams:\n  a: [é, ü]\n", "teams:\n  a: [é, ü, new]\n"),
        (
            "teams:\n  a: [\n    x,\n    y,  # last\n  ]\n",
            "teams:\n  a: [\n    x,\n    y, new,  # last\n  ]\n"
        ),
        ("repository: r\n", "repository: r\nteams:\n  a: [new]\n"),
        ("repository: r", "repository: r\nteams:\n  a: [new]\n"),
    ]

    /// Only the member is new; every other byte stays.
    @Test(arguments: edits)
    func teamsAreEditedInPlace(_ before: String, _ after: String) throws {
        let edited = try TeamEdit(Array(before.utf8)).adding("new", to: "a")
        #expect(edited.map { String(decoding: $0, as: UTF8.self) } == after)
        #expect(try TeamEdit(Array(after.utf8)).adding("new", to: "a") == nil)
    }

    @Test(arguments: ["teams: x\n", "- a\n", "teams:\n  a: x\n", "a: [\n", ""])
    func otherTextsAreLeftAlone(_ text: String) {
        #expect(throws: CommandFailure.self) {
            try TeamEdit(Array(text.utf8)).adding("new", to: "a")
        }
    }
}
