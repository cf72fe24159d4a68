import GitObjects
import YAML

/// Reads `policies/release.yml`.
struct ReleaseReader {
    let source: PolicyFile
    private(set) var references: [Reference] = []

    init(_ source: PolicyFile) {
        self.source = source
    }

    static let keys = [
        "release", "services", "migrations", "config", "flags", "tickets", "preflight",
        "checklist", "rotation", "limits", "rulesets",
    ]

    mutating func read(_ fields: Fields) -> ReleasePolicy? {
        let core = fields.required("release").flatMap { readCore($0) }
        let environments = core?.environments ?? []
        let services = fields["services"].map(readServices) ?? []
        let migrations = fields["migrations"].flatMap { source.paths($0, "migrations") } ?? []
        let config = fields["config"].flatMap { source.paths($0, "config") } ?? []
        let flags = fields["flags"].flatMap(readFlags)
        let tickets = fields["tickets"].flatMap { source.regex($0, "tickets") }
        let preflight = fields["preflight"].map { readPreflight($0, environments) } ?? []
        let rotation = fields["rotation"].flatMap { readRotation($0) }
        let checklist = fields["checklist"].flatMap(readChecklist)
        let limits = fields["limits"].flatMap(readLimits)
        guard var policy = core else { return nil }
        policy.services = services
        policy.migrations = migrations
        policy.config = config
        policy.flags = flags
        policy.tickets = tickets
        policy.preflight = preflight
        policy.rotation = rotation
        policy.always = checklist?.always ?? []
        policy.changed = checklist?.changed ?? []
        policy.maxChanges = limits?.most
        policy.freeze = limits?.freeze ?? []
        return policy
    }

    // MARK: release

    private mutating func readCore(_ node: Node) -> ReleasePolicy? {
        let keys = ["ref", "environments", "operators", "trains"]
        guard let fields = Fields(node, "release", keys: keys, in: source) else { return nil }
        let ref = fields.required("ref", hint: "ref: refs/heads/master").flatMap(readBranch)
        let environments = fields.required("environments").flatMap { readNames($0, "environments") }
        let operators = fields.required("operators", hint: "who may record a deployment")
            .flatMap { readOperators($0, environments ?? []) }
        let trains = fields["trains"].map(readTrains)
        guard let ref, let environments, let operators else { return nil }
        var policy = ReleasePolicy(ref: ref, environments: environments, operators: operators)
        if let trains { policy.trains = trains }
        return policy
    }

    private func readBranch(_ node: Node) -> RefName? {
        guard let text = source.line(node, "ref") else { return nil }
        let isName =
            text.utf8.starts(with: "refs/heads/".utf8) && text.utf8.last != UInt8(ascii: "/")
            && text.utf8.allSatisfy { $0 > 0x20 && !"*?[~^:\\".utf8.contains($0) }
        guard isName else {
            source.report(
                node.mark, "ref must be the full name of one branch",
                hint: "ref: refs/heads/master")
            return nil
        }
        return RefName(text)
    }

    private func readNames(_ node: Node, _ what: String) -> [String]? {
        guard let names = source.lines(node, what) else { return nil }
        if case .sequence(let items) = node.content, items.isEmpty {
            source.report(node.mark, "\(what) is empty")
        }
        return names.filter { source.identifier($0, at: node.mark, "an entry of \(what)") != nil }
    }

    private mutating func readOperators(_ node: Node, _ environments: [String]) -> [String:
        [String]]?
    {
        guard let entries = source.mapping(node, "operators") else { return nil }
        var operators: [String: [String]] = [:]
        let known = Set(environments)
        for entry in entries {
            checkEnvironment(entry.key, environments, known, at: entry.keyMark)
            guard let names = source.lines(entry.value, "operators of an environment") else {
                continue
            }
            if names.isEmpty {
                source.report(
                    entry.value.mark,
                    "nobody may record deployments of \(PolicyFile.shown(entry.key))")
            }
            refer(to: entry.value, .people)
            operators[entry.key] = names
        }
        let keys = Set(entries.map(\.key))
        for environment in environments where !keys.contains(environment) {
            source.report(node.mark, "operators lacks the environment \(environment)")
        }
        return operators
    }

