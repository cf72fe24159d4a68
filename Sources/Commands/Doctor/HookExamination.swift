import Enforcement
import Files
import Git
import GitObjects

/// Whether git finds gate's hooks, whether they find gate, and whether nobody else can change them.
struct HookExamination {
    let site: Site

    private var repair: String {
        switch site.kind {
        case .server:
            "gate install --server \(shellWord(site.repository.gitDirectory.utf8))"
        case .clone: "gate install"
        }
    }

    func examine(_ examination: inout Examination) {
        examination.look("hooks") { examination in
            if let shared = try site.sharedHooksPath() {
                examination.add(
                    .wrong, "hooks",
                    "the \(shared.scope) core.hooksPath, \(shown(shared.path.utf8)), is used instead",
                    repair: "git --git-dir=\(shellWord(site.repository.gitDirectory.utf8)) config "
                        + "core.hooksPath "
                        + shellWord((site.repository.commonDirectory + "/hooks").utf8))
            }
        }
        for hook in site.hooks {
            examination.look(hook.script.rawValue) { examination in
                try examine(hook, &examination)
            }
        }
        if site.kind == .server { examineOthers(&examination) }
    }

    private func examine(_ hook: HookFile, _ examination: inout Examination) throws {
        let name = hook.script.rawValue
        let path = shown(hook.path.utf8)
        switch try hook.content() {
        case .absent:
            examination.add(
                site.kind == .clone ? .warn : .wrong, name, "\(path) is not there", repair: repair)
        case .foreign:
            if try examineMoved(hook, &examination) { return }
            examination.add(
                site.kind == .clone ? .warn : .wrong, name, "\(path) is not gate's",
                repair: repair)
        case .unusable:
            examination.add(
                site.kind == .clone ? .warn : .wrong, name, "\(path) is not gate's",
                repair: repair)
        case .ours(let bytes):
            try examine(hook, text: bytes, &examination)
        }
    }

    /// Another hook manager was installed after gate.
    private func examineMoved(
        _ hook: HookFile, _ examination: inout Examination
    ) throws -> Bool {
        guard let moved = try MovedHook.find(beside: hook) else { return false }
        let name = hook.script.rawValue
        let place = shown(moved.path.utf8)
        if moved.isRun {
            examination.add(
                .ok, name, "another hook manager has put its hook there, and runs gate's: \(place)")
        } else {
            examination.add(
                .wrong, name,
                "another hook manager has put its hook there, and does not run gate's: \(place)",
                repair: repair)
        }
        return true
    }

    private func examine(
        _ hook: HookFile, text: [UInt8], _ examination: inout Examination
    ) throws {
        let name = hook.script.rawValue
        guard let program = HookScript.program(in: text), program.hasPrefix("/") else {
            examination.add(.wrong, name, "does not say which gate it runs", repair: repair)
            return
        }
        guard File.isExecutable(hook.path) else {
            examination.add(
                .wrong, name, "\(shown(hook.path.utf8)) is not executable, so git ignores it",
                repair: repair)
            return
        }
        guard File.isExecutable(program) else {
            examination.add(
                .wrong, name, "runs \(shown(program.utf8)), which is not there or cannot be run",
                repair: repair)
            return
        }
        guard text == hook.script.text(program: program) else {
            examination.add(
                .wrong, name, "is not as gate install writes it: another version, or edited",
                repair: repair)
            return
        }
        let chained = File.exists(hook.keptPath)
        examination.add(
            .ok, name,
            "runs \(shown(program.utf8))"
                + (chained ? ", after \(shown(hook.keptPath.utf8))" : ""))
        if chained, !File.isExecutable(hook.keptPath) {
            examination.add(
                .note, name, "\(hook.script.rawValue).before-gate is not executable and not run")
        }
        examinePermissions([program, hook.keptPath], named: name, &examination)
    }

    private func examinePermissions(
        _ paths: [String], named name: String, _ examination: inout Examination
    ) {
        for path in paths {
            guard let status = FileStatus(path, followsLinks: true), status.mode & 0o002 != 0 else {
                continue
            }
            examination.add(
                .wrong, name, "everybody may write \(shown(path.utf8))",
                repair: "chmod o-w \(shellWord(path.utf8))")
        }
    }

    /// What else git runs or does when it receives a push.
    private func examineOthers(_ examination: inout Examination) {
        examination.look("proc-receive") { examination in
            guard
                let refs = try site.repository.setting("receive.procReceiveRefs")
            else { return }
            examination.add(
                .warn, "proc-receive",
                "pushes to \(shown(refs.utf8)) are handed to a hook that may move other refs than "
                    + "those that gate judged",
                repair: "git --git-dir=\(shellWord(site.repository.gitDirectory.utf8)) config "
                    + "--unset-all receive.procReceiveRefs")
        }
    }
}
