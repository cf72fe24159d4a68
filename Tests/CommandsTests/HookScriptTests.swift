import Files
import Testing

@testable import Commands

@Suite struct HookScriptTests {
    @Test(arguments: HookScript.allCases)
    func theFilesInHooksAreTheProgramsOwn(_ script: HookScript) throws {
        let file = try File.read("\(Bench.sources)/hooks/\(script.rawValue)")
        #expect(String(decoding: file, as: UTF8.self) == script.template)
    }

    @Test(arguments: ["/usr/bin/gate", "/a b/gate", "/it's/gate", "/$HOME/`x`/gate"])
    func theProgramIsReadBack(_ program: String) throws {
        for script in HookScript.allCases {
            let text = script.text(program: program)
            #expect(HookScript.program(in: text) == program)
            #expect(HookScript.isOurs(text))
        }
    }

    @Test func othersHooksAreNotOurs() {
        #expect(!HookScript.isOurs(Array("#!/bin/sh\nexit 0\n".utf8)))
        #expect(!HookScript.isOurs([]))
        #expect(!HookScript.isOurs(Array("#!/bin/sh".utf8)))
    }
}