    private mutating func refer(to list: Node, _ kind: Reference.Kind) {
        guard case .sequence(let items) = list.content else { return }
        for item in items {
            guard case .scalar(let scalar) = item.content else { continue }
            references.append(
                Reference(kind: kind, name: scalar.text, location: source.location(item.mark)))
        }
    }

    private func checkEnvironment(
        _ name: String, _ environments: [String], _ known: Set<String>, at mark: Mark
    ) {
        guard !known.contains(name), !source.log.isFull else { return }
        source.report(
            mark, "no environment is called \(PolicyFile.shown(name))",
            hint: Suggestion.hint(for: name, among: environments))
    }

    private func readTrains(_ node: Node) -> [ReleasePolicy.Train] {
        guard let entries = source.mapping(node, "trains") else { return [] }
        if entries.isEmpty { source.report(node.mark, "trains is empty", hint: "{all: ['**']}") }
        return entries.compactMap { entry in
            guard let name = source.identifier(entry.key, at: entry.keyMark, "a train"),
                let paths = somePaths(entry.value, "train \(name)")
            else { return nil }
            return ReleasePolicy.Train(name: name, paths: paths)
        }
    }

    private func somePaths(_ node: Node, _ what: String) -> [PathPattern]? {
        if case .sequence(let items) = node.content, items.isEmpty {
            source.report(node.mark, "\(what) has no paths")
        }
        return source.paths(node, what)
    }

    // MARK: What is released

    private func readServices(_ node: Node) -> [ReleasePolicy.Service] {
        guard let entries = source.mapping(node, "services") else { return [] }
        return entries.compactMap { entry in
            let name = source.identifier(entry.key, at: entry.keyMark, "a service")
            guard
                let fields = Fields(
                    entry.value, "service \(PolicyFile.shown(entry.key))",
                    keys: ["paths", "image"],
                    in: source)
            else { return nil }
            let paths = fields.required("paths").flatMap { somePaths($0, "a service") }
            let image = fields["image"].flatMap(readImage)
            guard let name, let paths else { return nil }
            return ReleasePolicy.Service(name: name, paths: paths, image: image)
        }
    }

