import Git
import GitObjects
import Spawn

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The time that ssh-keygen, or what stands in for it, has to answer.
///
/// It waits for people (a passphrase, a security key's touch) and for an agent, which may be one
/// that a network has cut off: without a limit a runner would wait for ever.
struct SigningTime {
    /// The setting, in seconds.
    private static let setting = "gate.signTimeout"
    private static let usual = 120

    private let seconds: Int

    init(_ repository: Repository) throws(LedgerError) {
        let value: String?
        do throws(GitError) {
            value = try repository.configuration(Self.setting.lowercased())
        } catch {
            throw .git(error)
        }
        guard let value else {
            seconds = Self.usual
            return
        }
        guard let number = Int(value), (1...86_400).contains(number) else {
            throw .badKey(
                problem: "\(Self.setting) is no number of seconds between 1 and 86400",
                hint: "git config \(Self.setting) \(Self.usual)")
        }
        seconds = number
    }

    /// Runs the program within the time.
    func run(_ child: Child) throws(LedgerError) -> Child.Result {
        var child = child
        child.timeout = Double(seconds)
        let result: Child.Result
        do throws(SpawnError) {
            result = try child.run { _, piece in
                // Only this must be seen at once: the security key blinks and waits.
                let text = String(decoding: piece, as: UTF8.self)
                if text.contains("Confirm user presence") {
                    let notice = Array("gate: touch your security key\n".utf8)
                    _ = write(STDERR_FILENO, notice, notice.count)
                }
            }
        } catch {
            throw .cannotSign(
                problem: "\(error)",
                hint: error.isMissing
                    ? "install OpenSSH's client: ssh-keygen makes signatures" : nil)
        }
        if result.termination == .timedOut {
            let program = String(decoding: child.arguments.first ?? [], as: UTF8.self)
            throw .cannotSign(
                problem: "\(program) did not answer within \(seconds)"
                    + " second\(seconds == 1 ? "" : "s"); nothing was signed",
                hint: "does it wait for a passphrase, a touch or an agent (ssh-add -l)? More time:"
                    + " git config \(Self.setting) 600")
        }
        return result
    }
}
