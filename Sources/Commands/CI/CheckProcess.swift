import Checks
import Enforcement
import GitObjects
import JSON
import Spawn

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Another process that runs the checks of a job: it has no key, no agent and no credentials, and
/// may be another user's.
struct CheckProcess {
    /// As whom checks run; nil: as whoever runs gate.
    let user: String?
    /// Where kept worktrees go when the environment names no home; nil: where it says.
    let spareCache: String?

    /// What came of it.
    enum Outcome {
        case report(CheckReport)
        /// There is no report: why, as a clause.
        case nothing(String)
    }

    /// Runs the checks and waits.
    ///
    /// - Parameters:
    ///   - timeout: seconds after which something is wrong with the process itself.
    ///   - onPulse: is called every few seconds meanwhile.
    func run(_ job: CheckJob, timeout: Double, onPulse: () -> Void) throws -> Outcome {
        let (words, environment) = try command()
        var child = Child(words, environment: environment, directory: "/", timeout: timeout)
        child.input = job.json.canonical() + [0x0a]
        child.hasOwnSession = true
        var said = RelayedWords()
        let result = try child.run { stream, piece in
            if stream == .errorOutput { said.add(piece) }
            onPulse()
        }
        said.end()
        switch result.termination {
        case .timedOut, .stopped: return .nothing("the checks did not end")
        case .signalled(let number): return .nothing("the checks were ended by signal \(number)")
        case .exited(0): break
        case .exited:
            let last = result.errorOutput.split(separator: 0x0a).first {
                $0.starts(with: "gate".utf8)
            }
            return .nothing(last.map { shown($0) } ?? "the checks could not be started")
        }
        do {
            return .report(try CheckReport(parsing: result.output))
        } catch {
            return .nothing("what ran the checks wrote no report: \(error.problem)")
        }
    }

    private func command() throws -> (words: [String], environment: [[UInt8]]) {
        let own = [try ProgramPlace.path(), "ci-worker"]
        var environment = CheckEnvironment.scrubbed(Child.inheritedEnvironment())
        guard let user else {
            if let spareCache, !Self.hasCache(environment) {
                environment = Child.environment(
                    environment, setting: [("XDG_CACHE_HOME", Array(spareCache.utf8))])
            }
            return (own, environment)
        }
        let account = try Account(named: user)
        // What belongs to the one who has the key is of no use to the other.
        environment = environment.filter { variable in
            !["XDG_", "TMPDIR=", "GIT_CONFIG_"].contains { variable.starts(with: $0.utf8) }
        }
        let variables = [
            ("HOME", account.home), ("USER", user), ("LOGNAME", user), ("SHELL", "/bin/sh"),
        ]
        environment = Child.environment(
            environment, setting: variables.map { ($0.0, Array($0.1.utf8)) })
        if geteuid() == account.id { return (own, environment) }
        if geteuid() == 0 {
            let change = [
                "setpriv", "--reuid=\(account.id)", "--regid=\(account.group)", "--init-groups",
            ]
            return (change + ["--"] + own, environment)
        }
        // One rule of sudoers(5) allows this and nothing else; PATH is sudo's own (secure_path).
        return (["sudo", "-n", "-H", "-u", user, "--"] + own, environment)
    }

    private static func hasCache(_ environment: [[UInt8]]) -> Bool {
        environment.contains { variable in
            ["HOME=/", "XDG_CACHE_HOME=/"].contains { variable.starts(with: $0.utf8) }
        }
    }
}

/// What the process that runs checks writes to standard error, passed on line by line: a check that
/// is the same user's can write there past it, whatever it likes and as much.
private struct RelayedWords {
    /// Bytes of one run that are passed on.
    private static let limit = 1 << 20

    private var line: [UInt8] = []
    private var count = 0

    mutating func add(_ piece: ArraySlice<UInt8>) {
        for byte in piece.prefix(max(0, Self.limit - count)) {
            if byte == 0x0a { flush() } else { line.append(byte) }
        }
        if count < Self.limit, count + piece.count >= Self.limit {
            flush()
            Screen.note("gate ci: what runs the checks says more than \(Self.limit) bytes")
        }
        count += min(piece.count, Self.limit)
    }

    mutating func end() {
        if !line.isEmpty { flush() }
    }

    private mutating func flush() {
        Screen.note(shown(line))
        line.removeAll(keepingCapacity: true)
    }
}

/// A user of this machine (getpwnam(3)).
struct Account {
    let id: uid_t
    let group: gid_t
    let home: String

    init(named name: String) throws {
        guard let entry = getpwnam(name) else {
            throw CommandFailure.usage(
                "there is no user \(shown(name.utf8)) on this machine",
                hint: "adduser --system --group --home /var/lib/gate-checks gate-checks")
        }
        id = entry.pointee.pw_uid
        group = entry.pointee.pw_gid
        home = String(cString: entry.pointee.pw_dir)
    }
}