    /// An image's name (OCI distribution specification, "Pulling manifests"), with a registry's
    /// host and port but neither tag nor digest: those are what a release adds.
    private func readImage(_ node: Node) -> String? {
        guard let text = source.line(node, "image") else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.enumerated().allSatisfy { index, part in
            let mayHavePort = index == 0 && parts.count > 1
            return !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                        true
                    case UInt8(ascii: ":"): mayHavePort
                    default: false
                    }
                }
        }
        guard isName else {
            source.report(
                node.mark, "image must be a name without tag or digest",
                hint: "registry.wrk.example/api")
            return nil
        }
        return text
    }

    private func readFlags(_ node: Node) -> ReleasePolicy.Flags? {
        guard let fields = Fields(node, "flags", keys: ["files", "format"], in: source) else {
            return nil
        }
        let files = fields.required("files").flatMap { list -> [TreePath]? in
            guard let names = source.lines(list, "files") else { return nil }
            for name in names {
                if let problem = ChecksReader.problem(inFolder: name) {
                    source.report(list.mark, "files \(PolicyFile.shown(name)): \(problem)")
                }
            }
            return names.map { TreePath($0) }
        }
        var format: ReleasePolicy.Flags.Format? = .flagd
        if let node = fields["format"] { format = source.choice(node, "format") }
        guard let files, let format else { return nil }
        return ReleasePolicy.Flags(files: files, format: format)
    }

    private func readPreflight(_ node: Node, _ environments: [String]) -> [ReleasePolicy.Preflight]
    {
        guard let items = source.list(node, "preflight") else { return [] }
        let known = Set(environments)
        return items.compactMap { item in
            guard
                let fields = Fields(
                    item, "a preflight", keys: ["run", "environments"], in: source),
                let run = fields.required("run").flatMap({ source.text($0, "run") })
            else { return nil }
            guard let list = fields["environments"] else {
                return ReleasePolicy.Preflight(run: run, environments: environments)
            }
            let names = source.lines(list, "environments") ?? []
            for name in names { checkEnvironment(name, environments, known, at: list.mark) }
            return ReleasePolicy.Preflight(run: run, environments: names)
        }
    }

    private func readChecklist(
        _ node: Node
    ) -> (always: [String], changed: [ReleasePolicy.ChangedItem])? {
        guard let fields = Fields(node, "checklist", keys: ["always", "changed"], in: source) else {
            return nil
        }
        let always = fields["always"].flatMap { source.lines($0, "always") } ?? []
        let items = fields["changed"].flatMap { source.list($0, "changed") } ?? []
        let changed = items.compactMap { item -> ReleasePolicy.ChangedItem? in
            guard
                let fields = Fields(
                    item, "an item of changed", keys: ["paths", "text"], in: source)
            else { return nil }
            let paths = fields.required("paths").flatMap { somePaths($0, "an item of changed") }
            let text = fields.required("text").flatMap { source.line($0, "text") }
            guard let paths, let text else { return nil }
            return ReleasePolicy.ChangedItem(paths: paths, text: text)
        }
        return (always, changed)
    }

    // MARK: Days

    private mutating func readRotation(_ node: Node) -> ReleasePolicy.Rotation? {
        let keys = ["team", "days", "holidays", "away"]
        guard let fields = Fields(node, "rotation", keys: keys, in: source) else { return nil }
        let team = fields.required("team").flatMap { node -> String? in
            guard let name = source.line(node, "team") else { return nil }
            references.append(
                Reference(kind: .team, name: name, location: source.location(node.mark)))
            return name
        }
        var days: Set<Weekday> = [.monday, .tuesday, .wednesday, .thursday, .friday]
        if let list = fields["days"], let items = source.list(list, "days") {
            days = Set(items.compactMap { source.choice($0, "a day") })
            if items.isEmpty {
                source.report(list.mark, "days is empty: nobody would ever be drawn")
            }
        }
        let holidays = fields["holidays"].map { readDates($0, "holidays") } ?? []
        var away: [Principal: [ClosedRange<CalendarDate>]] = [:]
        if let node = fields["away"], let entries = source.mapping(node, "away") {
            for entry in entries {
                references.append(
                    Reference(
                        kind: .principal, name: entry.key, location: source.location(entry.keyMark))
                )
                away[Principal(entry.key)] = readDates(entry.value, "away")
            }
        }
        guard let team else { return nil }
        return ReleasePolicy.Rotation(team: team, days: days, holidays: holidays, away: away)
    }

    private func readLimits(_ node: Node) -> (most: Int?, freeze: [ClosedRange<CalendarDate>])? {
        guard let fields = Fields(node, "limits", keys: ["max_changes", "freeze"], in: source)
        else {
            return nil
        }
        let most = fields["max_changes"].flatMap {
            source.integer($0, "max_changes", in: 1...100_000)
        }
        return (most, fields["freeze"].map { readDates($0, "freeze") } ?? [])
    }

    /// Days and spans of days: `2026-12-25`, `2026-12-24..2027-01-01`, both ends included.
    private func readDates(_ node: Node, _ what: String) -> [ClosedRange<CalendarDate>] {
        guard let items = source.list(node, what) else { return [] }
        return items.compactMap { item in
            guard let text = source.line(item, "a day of \(what)") else { return nil }
            guard let span = Self.span(text) else {
                source.report(
                    item.mark, "\(PolicyFile.shown(text)) is neither a day nor a span of days",
                    hint: "2026-12-25 or 2026-12-24..2027-01-01")
                return nil
            }
            return span
        }
    }

    private static func span(_ text: String) -> ClosedRange<CalendarDate>? {
        let bytes = Array(text.utf8)
        if let day = CalendarDate(text) { return day...day }
        guard bytes.count == 22, bytes[10..<12].elementsEqual("..".utf8),
            let first = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self)),
            let last = CalendarDate(String(decoding: bytes[12...], as: UTF8.self)), first <= last
        else { return nil }
        return first...last
    }
}
