import GitObjects
import Testing

@testable import Policy

@Suite struct ReleasePolicyTests {
    static let core = """
        release:
          ref: refs/heads/master
          environments: [staging, production]
          operators: {staging: [engineering], production: [engineering, ci@wrk.example]}

        """

    private static func read(_ text: String) throws -> ReleasePolicy {
        let policy = try Policy.read(Fixture.files(["policies/release.yml": text]))
        return try #require(policy.release)
    }

    @Test(arguments: [
        ("refs/tags/release/staging-2026-11-23-9ab03e7c21d4", "of"),
        ("refs/tags/release/staging-2026-11-23-9ab03e7c21d4-2", "of"),
        ("refs/tags/release/production-pay-2026-11-23-123456789012", "of"),
        ("refs/tags/release/staging-2026-11-23-9ab03e7c21d4/x", "inTheWay"),
        ("refs/tags/release", "inTheWay"),
        ("refs/tags/release/1.2", "free"),
        ("refs/tags/release/staging-1", "free"),
        ("refs/tags/release/test-2026-11-23-9ab03e7c21d4", "free"),
        ("refs/tags/release/staging-2026-11-23-9ab03e7c21d", "free"),
        ("refs/tags/release/staging-2026-11-23-9AB03E7C21D4", "free"),
        ("refs/tags/releases/staging-2026-11-23-9ab03e7c21d4", "free"),
        ("refs/heads/release/staging-2026-11-23-9ab03e7c21d4", "free"),
    ])
    func tagsOfReleases(_ name: String, _ expected: String) throws {
        let tag = ReleaseTag(RefName(name), in: try Self.read(Self.core))
        switch tag {
        case .of(let id):
            #expect(expected == "of")
            #expect("refs/tags/release/\(id)" == name)
        case .inTheWay: #expect(expected == "inTheWay")
        case nil: #expect(expected == "free")
        }
    }

