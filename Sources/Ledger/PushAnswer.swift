import GitObjects
import Spawn

/// What became of a push of one ref (git-push(1), "OUTPUT", `--porcelain`).
enum PushAnswer: Hashable {
    case accepted
    /// Somebody else moved the ref first, or holds its lock.
    case lostRace
    /// A hook said no, with these words.
    case refused(String)

    /// Reasons of git's for which the same push may succeed later. What comes from the server is
    /// not translated (git's builtin/receive-pack.c and refs/files-backend.c).
    private static let races = [
        "[rejected]", "(fetch first)", "(non-fast-forward)", "(stale info)",
        "failed to update ref", "cannot lock ref", "incorrect old value",
        "reference already exists",
        "failed to lock", "unable to migrate objects",
    ]

    init(_ result: Child.Result, ref: RefName) throws(GitError) {
        let lines = result.output.split(separator: 0x0a).map {
            String(decoding: $0, as: UTF8.self)
        }
        let answer = lines.first { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            return fields.count == 3 && fields[1].hasSuffix(":\(ref)")
        }
        if let answer, !answer.hasPrefix("!") {
            self = .accepted
            return
        }
        let text = (answer ?? "") + String(decoding: result.errorOutput, as: UTF8.self)
        if answer?.contains("hook declined") == true {
            let message = Self.remoteMessage(result.errorOutput)
            self = Self.isRace(message, ref) ? .lostRace : .refused(message)
        } else if Self.races.contains(where: text.contains) {
            self = .lostRace
        } else {
            throw GitCommand.failure("push", result)
        }
    }

    /// Whether gate's own hook saw that the ref had moved since the server told where it was: a
    /// moment later git would have.
    private static func isRace(_ message: String, _ ref: RefName) -> Bool {
        // Its lines are broken where they are long, in names too.
        let text = message.filter { !$0.isWhitespace }
        return text.contains("\(ref):pointsat") && text.contains(",notat")
    }

    /// What the server's hook printed, each line without the `remote: ` that git puts before it.
    private static func remoteMessage(_ output: [UInt8]) -> String {
        let prefix = Array("remote: ".utf8)
        return output.split(separator: 0x0a)
            .filter { $0.starts(with: prefix) }
            .map { line in
                var text = line.dropFirst(prefix.count)
                // sideband.c pads lines with blanks to wipe out a progress line.
                while text.last == 0x20 { text = text.dropLast() }
                return shown(text)
            }
            .joined(separator: "\n")
    }
}
