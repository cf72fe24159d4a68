import Spawn
import ArgumentParser
import Enforcement
import Files
import Git
import GitObjects
import Hooks
import JSON

/// `gate uninstall`: takes away what `gate install` put in place.
struct Uninstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes gate's hooks away and puts back those that were there before.",
        discussion: """
            On a server the settings that gate install made are undone, too. A closed gate is \
            opened only with --yes, or after a question. Policy and evidence stay where they \
            are: they are part of the repository.

            Example:
              gate uninstall
              gate uninstall --server /srv/git/system.git
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Uninstall from the server, out of a bare repository.")
    var server = false

    @Flag(help: "Do not ask before a closed gate is opened.")
    var yes = false

    @Argument(help: "The repository; this one if absent.")
    var folder: String?

    func run() throws {
        let site = try Site(at: folder.map { global.path($0) } ?? global.directory)
        guard server == (site.kind == .server) else {
            throw CommandFailure.usage(
                "\(site.name) is \(server ? "a clone" : "a bare repository")",
                hint: server ? "gate uninstall" : "gate uninstall --server")
        }
        if site.kind == .server { try requireConsent(site) }
        var removed: [HookFile] = []
        var stayed: [HookFile] = []
        // What refuses goes first: the rest without it harms nobody.
        for hook in site.hooks.reversed() {
            if try hook.content() == .absent, !File.exists(hook.keptPath) { continue }
            if try hook.uninstall() { removed.append(hook) } else { stayed.append(hook) }
        }
        switch site.kind {
        case .server: try open(site)
        case .clone: try ExcludeFile(of: site.repository).remove()
        }
        show(site, removed: removed, stayed: stayed)
    }

    private func requireConsent(_ site: Site) throws {
        guard let trust = try site.repository.ownSetting(Server.trustKey),
            trust != Server.watching, !yes
        else { return }
        guard Screen.isInteractive else {
            throw CommandFailure.usage(
                "the gate of \(site.name) is closed, and there is no terminal to ask at",
                hint: "gate uninstall --server --yes "
                    + shellWord(site.repository.gitDirectory.utf8))
        }
        guard Screen.confirms("The gate of \(site.name) is closed. Open it for every push?")
        else { throw CommandFailure.refused("nothing was changed") }
    }

    private func open(_ site: Site) throws {
        let repository = site.repository
        try InstallRecord(of: repository).undo()
        if try repository.ownSetting(Server.trustKey) != nil {
            try repository.git(["config", "--local", "--unset-all", Server.trustKey])
        }
        if try repository.runGit(["show-ref", "--verify", "--quiet", Trust.ref.description])
            .succeeded
        {
            try repository.git(["update-ref", "-d", Trust.ref.description])
        }
        do {
            // Nothing in it but what the hooks remembered.
            try Folder.remove(repository.commonDirectory + "/gate")
        } catch {
            throw CommandFailure(error)
        }
    }

    private func show(_ site: Site, removed: [HookFile], stayed: [HookFile]) {
        if global.json {
            Screen.result([
                "repository": .string(shown(site.repository.gitDirectory.utf8)),
                "kind": .string(site.kind.rawValue),
                "removed": JSON(removed.map { shown($0.path.utf8) }),
                "stayed": JSON(stayed.map { shown($0.path.utf8) }),
            ])
            return
        }
        Screen.result("\(site.kind.rawValue)  \(site.name)")
        for hook in removed {
            let isBack = File.exists(hook.path)
            Screen.result(
                "hook    \(shown(hook.path.utf8)): \(isBack ? "as it was before gate" : "removed")")
        }
        for hook in stayed {
            Screen.result("hook    \(shown(hook.path.utf8)): is not gate's, and stays")
        }
        if removed.isEmpty, stayed.isEmpty { Screen.result("hook    none was here") }
        if site.kind == .server { Screen.result("state   open: every push is accepted unjudged") }
    }
}
