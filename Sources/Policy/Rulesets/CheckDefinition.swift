import Crypto
import JSON

/// What a check is; one definition for a laptop, CI and the server.
public struct CheckDefinition: Hashable, Sendable {
    /// What a report says is read from these.
    public enum ReportFormat: String, Hashable, Sendable, CaseIterable {
        /// JUnit XML, as `pytest --junitxml` and many others write it.
        case junit
        /// `pylint --output-format=json`, or `json2`.
        case pylint
        /// `mypy --output json`: one object a line.
        case mypy
        /// `ruff check --output-format json`.
        case ruff
    }

    public var name: String
    /// The command, run by `/bin/sh -c` at the root of the checked tree.
    public var run: String
    /// What the result depends on, for the local cache only; empty: everything. Never spares a
    /// required check.
    public var paths: [PathPattern]
    /// Folders of the check's own that survive between runs in a kept worktree.
    public var keep: [String]
    /// Folders of the developer's own worktree, such as `.venv` and `node_modules`, that the check
    /// finds at the same place.
    public var link: [String]
    /// The checks that must have passed before this one is begun.
    public var needs: [String]
    /// Environment variables on which the result depends, for the local cache only.
    public var env: [String]
    /// Further programs and files on which the result depends, for the local cache only: a path in
    /// the tree, an absolute path, or the name of a program in `PATH`.
    public var version: [String]
    /// Whether the local cache may spare a run.
    public var isCached: Bool
    /// A command that mends what the check complains of, to be shown when it failed.
    public var fix: String?
    /// Seconds after which the whole process group is ended.
    public var timeout: Int
    /// What the command writes to `$GATE_REPORT`.
    public var report: ReportFormat?

    public init(
        name: String, run: String, paths: [PathPattern] = [], keep: [String] = [],
        link: [String] = [], needs: [String] = [], env: [String] = [], version: [String] = [],
        isCached: Bool = true, timeout: Int = 600, report: ReportFormat? = nil, fix: String? = nil
    ) {
        self.name = name
        self.run = run
        self.paths = paths
        self.keep = keep
        self.link = link
        self.needs = needs
        self.env = env
        self.version = version
        self.isCached = isCached
        self.fix = fix
        self.timeout = timeout
        self.report = report
    }
}

extension CheckDefinition {
    /// SHA-256 (hex) of the definition in canonical form (docs/reference/evidence.md): a result
    /// counts for the present definition only.
    ///
    /// It covers what decides whether the check passes, with a preset's values as if they had been
    /// written out; not when it runs (`needs`), what the local cache goes by (`env`, `version`,
    /// `cache`) and what is only shown (`fix`).
    public var digest: String {
        var definition: JSON.Object = [
            "keep": .array(keep.map { .string($0) }),
            "name": .string(name),
            "paths": .array(paths.map { .string($0.text) }),
            "report": report.map { .string($0.rawValue) } ?? .null,
            "run": .string(run),
            "timeout": JSON(timeout),
        ]
        if !link.isEmpty { definition["link"] = JSON(link) }
        let digits = Array("0123456789abcdef".utf8)
        let hex = SHA256.hash(data: JSON(definition).canonical()).flatMap { byte in
            [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: hex, as: UTF8.self)
    }
}
