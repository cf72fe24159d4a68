import ArgumentParser
import Enforcement
import Files
import Git
import GitObjects
import Hooks
import JSON
import Policy

/// `gate install`: puts the hooks in place.
struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts gate's hooks in place, in a clone or on a server.",
        discussion: """
            In a clone: the pre-push hook, which gives the server's answer before the push and \
            runs the checks of on_push on what is pushed. It lives with pre-commit, prek, \
            lefthook and husky, and goes where core.hooksPath says.

            With --server, in a bare repository: pre-receive and post-receive, and the settings \
            that they need. A new server only watches: it accepts everything and says what it \
            would have refused, until its owner says gate trust.

            Hooks that are there are kept as <hook>.before-gate and run first. Saying it again \
            repairs; it never opens a closed gate.

            With --server --runner the hook also starts gate ci after each push, in the background. \
            The key must be one that signs by itself, of a principal whose test results count. \
            --no-runner switches it off.

            Example:
              gate install
              gate install --server /srv/git/system.git
              gate install --server --runner --key /etc/gate/ci /srv/git/system.git
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Install on the server, into a bare repository.")
    var server = false

    @Option(
        help: ArgumentHelp("The gate that the hooks run; this one if absent.", valueName: "file"))
    var program: String?

    @Flag(inversion: .prefixedNo, help: "Run the required checks after each push, on the server.")
    var runner: Bool?

    @Option(help: ArgumentHelp("The runner's SSH key to sign with.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("The user of the server as whom checks run.", valueName: "user"))
    var runAs: String?

    @Option(help: ArgumentHelp("How many checks run at the same time.", valueName: "n"))
    var jobs: Int?

    @Argument(help: "The repository; this one if absent.")
    var folder: String?

    func validate() throws {
        if runner != nil, !server { throw ValidationError("--runner goes with --server") }
        if runner != true, key != nil || runAs != nil || jobs != nil {
            throw ValidationError("--key, --run-as and --jobs go with --runner")
        }
        if let jobs, !(1...64).contains(jobs) {
            throw ValidationError("--jobs takes a number from 1 to 64")
        }
    }

    func run() throws {
        let site = try Site(at: folder.map { global.path($0) } ?? global.directory)
        try requireKind(site)
        try requireOwnHooks(site)
        let program =
            if let program { try ProgramPlace.path(named: global.path(program)) } else {
                try ProgramPlace.path()
            }
        let installation = Installation(site: site, program: program)
        if runner == true {
            installation.runner = try RunnerInstallation(
                site: site, program: program, key: key.map(global.path), user: runAs, jobs: jobs)
        }
        installation.endsRunner = runner == false
        try installation.make()
        global.json
            ? Screen.result(installation.json)
            : installation.lines.forEach { Screen.result($0) }
    }

    private func requireKind(_ site: Site) throws {
        if server, site.kind == .clone {
            throw CommandFailure.usage(
                "\(site.name) has a worktree; a server's repository is bare",
                hint: "for this clone: gate install; a bare copy: git clone --bare")
        }
        if !server, site.kind == .server {
            throw CommandFailure.usage(
                "\(site.name) is a bare repository, so nobody pushes from it",
                hint: "gate install --server \(shellWord(site.repository.gitDirectory.utf8))")
        }
    }

    private func requireOwnHooks(_ site: Site) throws {
        guard let shared = try site.sharedHooksPath() else { return }
        let repository = site.repository
        let own = repository.commonDirectory + "/hooks"
        throw CommandFailure.undetermined(
            "the \(shared.scope) core.hooksPath, \(shown(shared.path.utf8)), keeps git from this "
                + "repository's own hooks",
            details: ["gate writes no hooks that other repositories share"],
            hint: "git --git-dir=\(shellWord(repository.gitDirectory.utf8)) config "
                + "core.hooksPath \(shellWord(own.utf8))")
    }
}

/// What `gate install` does to one repository, and says about it.
private final class Installation {
    let site: Site
    let program: String
    /// What starts checks after each push; nil: that stays as it is.
    var runner: RunnerInstallation?
    /// Nothing starts them any more.
    var endsRunner = false
    private var outcomes: [(hook: HookFile, outcome: HookFile.Outcome)] = []
    /// The hooks that were not gate's before.
    private var added: [HookFile] = []
    private var settings: [String] = []
    private var hasCommitGraph = false
    private var trust: String?

    init(site: Site, program: String) {
        self.site = site
        self.program = program
    }

    /// Settings come first: a hook without them refuses every push. If a hook cannot be written
    /// (the disk is full), everything is put back.
    func make() throws {
        for hook in site.hooks { try hook.requireRoom() }
        if site.kind == .clone {
            try putHooks()
            try ExcludeFile(of: site.repository).add()
            return
        }
        var record = try InstallRecord(of: site.repository)
        let known = record.settings
        do {
            try configure(&record)
            try putHooks()
            if endsRunner {
                for name in RunnerSettings.names.reversed() { try record.restore(name) }
            }
            for (name, value) in runner?.settings ?? [] where try record.set(name, to: value) {
                settings.append("\(name)=\(shown(value.utf8))")
            }
        } catch {
            for hook in added { _ = try hook.uninstall() }
            try record.undo(keeping: known)
            throw error
        }
        hasCommitGraph = try site.writeCommitGraph()
    }

    private func configure(_ record: inout InstallRecord) throws {
        let wanted = [("receive.fsckObjects", "true"), ("commitGraph.generationVersion", "1")]
        for (name, value) in wanted where try record.set(name, to: value) {
            settings.append("\(name)=\(value)")
        }
        trust = try site.repository.ownSetting(Server.trustKey)
        if trust == nil {
            if try record.set(Server.trustKey, to: Server.watching) {
                settings.append("\(Server.trustKey)=\(Server.watching)")
            }
            trust = Server.watching
        }
    }

    private func putHooks() throws {
        do {
            try Folder.make(site.hooksFolder)
        } catch {
            throw CommandFailure(error)
        }
        for hook in site.hooks {
            let before = try hook.content()
            outcomes.append((hook, try hook.install(program: program)))
            if before == .absent || before == .foreign { added.append(hook) }
        }
    }

    var lines: [String] {
        var lines = ["\(site.kind.rawValue)  \(site.name)"]
        for (hook, outcome) in outcomes {
            let what =
                switch outcome {
                case .unchanged: "is in place"
                case .written: "written"
                case .chained: "written; runs \(hook.script.rawValue).before-gate first"
                case .relayed(let path): "is another's, which runs gate's: \(shown(path.utf8))"
                }
            lines.append("hook    \(shown(hook.path.utf8)): \(what)")
        }
        for setting in settings { lines.append("set     \(setting)") }
        if hasCommitGraph { lines.append("wrote   the commit-graph, generation 1") }
        if site.kind == .server { lines.append("state   \(state)") }
        lines += runner?.lines ?? []
        return lines + next
    }

    private var state: String {
        switch trust {
        case Server.watching: "watching: accepts everything, says what it would refuse"
        case let value?: "closed: trusts \(shown(value.utf8))"
        case nil: "unknown"
        }
    }

    private var next: [String] {
        guard site.kind == .server else { return ["next    gate status"] }
        guard trust == Server.watching else { return ["next    gate doctor"] }
        return [
            "next    in a clone: gate init, then land the policy that it writes",
            "then    here: gate trust -C \(shellWord(site.repository.gitDirectory.utf8))",
        ]
    }

    var json: JSON {
        var object: JSON.Object = [
            "repository": .string(shown((site.repository.gitDirectory).utf8)),
            "kind": .string(site.kind.rawValue),
            "program": .string(shown(program.utf8)),
            "hooks": JSON(
                outcomes.map { hook, outcome -> JSON in
                    [
                        "name": .string(hook.script.rawValue),
                        "path": .string(shown(hook.path.utf8)),
                        "changed": .bool(outcome != .unchanged),
                        "kept": File.exists(hook.keptPath)
                            ? .string(shown(hook.keptPath.utf8)) : .null,
                    ]
                }),
            "settings": JSON(settings),
        ]
        if site.kind == .server {
            object["trust"] = JSON(trust)
            object["runner"] =
                runner.map {
                    ["key": JSON(shown($0.key.utf8)), "principal": JSON($0.principal?.name)]
                } ?? .null
        }
        return .object(object)
    }
}
