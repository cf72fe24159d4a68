import GitObjects
import Testing

@testable import History

@Suite struct ChangeLabelTests {
    static func commit(_ message: String, parents: Int = 1) -> Commit {
        let who = Signature(
            name: Array("Alice".utf8), email: Array("alice@wrk.example".utf8), time: 0, offset: 0)
        return Commit(
            id: .emptyTree, tree: .emptyTree,
            parents: [ObjectID](repeating: .emptyTree, count: parents), author: who, committer: who,
            message: Array(message.utf8))
    }

    @Test(
        arguments: [
            ("Pay out in CAD (#12)\n", 1, "#12", "Pay out in CAD"),
            ("Revert \"Pay out (#1)\" (#5)\n", 1, "#5", "Revert \"Pay out (#1)\""),
            ("Revert \"Pay out (#1)\"\n", 1, nil, "Revert \"Pay out (#1)\""),
            ("Call f(#1)\n", 1, nil, "Call f(#1)"),
            ("Fix (#012)\n", 1, nil, "Fix (#012)"),
            ("Fix (#1234567890123456789)\n", 1, nil, "Fix (#1234567890123456789)"),
            ("(#12)\n", 1, nil, "(#12)"),
            ("Merge pull request #7 from wrk/fix\n\nFix sign-in\n", 2, "#7", "Fix sign-in"),
            ("Merge pull request #7 from wrk/fix\n", 2, "#7", "Merge pull request #7 from wrk/fix"),
            (
                "Merge branch 'fix' into 'master'\n\nFix sign-in\n\nSee merge request wrk/system!34\n",
                2, "!34", "Fix sign-in"
            ),
            ("Fix sign-in (!34)\n", 1, "!34", "Fix sign-in"),
            ("Merged in fix (pull request #9)\n\nFix sign-in\n", 2, "#9", "Fix sign-in"),
            ("Pull request #9: Fix: sign-in\n\nMerge in WRK/system\n", 2, "#9", "Fix: sign-in"),
            ("Merged PR 9: Fix sign-in\n", 1, "#9", "Fix sign-in"),
            (
                "Fix sign-in\n\nChange-Id: I4b825dc642cb6eb9a060e54bf8d69288fbee4904\n", 1,
                "I4b825dc642cb6eb9a060e54bf8d69288fbee4904", "Fix sign-in"
            ),
            ("Fix sign-in\n\nChange-Id: something\n", 1, nil, "Fix sign-in"),
            ("Merge branch 'fix'\n\nGate-Evidence: 12\n", 2, nil, "Merge branch 'fix'"),
            ("Merge branch 'fix'\n\nSign in again\n", 2, nil, "Sign in again"),
            ("Merge branch 'fix'\n\n* Sign in again\n* Fix it\n", 2, nil, "Sign in again"),
            ("", 1, nil, ""),
        ] as [(String, Int, String?, String)])
    func label(_ message: String, parents: Int, id: String?, title: String) {
        let label = ChangeLabel(of: Self.commit(message, parents: parents))
        #expect(label.reference?.description == id)
        #expect(String(decoding: label.title, as: UTF8.self) == title)
    }

    @Test func mergeWithoutWordsTakesTheTitleOfItsOnlyCommit() {
        let only = Self.commit("Fix sign-in\n\nBecause.\n")
        for message in ["Merge branch 'fix'\n", "Merge pull request #3 from wrk/fix\n"] {
            let label = ChangeLabel(of: Self.commit(message, parents: 2), onlyCommit: only)
            #expect(String(decoding: label.title, as: UTF8.self) == "Fix sign-in")
        }
    }
}

@Suite struct MessageReferencesTests {
    private let id = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

    @Test func reverts() {
        let forms = [
            "Revert \"x\"\n\nThis reverts commit \(id).\n",
            "Revert \"x\"\n\nThis reverts commit \(id), reversing\nchanges made to \(id).\n",
            "Back\n\nThis reverts commit\n\(id).\n",
        ]
        for form in forms {
            let references = MessageReferences(message: Array(form.utf8))
            #expect(references.reverted == [ObjectID.emptyTree])
            #expect(references.picked.isEmpty)
        }
        let short = MessageReferences(message: Array("This reverts commit 4b825dc.\n".utf8))
        #expect(short.isEmpty)
    }

    @Test func numbers() {
        let squash = "Revert \"Pay out (#1)\" (#5)\n\nReverts wrk/system#1\n"
        #expect(MessageReferences(message: Array(squash.utf8)).revertedNumbers == [1, 1])
        let plain = "Reverts the colour (#1)\n"
        #expect(MessageReferences(message: Array(plain.utf8)).revertedNumbers == [])
    }

    @Test func picks() {
        let message = "Fix\n\n(cherry picked from commit \(id))\n"
        #expect(MessageReferences(message: Array(message.utf8)).picked == [ObjectID.emptyTree])
    }
}
