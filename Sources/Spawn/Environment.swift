#if canImport(Darwin)
    import Darwin
#else
    // `environ` is a C variable: gate reads it and never changes it.
    @preconcurrency import Glibc
#endif

extension Child {
    /// gate's own environment as it is, each variable as `NAME=value`.
    public static func inheritedEnvironment() -> [[UInt8]] {
        #if canImport(Darwin)
            let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = _NSGetEnviron().pointee
        #else
            let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
        #endif
        guard var next = start else { return [] }
        var variables: [[UInt8]] = []
        while let variable = next.pointee {
            let bytes = UnsafeRawBufferPointer(start: variable, count: strlen(variable))
            variables.append(Array(bytes))
            next += 1
        }
        return variables
    }

    /// `environment` without what would point git, or a program that runs git, at the repository
    /// in which gate happens to be called.
    ///
    /// In a hook `GIT_DIR`, `GIT_QUARANTINE_PATH` and the rest describe the repository that is
    /// being pushed to; a child that works elsewhere must not inherit them. What says how git
    /// reaches the outside (`GIT_SSH_COMMAND`, `GIT_ASKPASS`, `GIT_TRACE`) stays.
    public static func environmentForAnotherRepository(
        from environment: [[UInt8]] = Child.inheritedEnvironment()
    ) -> [[UInt8]] {
        environment.filter { variable in
            let name = Array(variable.prefix { $0 != 0x3d })
            return !repositoryVariables.contains(name)
                && !repositoryPrefixes.contains { name.starts(with: $0) }
        }
    }

    /// What `git rev-parse --local-env-vars` lists (git's `environment.c`, `local_repo_env`, as
    /// of 2.39; the later ones too), and what else git sets for hooks (githooks(5)) or takes as
    /// a description of one repository (git(1), "The Git Repository").
    private static let repositoryVariables: Set<[UInt8]> = Set(
        [
            "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_COUNT", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE",
            "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
            "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX",
            "GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_INTERNAL_SUPER_PREFIX",
            "GIT_QUARANTINE_PATH", "GIT_NAMESPACE", "GIT_ATTR_SOURCE", "GIT_INDEX_VERSION",
            "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
            "GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT", "GIT_REFLOG_ACTION",
            "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_LITERAL_PATHSPECS",
            "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
            "GIT_NOTES_REF", "GIT_NOTES_DISPLAY_REF", "GIT_NOTES_REWRITE_REF",
            "GIT_NOTES_REWRITE_MODE",
        ].map { Array($0.utf8) })

    /// Numbered variables: `GIT_CONFIG_KEY_0`, `GIT_PUSH_OPTION_COUNT`, `GIT_PUSH_OPTION_0`,
    /// `GIT_PUSH_CERT_KEY`.
    private static let repositoryPrefixes: [[UInt8]] = [
        "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_PUSH_OPTION_", "GIT_PUSH_CERT",
    ].map { Array($0.utf8) }

    /// `environment` with these variables set, each in place of any of the same name.
    public static func environment(
        _ environment: [[UInt8]], setting variables: [(name: String, value: [UInt8])]
    ) -> [[UInt8]] {
        let names = Set(variables.map { Array($0.name.utf8) })
        let kept = environment.filter { !names.contains(Array($0.prefix { $0 != 0x3d })) }
        return kept + variables.map { Array($0.name.utf8) + [0x3d] + $0.value }
    }
}
