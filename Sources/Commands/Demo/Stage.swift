import Files
import GitObjects
import JSON
import Spawn

/// Where the demo plays: runs commands as one person after the other, shows what they print, and
/// stops when one ends otherwise than the story says.
final class Stage {
    /// The folder of everything: `server.git`, a clone for each person, keys, snapshots.
    let folder: String
    /// The gate program that plays.
    let gate: String
    /// The folder with pylint, mypy and pytest, put first in `PATH`; nil: they are there already.
    var tools: String?
    /// What was run so far, for machines.
    private(set) var steps: [JSON] = []
    private let isForMachines: Bool
    private var refusals: [JSON] = []
    private var scene = 0
    private var title = ""

    /// How a command of the story must end.
    enum Ending: Equatable {
        case success
        /// A push that the server refuses by this rule.
        case refused(by: String)
        /// A gate command that ends with this exit code.
        case exit(Int32)
    }

    /// - Parameter isForMachines: the story is told on standard error.
    init(folder: String, gate: String, isForMachines: Bool = false) {
        self.folder = folder
        self.gate = gate
        self.isForMachines = isForMachines
    }

    var server: String { folder + "/server.git" }

    func home(of person: String) -> String { folder + "/home/" + person }

    func clone(of person: String) -> String { folder + "/" + person }

    /// A heading.
    func scene(_ title: String) {
        scene += 1
        self.title = title
        say("")
        say(bold("\(scene)  \(title)"))
    }

    /// A sentence of the narrator.
    func tell(_ text: String) {
        say("   " + text)
    }

    /// Runs a command as a person in their clone, or in another folder, and shows both.
    ///
    /// - Returns: standard output.
    @discardableResult
    func run(
        _ person: String, _ command: [String], in directory: String? = nil,
        ending: Ending = .success
    ) throws -> [UInt8] {
        let directory = directory ?? clone(of: person)
        say("")
        say("   " + prompt(person) + command.map(Self.word).joined(separator: " "))
        if case .refused(let rule) = ending {
            try remember(person, command, in: directory, rule: rule)
        }
        let result = try quietly(person, command, in: directory)
        show(result.output)
        show(result.errorOutput)
        try check(result, ending, command)
        var step: JSON.Object = [
            "scene": JSON(scene), "title": JSON(title), "person": JSON(person),
            "command": .array(command.map { JSON($0) }),
        ]
        if case .exited(let code) = result.termination { step["exit"] = JSON(Int(code)) }
        if case .refused(let rule) = ending { step["rule"] = JSON(rule) }
        steps.append(JSON(step))
        return result.output
    }

