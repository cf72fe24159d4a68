import Crypto
import JSON

/// What a check is; one definition for a laptop, CI and the server.
public struct CheckDefinition: Hashable, Sendable {
    public enum ReportFormat: String, Hashable, Sendable, CaseIterable {
        case junit
    }

    public var name: String
    /// The command, run by `/bin/sh -c` at the root of the checked tree.
    public var run: String
    /// What the result depends on, for the local cache only; empty: everything. Never spares a
    /// required check.
    public var paths: [PathPattern]
    /// Folders of the check's own that survive between runs in a kept worktree.
    public var keep: [String]
    /// Seconds after which the whole process group is ended.
    public var timeout: Int
    /// What the command writes to `$GATE_REPORT`.
    public var report: ReportFormat?

    public init(
        name: String, run: String, paths: [PathPattern] = [], keep: [String] = [],
        timeout: Int = 600, report: ReportFormat? = nil
    ) {
        self.name = name
        self.run = run
        self.paths = paths
        self.keep = keep
        self.timeout = timeout
        self.report = report
    }
}

extension CheckDefinition {
    /// SHA-256 (hex) of the definition in canonical form (docs/reference/evidence.md): a result
    /// counts for the present definition only.
    public var digest: String {
        let definition: JSON = [
            "keep": .array(keep.map { .string($0) }),
            "name": .string(name),
            "paths": .array(paths.map { .string($0.text) }),
            "report": report.map { .string($0.rawValue) } ?? .null,
            "run": .string(run),
            "timeout": JSON(timeout),
        ]
        let digits = Array("0123456789abcdef".utf8)
        let hex = SHA256.hash(data: definition.canonical()).flatMap { byte in
            [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: hex, as: UTF8.self)
    }
}
