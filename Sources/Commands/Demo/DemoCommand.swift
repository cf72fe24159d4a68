import ArgumentParser
import Files
import JSON

/// `gate demo`: the whole story, on real repositories.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the whole story on real repositories.",
        discussion: """
            Makes a bare server repository, three people and a CI identity with keys of their own, \
            and a small Python project; then plays what a gate refuses and what it lets land, with \
            real git, real signatures, and real pylint, mypy and pytest. Everything stays in DIR \
            to look at; nothing outside it is touched.

            Example:
              gate demo /tmp/gate-demo
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "An empty or new folder. Default: a new temporary one.")
    var directory: String?

    func run() throws {
        let folder: String
        do {
            folder = try place()
        } catch let error as FileError {
            throw CommandFailure.undetermined(
                error.description, hint: "gate demo DIR, with a folder that you may write to")
        }
        let stage = Stage(
            folder: folder, gate: try ProgramPlace.path(), isForMachines: global.json)
        try PythonTools(stage: stage).provide()
        try Cast(stage: stage).assemble()
        try Story(stage: stage).play()
        try stage.leaveTranscript()
        if global.json {
            return Screen.result(
                JSON(
                    [
                        "schemaVersion": 1, "kind": "Demo", "directory": JSON(folder),
                        "server": JSON(stage.server), "steps": .array(stage.steps),
                    ] as JSON.Object))
        }
        Screen.result("")
        Screen.result("Everything is in \(folder):")
        Screen.result("  server.git, and the clones of alice, bob, carol and ci")
        Screen.result("Look at the evidence:  git -C \(folder)/server.git log --notes=gate master")
    }

    /// The folder to play in, which must be empty.
    private func place() throws -> String {
        guard let given = directory else { return try Folder.makeTemporary(prefix: "gate-demo") }
        let directory = global.path(given)
        try Folder.make(directory)
        guard try Folder.names(in: directory).isEmpty else {
            throw CommandFailure.usage(
                "\(directory) is not empty", hint: "name a new folder: gate demo DIR")
        }
        return try File.realPath(directory)
    }
}
