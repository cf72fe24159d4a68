import Testing

@testable import Policy

@Suite struct PeopleTests {
    let people = People(
        repository: "wrk/system",
        teams: [
            "engineering": ["alice@wrk.example", "bob@wrk.example"], "Ops": ["bob@wrk.example"],
            "nobody": [],
        ],
        aliases: [
            "alice@home.example": "alice@wrk.example", "@al": "alice@wrk.example",
            "@ops": "carol@wrk.example",
        ],
        outsiders: ["*@dependabot.example", "Bot-?@x/y.example"],
        principals: ["alice@wrk.example", "bob@wrk.example", "carol@wrk.example", "Deploy"])

    @Test(
        arguments: [
            ("alice@wrk.example", .principal("alice@wrk.example")),
            ("Alice@WRK.Example", .principal("alice@wrk.example")),
            ("ALICE@home.example", .principal("alice@wrk.example")),
            ("deploy", .principal("Deploy")),
            ("x@dependabot.example", .outsider), ("X@DependaBot.example", .outsider),
            ("x@dependabot.example.org", .unknown), ("a/b@dependabot.example", .outsider),
            ("bot-?@x/y.example", .outsider), ("bot-1@x/y.example", .unknown),
            ("alice@wrk.example ", .unknown), ("", .unknown), ("@al", .unknown),
            ("dave@wrk.example", .unknown), ("\u{212a}", .unknown),
        ] as [(String, Identity)])
    func identities(_ email: String, _ identity: Identity) {
        #expect(people.identity(of: Array(email.utf8)) == identity)
    }

    /// Case is folded for ASCII only: no rule of Unicode makes two addresses one.
    @Test func onlyASCIIIsFolded() {
        let people = People(
            repository: "r", aliases: ["\u{e9}@x": "a", "k@x": "b"], principals: ["a", "b"])
        #expect(people.identity(of: Array("\u{c9}@x".utf8)) == .unknown)
        #expect(people.identity(of: Array("\u{212a}@x".utf8)) == .unknown)
        #expect(people.identity(of: Array("K@x".utf8)) == .principal("b"))
        #expect(people.identity(of: [0x6b, 0xff]) == .unknown)
    }

    @Test func changedPeopleAreIndexedAgain() {
        var people = people
        people.principals.insert("dave@wrk.example")
        people.aliases["d@x"] = "dave@wrk.example"
        people.outsiders = []
        #expect(
            people.identity(of: Array("Dave@wrk.example".utf8)) == .principal("dave@wrk.example"))
        #expect(people.identity(of: Array("d@x".utf8)) == .principal("dave@wrk.example"))
        #expect(people.identity(of: Array("x@dependabot.example".utf8)) == .unknown)
    }

    @Test func members() {
        #expect(people.members(of: ["engineering"]) == ["alice@wrk.example", "bob@wrk.example"])
        #expect(people.members(of: ["nobody", "carol@wrk.example"]) == ["carol@wrk.example"])
        #expect(people.members(of: ["Engineering", "dave@wrk.example", "@al"]) == [])
    }

    @Test(
        arguments: [
            ("@wrk/engineering", ["alice@wrk.example", "bob@wrk.example"]),
            ("@WRK/Engineering", ["alice@wrk.example", "bob@wrk.example"]),
            ("@engineering", ["alice@wrk.example", "bob@wrk.example"]),
            ("@al", ["alice@wrk.example"]), ("@AL", ["alice@wrk.example"]),
            // A handle is stronger than a team of that name; with an organisation it can only be a team.
            ("@ops", ["carol@wrk.example"]), ("@wrk/ops", ["bob@wrk.example"]),
            ("bob@wrk.example", ["bob@wrk.example"]), ("alice@home.example", ["alice@wrk.example"]),
            ("@nobody", []), ("@a/b/ops", []), ("@", []), ("@/", []), ("engineering", []), ("", []),
            ("x@dependabot.example", []),
        ] as [(String, Set<Principal>)])
    func owners(_ owner: String, _ expected: Set<Principal>) {
        #expect(people.owners(named: owner) == expected)
    }
}
