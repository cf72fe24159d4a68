import ArgumentParser
import Git
import GitObjects
import JSON
import Spawn

/// `gate doctor`: what is wrong with an installation.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what is wrong with an installation, and the command that repairs it.",
        discussion: """
            Looks at a server's bare repository, or at a clone, and changes nothing. Each item \
            is ok, a note, a warning, or wrong. Exit codes: 0 nothing is wrong, 1 something is.

            Example:
              gate doctor
              gate doctor /srv/git/system.git
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The repository; this one if absent.")
    var folder: String?

    func run() throws {
        var examination = Examination()
        Self.examinePrograms(&examination)
        let place = folder.map { global.path($0) } ?? global.directory
        var site: Site?
        examination.look("repository") { examination in
            let found = try Site(at: place)
            examination.add(.ok, "repository", "\(found.kind.rawValue) \(found.name)")
            site = found
        }
        if let site {
            HookExamination(site: site).examine(&examination)
            RepositoryExamination(site: site).examine(&examination)
            switch site.kind {
            case .server:
                ServerExamination(site: site).examine(&examination)
                RunnerExamination(site: site).examine(&examination)
            case .clone: CloneExamination(site: site).examine(&examination)
            }
        }
        if global.json {
            Screen.result([
                "repository": JSON(site.map { shown($0.repository.gitDirectory.utf8) }),
                "kind": JSON(site?.kind.rawValue),
                "healthy": .bool(examination.isHealthy),
                "items": examination.json,
            ])
        } else {
            examination.lines.forEach { Screen.result($0) }
        }
        if !examination.isHealthy { throw ExitCode(1) }
    }

    /// The oldest git that gate is tested with.
    private static let oldestGit = (major: 2, minor: 39)

    private static func examinePrograms(_ examination: inout Examination) {
        examination.look("git") { examination in
            let words = try output(["git", "--version"])
            let numbers = words.split(separator: " ").dropFirst(2).first?.split(separator: ".")
                .prefix(2).compactMap { Int($0) }
            guard let numbers, numbers.count == 2 else {
                throw CommandFailure.undetermined("says \(words), which is no version")
            }
            let isOld = (numbers[0], numbers[1]) < (oldestGit.major, oldestGit.minor)
            examination.add(
                isOld ? .wrong : .ok, "git", words,
                repair: isOld ? "install git \(oldestGit.major).\(oldestGit.minor) or later" : nil)
        }
        examination.look("ssh-keygen") { examination in
            // It has no way to say its version; that it starts is enough.
            _ = try output(["ssh-keygen", "-l", "-f", "/dev/null"], mayFail: true)
            examination.add(.ok, "ssh-keygen", "is there")
        }
    }

    private static func output(_ words: [String], mayFail: Bool = false) throws -> String {
        do {
            let result = try Child(words, timeout: 20).run()
            guard result.succeeded || mayFail else {
                throw CommandFailure.undetermined("\(words[0]) failed")
            }
            return shown(result.output.prefix { $0 != 0x0a })
        } catch let error as SpawnError {
            throw CommandFailure(error)
        }
    }
}
