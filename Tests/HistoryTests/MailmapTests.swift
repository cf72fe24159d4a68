import Testing

@testable import History

@Suite struct MailmapTests {
    /// The forms and examples of gitmailmap(5).
    private let mailmap = Mailmap(
        parsing: Array(
            """
            # a comment <x@wrk.example>
            Joe R. Developer <joe@wrk.example>
            Jane Doe <jane@wrk.example> <jane@laptop.(none)>
            <cto@wrk.example> <cto@coompany.xx>
            Santa Claus <santa@wrk.example> bob <bugs@company.xx>
            Other Author <other@wrk.example> nick2 <bugs@company.xx>
            no address
            Empty <> <e@wrk.example>
            """.utf8))

    @Test(arguments: [
        ("Joe", "JOE@wrk.example", "Joe R. Developer", "JOE@wrk.example"),
        ("J", "jane@laptop.(none)", "Jane Doe", "jane@wrk.example"),
        ("CTO", "cto@coompany.xx", "CTO", "cto@wrk.example"),
        ("Bob", "bugs@company.xx", "Santa Claus", "santa@wrk.example"),
        ("nick2", "bugs@company.xx", "Other Author", "other@wrk.example"),
        ("nobody", "bugs@company.xx", "nobody", "bugs@company.xx"),
        ("x", "x@wrk.example", "x", "x@wrk.example"),
        ("e", "e@wrk.example", "e", "e@wrk.example"),
    ])
    func asGitDoes(_ name: String, _ email: String, _ newName: String, _ newEmail: String) {
        let person = mailmap.resolve(
            Mailmap.Person(name: Array(name.utf8), email: Array(email.utf8)))
        #expect(String(decoding: person.name, as: UTF8.self) == newName)
        #expect(String(decoding: person.email, as: UTF8.self) == newEmail)
    }
}