    /// Runs a command that the story does not show.
    @discardableResult
    func quietly(
        _ person: String, _ command: [String], in directory: String? = nil
    ) throws -> Child.Result {
        var command = command
        if command.first == "gate" { command[0] = gate }
        do {
            return try Child(
                command, environment: environment(of: person),
                directory: directory ?? clone(of: person), timeout: 600
            ).run()
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Runs a command that must succeed and is not shown.
    @discardableResult
    func prepare(
        _ person: String, _ command: [String], in directory: String? = nil
    ) throws -> [UInt8] {
        let result = try quietly(person, command, in: directory)
        try check(result, .success, command)
        return result.output
    }

    /// Writes a file into a person's clone.
    func write(_ text: String, to path: String, as person: String) throws {
        try attempt { () throws(FileError) in
            let file = clone(of: person) + "/" + path
            if let slash = file.lastIndex(of: "/") { try Folder.make(String(file[..<slash])) }
            try File.write(Array(text.utf8), to: file)
        }
    }

    /// Runs something with files, its errors worded for the user.
    func attempt(_ action: () throws(FileError) -> Void) throws {
        do {
            try action()
        } catch {
            throw CommandFailure.undetermined(
                error.description, hint: "name an empty folder that you may write to")
        }
    }

    /// Leaves `transcript.json`: every refused push, with the server as it was, so that each can be
    /// made again with plain git.
    func leaveTranscript() throws {
        let transcript: JSON = ["refusals": .array(refusals)]
        try attempt { () throws(FileError) in
            try File.write(transcript.pretty(), to: folder + "/transcript.json")
        }
    }

    /// Keeps a copy of the server and the push that it is about to refuse.
    private func remember(
        _ person: String, _ command: [String], in directory: String, rule: String
    ) throws {
        let snapshot = "\(folder)/snapshots/\(refusals.count + 1).git"
        try attempt { () throws(FileError) in try Folder.make(folder + "/snapshots") }
        try prepare(person, ["cp", "-R", server, snapshot], in: folder)
        var again: [String] = []
        for word in command {
            again.append(
                word == "origin" ? snapshot : try fixed(word, as: person, in: directory))
        }
        let environment = environment(of: person).map { String(decoding: $0, as: UTF8.self) }
        refusals.append([
            "title": JSON("\(scene)  \(command.joined(separator: " "))"),
            "directory": JSON(directory),
            "server": JSON(snapshot),
            "command": .array(again.map { JSON($0) }),
            "environment": .array(environment.sorted().map { JSON($0) }),
            "exit": 1,
            "rule": JSON(rule),
        ])
    }

    /// A refspec whose source is a commit id: a name means another commit when the story is over.
    private func fixed(
        _ refspec: String, as person: String, in directory: String
    ) throws -> String {
        let parts = refspec.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return refspec }
        let output = try prepare(
            person, ["git", "rev-parse", "--verify", "--quiet", "\(parts[0])^{commit}"],
            in: directory)
        let id = String(decoding: output.prefix { $0 != 0x0a }, as: UTF8.self)
        return "\(id):\(parts[1])"
    }

    private func check(_ result: Child.Result, _ ending: Ending, _ command: [String]) throws {
        let text = String(decoding: result.errorOutput, as: UTF8.self)
        let isRight =
            switch ending {
            case .success: result.termination == .exited(0)
            case .exit(let code): result.termination == .exited(code)
            case .refused(let rule):
                result.termination == .exited(1) && text.contains("refused")
                    && text.contains(" \(rule) ")
            }
        if isRight { return }
        throw CommandFailure.undetermined(
            "the demo did not go as it should: \(command.joined(separator: " "))"
                + " ended with \(result.termination)",
            details: (result.output + result.errorOutput).split(separator: 0x0a).map { shown($0) },
            hint: "what was done so far is in \(folder)")
    }

    /// A blank environment with a home of the person's own: nothing of the user's configuration,
    /// keys or agent takes part.
    private func environment(of person: String) -> [[UInt8]] {
        let inherited = Child.inheritedEnvironment()
        func value(_ name: String) -> String? {
            let prefix = Array("\(name)=".utf8)
            return inherited.first { $0.starts(with: prefix) }
                .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
        }
        let system = value("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        let own = gate.lastIndex(of: "/").map { String(gate[..<$0]) } ?? "/usr/bin"
        let path = [tools, own, system].compactMap { $0 }.joined(separator: ":")
        var variables = [
            "PATH=\(path)", "HOME=\(home(of: person))", "GIT_CONFIG_NOSYSTEM=1",
            "GIT_TERMINAL_PROMPT=0", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
            "XDG_CACHE_HOME=\(home(of: person))/.cache", "PAGER=cat", "NO_COLOR=1",
        ]
        if let temporary = value("TMPDIR") { variables.append("TMPDIR=\(temporary)") }
        return variables.map { Array($0.utf8) }
    }

    private func show(_ output: [UInt8]) {
        for line in output.split(separator: 0x0a) {
            var bytes = line
            while bytes.last == 0x20 || bytes.last == 0x0d { bytes.removeLast() }
            // git's progress lines overwrite each other on a terminal; the last one counts.
            if let restart = bytes.lastIndex(of: 0x0d) { bytes = bytes[(restart + 1)...] }
            say("     " + shown(bytes))
        }
    }

    private func say(_ line: String) {
        if isForMachines { Screen.note(line) } else { Screen.result(line) }
    }

    private func prompt(_ person: String) -> String { bold("\(person)$ ") }

    private func bold(_ text: String) -> String {
        Screen.hasColour ? "\u{1b}[1m\(text)\u{1b}[0m" : text
    }

    /// A word as one would type it.
    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2b...0x3a, 0x3d, 0x40, 0x5f, 0x7e, 0x5e:
                true
            default: false
            }
        }
        return isPlain && !text.isEmpty ? text : "'\(text)'"
    }
}
