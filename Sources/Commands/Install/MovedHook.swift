import Files

/// gate's hook where another hook manager, installed after gate, has put it.
struct MovedHook {
    let path: String
    /// Whether whatever is in place runs it.
    let isRun: Bool

    /// Looks for gate's hook beside one that is not gate's.
    ///
    /// pre-commit and prek keep the hook that they find as `pre-push.legacy` and run it after
    /// theirs; lefthook keeps it as `pre-push.old` and does not.
    static func find(beside hook: HookFile) throws -> MovedHook? {
        for (suffix, mark) in [(".legacy", "hook-impl"), (".old", nil as String?)] {
            let path = hook.path + suffix
            guard FileStatus(path)?.kind == .file else { continue }
            do {
                guard HookScript.isOurs(try File.read(path)) else { continue }
                guard let mark, File.isExecutable(path) else {
                    return MovedHook(path: path, isRun: false)
                }
                let text = String(decoding: try File.read(hook.path), as: UTF8.self)
                return MovedHook(path: path, isRun: text.contains(mark))
            } catch {
                throw CommandFailure(error)
            }
        }
        return nil
    }
}