    @Test func everythingThatTheContractShows() throws {
        let release = try Self.read(
            Self.core + """
                  trains: {all: ['**']}
                services:
                  api:    {paths: ['api/**', 'lib/**'], image: registry.wrk.example:5000/api}
                  worker: {paths: ['worker/**', 'lib/**']}
                migrations: ['**/migrations/[0-9]*.py']
                config: ['deploy/**']
                flags: {files: [flags.json], format: flagd}
                tickets: '\\b[A-Z]{2,}-\\d+\\b'
                preflight:
                  - {run: ./deploy/preflight.sh, environments: [staging]}
                  - {run: ./all.sh}
                checklist:
                  always: ['Sign in', 'Upload a file']
                  changed: [{paths: ['**/migrations/**'], text: 'Migration ran on staging'}]
                rotation: {team: engineering, days: [mon, fri], holidays: [2026-12-25], away: {alice@wrk.example: [2026-11-23..2026-11-27]}}
                limits: {max_changes: 20, freeze: ['2026-12-24..2027-01-01']}
                """)
        #expect(release.ref == "refs/heads/master")
        #expect(release.environments == ["staging", "production"])
        #expect(release.operators["production"] == ["engineering", "ci@wrk.example"])
        #expect(release.trains.map(\.name) == ["all"])
        #expect(release.services.map(\.image) == ["registry.wrk.example:5000/api", nil])
        #expect(release.services[1].paths.map(\.text) == ["worker/**", "lib/**"])
        #expect(release.migrations.map(\.text) == ["**/migrations/[0-9]*.py"])
        #expect(release.flags?.files == ["flags.json"])
        #expect(release.tickets?.isFound(in: Array("AB-12".utf8)) == true)
        #expect(release.preflight.map(\.environments) == [["staging"], ["staging", "production"]])
        #expect(release.always == ["Sign in", "Upload a file"])
        #expect(release.changed.map(\.text) == ["Migration ran on staging"])
        #expect(release.rotation?.days == [.monday, .friday])
        #expect(
            release.rotation?.away["alice@wrk.example"]?.map { "\($0)" } == [
                "2026-11-23...2026-11-27"
            ])
        #expect(release.maxChanges == 20)
        #expect(release.freeze.first?.upperBound == CalendarDate("2027-01-01"))
    }

    @Test func whatMayBeLeftOut() throws {
        let release = try Self.read(Self.core)
        #expect(release.trains.map { $0.paths.map(\.text) } == [["**"]])
        #expect(release.services.isEmpty && release.rotation == nil && release.maxChanges == nil)
    }

    @Test(arguments: [
        ("release: {}", "1:10: release needs ref:"),
        ("releases: {}", "1:1: unknown key releases in release.yml (did you mean release?)"),
        (
            "release: {ref: master, environments: [a], operators: {a: [engineering]}}",
            "1:16: ref must be the full name"
        ),
        (
            "release: {ref: refs/heads/m, environments: [a], operators: {b: [engineering]}}",
            "1:61: no environment is called b"
        ),
        (
            "release: {ref: refs/heads/m, environments: [a, b], operators: {a: [engineering]}}",
            "1:63: operators lacks the environment b"
        ),
        (
            "release: {ref: refs/heads/m, environments: [a], operators: {a: []}}",
            "1:64: nobody may record deployments of a"
        ),
        (
            "release: {ref: refs/heads/m, environments: [a], operators: {a: [x]}}",
            "1:65: x is neither a team nor a principal"
        ),
        (
            "release: {ref: refs/heads/m, environments: [], operators: {}}",
            "1:44: environments is empty"
        ),
        (core + "services: {api: {image: a}}", "5:17: service api needs paths:"),
        (
            core + "services: {api: {paths: [a], image: 'a:1'}}",
            "5:37: image must be a name without tag"
        ),
        (core + "services: {api: {paths: [a], image: 'a@sha256'}}", "5:37: image must be a name"),
        (core + "flags: {files: [../x]}", "5:16: files ../x: must not contain"),
        (core + "flags: {files: [x], format: ld}", "5:29: format cannot be ld (known: flagd)"),
        (
            core + "preflight: [{run: x, environments: [prod]}]",
            "5:36: no environment is called prod"
        ),
        (core + "rotation: {team: alice@wrk.example}", "5:18: no team is called alice@wrk.example"),
        (core + "rotation: {team: engineering, days: [today]}", "5:38: a day cannot be today"),
        (core + "rotation: {team: engineering, days: []}", "5:37: days is empty"),
        (
            core + "rotation: {team: engineering, holidays: [2026-02-30]}",
            "5:42: 2026-02-30 is neither a day"
        ),
        (
            core + "rotation: {team: engineering, away: {dave: [2026-02-03]}}",
            "5:38: allowed_signers names nobody called dave"
        ),
        (core + "limits: {max_changes: 0}", "5:23: max_changes must be from 1"),
        (
            core + "limits: {freeze: [2026-02-03..2026-02-01]}",
            "5:19: 2026-02-03..2026-02-01 is neither"
        ),
        (core + "tickets: '('", "5:10: pattern (, character 1"),
    ])
    func refused(_ text: String, _ expected: String) {
        let problems = Fixture.problems(Fixture.files(["policies/release.yml": text]))
        #expect(
            problems.contains { $0.hasPrefix("policies/release.yml:\(expected)") }, "\(problems)")
    }

    @Test(
        arguments: [
            ("1970-01-01", 0, .thursday), ("2000-02-29", 11_016, .tuesday),
            ("2026-11-23", 20_780, .monday), ("9999-12-31", 2_932_896, .friday),
        ] as [(String, Int, Weekday)])
    func days(_ text: String, _ number: Int, _ weekday: Weekday) throws {
        let date = try #require(CalendarDate(text))
        #expect(date.daysSince1970 == number)
        #expect(date.weekday == weekday)
        #expect(date.description == text)
    }

    @Test(arguments: [
        "1969-12-31", "2100-02-29", "2026-13-01", "2026-1-01", "2026-00-10", "2026/01/01", "",
    ])
    func noDays(_ text: String) {
        #expect(CalendarDate(text) == nil)
    }
}
