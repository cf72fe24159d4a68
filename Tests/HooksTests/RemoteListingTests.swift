import Testing

@testable import Hooks

@Suite struct RemoteListingTests {
    @Test(arguments: [
        (
            "fatal: '/x.git' does not appear to be a git repository\n"
                + "fatal: Could not read from remote repository.\n\n"
                + "Please make sure you have the correct access rights\n"
                + "and the repository exists.\n",
            "fatal: '/x.git' does not appear to be a git repository"
        ),
        (
            "Warning: Permanently added 'wrk.example' to the list of known hosts.\n"
                + "git@wrk.example: Permission denied (publickey).\n"
                + "fatal: Could not read from remote repository.\n\n"
                + "Please make sure you have the correct access rights\n"
                + "and the repository exists.\n",
            "git@wrk.example: Permission denied (publickey)."
        ),
        (
            "fatal: Could not read from remote repository.\n",
            "fatal: Could not read from remote repository."
        ),
        (
            "error: cannot lock ref 'refs/x': Unable to create '/c/refs/x.lock': File exists.\n\n"
                + "Another git process seems to be running in this repository, e.g.\n"
                + "remove the file manually to continue.\n",
            "error: cannot lock ref 'refs/x': Unable to create '/c/refs/x.lock': File exists."
        ),
        ("one\ntwo\n", "two"), ("", "without a word"),
    ])
    func saysWhyAServerDidNotAnswer(_ output: String, _ complaint: String) {
        #expect(RemoteListing.complaint(in: Array(output.utf8)) == complaint)
    }
}
