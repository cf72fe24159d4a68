import Enforcement
import GitObjects
import History

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What git runs: the short way from a hook's input to a verdict.
public enum Hook {
    /// Could not decide; hooks refuse.
    static let undetermined: Int32 = 3

    /// Runs the hook that the arguments name.
    ///
    /// - Returns: the exit code: 0 only for what was judged and allowed.
    public static func run(_ arguments: [String]) -> Int32 {
        let environment = HookEnvironment.current()
        switch arguments.first {
        case "pre-receive" where arguments.count == 1:
            return PreReceive(environment).run()
        case "post-receive" where arguments.count == 1:
            return PostReceive(environment).run()
        case "pre-push" where arguments.count == 3:
            return PrePush(environment, remote: arguments[1], url: arguments[2]).run()
        default:
            HookScreen.show([
                "refused",
                "  gate hook is called by git, as pre-receive, post-receive or",
                "  pre-push REMOTE URL; these are other arguments",
            ])
            return undetermined
        }
    }

    /// Shows why nothing could be decided.
    static func show(_ error: GitError) {
        var lines = ["refused", "  undetermined   \(error.description)"]
        if let hint = error.hint { lines.append("                 \(hint)") }
        HookScreen.show(lines)
    }
}

/// What a hook finds in its environment; read once, so that nothing later depends on it.
struct HookEnvironment {
    let gitDirectory: String?
    /// Where the objects of a push are until it is accepted (git-receive-pack(1)).
    let quarantine: String?
    /// `GATE=0`: the local hook is switched off. The server's hooks do not look at it.
    let isSwitchedOff: Bool
    let isVerbose: Bool
    /// The names in `GATE_SKIP`: checks that the local hook leaves out.
    let skip: [String]

    static func current() -> HookEnvironment {
        func value(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }
        }
        return HookEnvironment(
            gitDirectory: value("GIT_DIR"), quarantine: value("GIT_QUARANTINE_PATH"),
            isSwitchedOff: value("GATE") == "0", isVerbose: value("GATE_VERBOSE") == "1",
            skip: (value("GATE_SKIP") ?? "").split { ", ".contains($0) }.map(String.init))
    }
}

/// Standard error, where git shows a hook's words to the pusher.
enum HookScreen {
    static func show(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(Array((lines.joined(separator: "\n") + "\n").utf8)[...])
    }

    /// Bytes as they are.
    static func write(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite($0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func systemWrite(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(STDERR_FILENO, bytes, count)
        #else
            Darwin.write(STDERR_FILENO, bytes, count)
        #endif
    }
}

/// Standard input to its end.
enum HookInput {
    /// More than git sends for a million refs.
    private static let limit = 512 << 20

    static func read() throws(GitError) -> [UInt8] {
        var input: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                systemRead(STDIN_FILENO, bytes.baseAddress, bytes.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw GitError(.io, "standard input", "cannot be read")
            }
            if count == 0 { return input }
            input += buffer[..<count]
            if input.count > limit {
                throw GitError(.limit, "standard input", "is longer than \(limit) bytes")
            }
        }
    }

    private static func systemRead(
        _ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, bytes, count)
        #else
            Darwin.read(descriptor, bytes, count)
        #endif
    }

    /// The ref updates of pre-receive and post-receive (githooks(5)): `<old> <new> <ref>`, a line
    /// each.
    static func refUpdates(_ input: [UInt8]) throws(GitError) -> [RefUpdate] {
        var updates: [RefUpdate] = []
        var lines = input.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.last?.isEmpty == true else { throw malformed }
        lines.removeLast()
        for line in lines {
            let fields = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let old = ObjectID(hex: fields[0]),
                let new = ObjectID(hex: fields[1]), !fields[2].isEmpty
            else { throw malformed }
            updates.append(RefUpdate(ref: RefName(fields[2]), old: old, new: new))
        }
        guard !updates.isEmpty else { throw malformed }
        return updates
    }

    private static let malformed = GitError(
        .malformed, "standard input", "is not what git sends to this hook",
        hint: "git runs this; nothing else should")
}
