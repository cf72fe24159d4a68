import ArgumentParser
import Checks
import Enforcement
import Git
import GitObjects
import JSON
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `gate ci-worker`: runs the checks of one job and writes the report; what `gate ci` starts for each
/// tree, without its key, its agent and its credentials.
///
/// A ``CheckJob`` comes by standard input. On standard output there are blank lines while checks run,
/// so that whoever reads sees that it lives, and then the report. It ends when its parent does.
struct CheckWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ci-worker", abstract: "Runs checks for gate ci; not for people.",
        shouldDisplay: false)

    func run() throws {
        // Whoever reads may be gone; checks must be ended even so.
        signal(SIGPIPE, SIG_IGN)
        var text: [UInt8] = []
        while let line = readLine(strippingNewline: true) { text += Array(line.utf8) }
        guard let job = Self.job(text) else {
            throw CommandFailure.usage("this is called by gate ci", hint: "gate ci --help")
        }
        let pulse = Pulse()
        pulse.start()
        let repository = try Repository.open(gitDirectory: job.repository)
        let policy = try CommittedPolicies(history: repository).policy(at: job.policy).get()
        let checks = try job.checks.map { name in
            guard let check = policy.check(named: name) else {
                throw CommandFailure.undetermined(
                    "the policy of \(job.policy.short) has no check \(shown(name.utf8))")
            }
            return check
        }
        let subject = CheckedTree(tree: job.tree, commit: job.commit, parents: job.parents)
        let runner = try CheckRunner(repository: job.repository)
        let outcomes = try runner.run(
            checks, on: subject, RunOptions(jobs: job.jobs, cache: .none, readsEveryFile: true),
            onEvent: Self.show)
        let report = CheckReport(
            repository: policy.people.repository, subject: subject, outcomes: outcomes)
        pulse.stop()
        Screen.result(String(decoding: report.json.canonical(), as: UTF8.self))
    }

    /// What did not pass, with the end of its output, on standard error.
    private static func show(_ event: CheckEvent) {
        if case .finished(let outcome) = event, outcome.result != .passed {
            let reason = outcome.reason.isEmpty ? "" : ", \(shown(outcome.reason.utf8))"
            Screen.note("\(shown(outcome.definition.name.utf8)) did not pass\(reason):")
        }
        CheckScreen(isQuiet: true).show(event)
    }

    private static func job(_ text: [UInt8]) -> CheckJob? {
        do {
            return CheckJob(try JSON(parsing: text, limit: 1 << 20))
        } catch {
            return nil
        }
    }
}

/// Blank lines on standard output as long as checks run, and the end of them when the parent ends.
///
/// A thread, because the checks keep the other one; it touches nothing but its own two numbers.
private final class Pulse: Sendable {
    /// Seconds between two blank lines.
    private static let interval = 5
    /// Microseconds between two looks at the parent.
    private static let look: UInt32 = 200_000

    nonisolated(unsafe) private static let lock: UnsafeMutablePointer<pthread_mutex_t> = {
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        return lock
    }()
    nonisolated(unsafe) private static let isStopped: UnsafeMutablePointer<Bool> = {
        let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        flag.initialize(to: false)
        return flag
    }()
    nonisolated(unsafe) private static var parent: pid_t = 0

    func start() {
        Self.parent = getppid()
        _ = Self.lock
        _ = Self.isStopped
        #if canImport(Darwin)
            var thread: pthread_t?
            pthread_create(&thread, nil, { _ in Pulse.beat() }, nil)
        #else
            var thread = pthread_t()
            pthread_create(&thread, nil, { _ in Pulse.beat() }, nil)
        #endif
    }

    /// No blank line comes after this.
    func stop() {
        pthread_mutex_lock(Self.lock)
        Self.isStopped.pointee = true
        pthread_mutex_unlock(Self.lock)
    }

    private static func beat() -> UnsafeMutableRawPointer? {
        var looks = 0
        while true {
            usleep(look)
            // Somebody else has become the parent: whoever waited for the report was killed. The
            // handler of the signal ends the checks.
            if getppid() != parent { kill(getpid(), SIGTERM) }
            looks += 1
            if looks * Int(look) < interval * 1_000_000 { continue }
            looks = 0
            pthread_mutex_lock(lock)
            if !isStopped.pointee {
                var newline: UInt8 = 0x0a
                _ = write(STDOUT_FILENO, &newline, 1)
            }
            pthread_mutex_unlock(lock)
        }
    }
}
