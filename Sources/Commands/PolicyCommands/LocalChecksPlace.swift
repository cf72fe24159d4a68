import Files
import GitObjects
import Policy

/// The developer's own `.gate.local.yml` in a worktree, to be looked into.
struct LocalChecksPlace {
    private let bytes: [UInt8]
    /// How the user sees it.
    private let file: String

    /// nil when there is none.
    init?(worktree: String) throws {
        file = worktree == "." ? LocalChecks.file : "\(worktree)/\(LocalChecks.file)"
        do {
            guard let bytes = try File.readIfPresent(file, limit: LocalChecks.sizeLimit) else {
                return nil
            }
            self.bytes = bytes
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Everything that is wrong with it.
    ///
    /// - Parameter policyChecks: the names that the policy beside it has given to checks.
    func diagnostics(policyChecks: Set<String>) -> [Diagnostic] {
        do {
            _ = try LocalChecks.read(bytes, file: file, policyChecks: policyChecks)
            return []
        } catch {
            return error.diagnostics
        }
    }
}

extension PolicyPlace {
    /// The names of its checks; none when `checks.yml` is missing or not valid.
    var checkNames: Set<String> {
        guard let bytes = files.contents["policies/checks.yml"] else { return [] }
        do {
            return Set(try CheckList.read(bytes).checks.map(\.name))
        } catch {
            return []
        }
    }
}
