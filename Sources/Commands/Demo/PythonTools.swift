import Files
import Spawn

/// pylint, mypy and pytest, as the machine has them or from the package index.
struct PythonTools {
    static let names = ["pylint", "mypy", "pytest"]

    let stage: Stage

    /// Finds the tools, or installs them into a virtual environment in the demo's folder.
    func provide() throws {
        var missing: [String] = []
        for name in Self.names {
            let found = try stage.quietly(
                "owner", ["sh", "-c", "command -v \(name)"], in: stage.folder)
            if !found.succeeded { missing.append(name) }
        }
        if missing.isEmpty { return }
        let environment = stage.folder + "/python"
        Screen.note("installing \(missing.joined(separator: ", ")) into \(environment) …")
        for command in [
            ["python3", "-m", "venv", environment],
            [environment + "/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
                + Self.names,
        ] {
            // Outside the story's blank environment: the user's package index applies.
            let result: Child.Result
            do {
                result = try Child(command, timeout: 900).run()
            } catch {
                throw CommandFailure(error)
            }
            guard result.succeeded else {
                throw CommandFailure.undetermined(
                    "\(missing.joined(separator: ", ")) could not be installed:"
                        + " \(command[0]) failed",
                    details: result.errorOutput.split(separator: 0x0a).suffix(5).map {
                        String(decoding: $0, as: UTF8.self)
                    },
                    hint: "apt-get install pylint mypy python3-pytest python3-venv")
            }
        }
        stage.tools = environment + "/bin"
    }
}
