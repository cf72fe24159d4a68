import GitObjects
import History

@testable import Policy

/// Input that can be made as large as one likes, of the kind that makes a careless reader slow.
struct GrowingInput: Sendable {
    let name: String
    /// Of about so many bytes.
    let bytes: @Sendable (_ size: Int) -> [UInt8]
    let read: @Sendable ([UInt8]) throws -> Void

    private init(
        _ name: String, _ bytes: @escaping @Sendable (Int) -> [UInt8],
        _ read: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.bytes = bytes
        self.read = read
    }

    /// A reader of ``FuzzedReader/all``, given a text again and again.
    private init(
        _ reader: String, _ start: String = "", again: String, _ end: String = "",
        as name: String? = nil
    ) {
        self.init(
            "\(reader): \(name ?? again)", { repeated(start, again, end, $0) },
            { bytes in
                guard let reader = FuzzedReader.named(reader) else {
                    throw Violation(description: "no reader is called \(reader)")
                }
                _ = try reader.read(bytes)
            })
    }

    /// A pattern against a text that grows.
    private init(path pattern: String, again: String, _ end: String = "") {
        self.init("path \(pattern)", { repeated("", again, end, $0) }) { bytes in
            _ = try PathPattern(parsing: pattern).matches(TreePath(bytes))
        }
    }

    private init(regex pattern: String, again: String, _ end: String = "") {
        self.init("regex \(pattern)", { repeated("", again, end, $0) }) { bytes in
            let pattern = try LinearPattern(parsing: pattern)
            _ = pattern.isFound(in: bytes)
            _ = pattern.matches(in: bytes)
        }
    }

    static let patterns: [GrowingInput] = [
        GrowingInput(path: "*a*a*a*c*b", again: "a", "b"),
        GrowingInput(path: "**/a/**/c/**/b", again: "a/", "b"),
        GrowingInput(path: "**a**a**c**b", again: "a/", "b"),
        GrowingInput(path: "[a-z]*[!x]*?[b]*z", again: "ay", "z"),
        GrowingInput(regex: "(a*)*b", again: "a"),
        GrowingInput(regex: "(a|a)*(a|a)*(a|a)*$x", again: "a"),
        GrowingInput(regex: "(.*)(.*)(.*)(.*)x", again: "ab"),
        GrowingInput(regex: "a.*b|a", again: "a"),
        GrowingInput(regex: "(a+b|a)+?", again: "a"),
        GrowingInput(regex: "(?:x|a)*?[^b]*b|a{1,3}|", again: "\u{e9}a"),
        GrowingInput(regex: "\\b[A-Z]{2,}-\\d+\\b|[A-Z]", again: "AB"),
    ]

    static let readers: [GrowingInput] = [
        GrowingInput("codeowners", again: "/a/*b/**/c @x\n", "\0a/xb/y/c"),
        GrowingInput("codeowners", "*a*a*b @x\n", again: "a", as: "a long word"),
        GrowingInput("message", again: "Co-authored-by: A <a@x>\n"),
        GrowingInput("message", "x", again: " ", as: "blanks"),
        GrowingInput("message", again: "See merge request !1x\n* \n"),
        GrowingInput("mailmap", again: "A <a@x> B <b@x>\n", "B\tb@x"),
        GrowingInput("mailmap", again: " ", "<a@x> \nB\tb@x", as: "blanks"),
        GrowingInput("json", "[", again: "0,", "0]", as: "a list"),
        GrowingInput("json", "\"", again: "\\u00e9", "\"", as: "escapes"),
        GrowingInput(
            "junit", "<testsuite>", again: "<testcase name='a'><failure>x</failure></testcase>",
            "</testsuite>", as: "tests"),
        GrowingInput("junit", "<testsuite>", again: "&amp;", "</testsuite>", as: "entities"),
        GrowingInput("junit", "<testsuite>", again: "<!-- x -->", "</testsuite>", as: "comments"),
        GrowingInput("push-answer", again: "!\trefs/x\tx\n"),
        GrowingInput(
            "armour", "-----BEGIN SSH SIGNATURE-----\n", again: "AAAA\n",
            "-----END SSH SIGNATURE-----\n", as: "base64"),
        GrowingInput(
            "commit",
            "tree \(anyID)\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n",
            again: "header x\n y\n", as: "headers"),
        GrowingInput(
            "tag", "object \(anyID)\ntype commit\ntag x\n\n",
            again: "-----BEGIN SSH SIGNATURE-----\n", as: "armours"),
        GrowingInput("allowed-signers", again: "a@x ssh-ed25519 AAAA\n"),
        GrowingInput("policy", "checks:\n", again: "  - a\n", as: "a list"),
        GrowingInput("policy", "%% policies/checks.yml\nchecks: [", again: "a,", "]", as: "words"),
        chain, manyMembers, references, tree, authorities, rulesets, exclusions, environments,
        strangers,
    ]

    /// Checks that wait for one another, each defined behind the one that needs it.
    private static let chain = GrowingInput("policy: a chain of checks") { size in
        var text = "%% policies/checks.yml\nchecks:\n"
        for number in 0..<max(size / 30, 2) {
            text += "  c\(number): {run: x, needs: [c\(number + 1)]}\n"
        }
        return Array(text.utf8)
    } read: {
        try read("policy", $0)
    }

    private static let manyMembers = GrowingInput("manifest-path: many members") { size in
        let members = (0..<max(size / 10, 2)).map { "\"n\($0)\":\($0)" }.joined(separator: ",")
        return Array("changes\n{\"changes\":[{\(members)}],\"flags\":{\(members)}}".utf8)
    } read: {
        try read("manifest-path", $0)
    }

    private static let references = GrowingInput("message: many references") { size in
        var text = "x\n"
        for number in 0..<max(size / 62, 2) {
            let digits = String(number, radix: 16)
            text += "This reverts commit " + String(repeating: "0", count: 40 - digits.count)
            text += digits + "\n"
        }
        return Array(text.utf8)
    } read: { bytes in
        // The claims of the whole reader look for each reference in the whole message.
        _ = MessageReferences(message: bytes)
    }

    private static let tree = GrowingInput("tree: names that begin alike") { size in
        var entries: [TreeEntry] = []
        for number in 0..<max(size / 60, 2) {
            let name = Array("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-\(number)".utf8)
            entries.append(TreeEntry(name: name, mode: .blob, id: anyID))
        }
        return Tree.serialized(entries)
    } read: {
        _ = try Tree(parsing: $0, id: anyID)
    }

    /// Principals that only an authority vouches for.
    private static let authorities = GrowingInput("policy: names and authorities") { size in
        var people = "%% policies/people.yml\nrepository: a/b\nteams:\n  t: ["
        for number in 0..<max(size / 20, 2) { people += "p\(number)@x," }
        people += "]\n%% policies/allowed_signers\n"
        for number in 0..<max(size / 100, 2) {
            people += "q\(number)*@x cert-authority \(key(number))\n"
        }
        return Array(people.utf8)
    } read: {
        try read("policy", $0)
    }

    /// A large team, and as many rulesets that name it.
    private static let rulesets = GrowingInput("policy: rulesets and a team") { size in
        var text = "%% policies/people.yml\nrepository: a/b\nteams:\n  t: ["
        for number in 0..<max(size / 20, 2) { text += "p\(number)@x," }
        text += "]\n%% policies/allowed_signers\n*@x cert-authority \(key(0))\n"
        text += "%% policies/master.yml\nrulesets:\n"
        for number in 0..<max(size / 100, 2) {
            text += "  - {name: r\(number), include: [refs/heads/\(number)], rules: "
            text += "{pull_request: {reviewers: [t]}}}\n"
        }
        return Array(text.utf8)
    } read: {
        try read("policy", $0)
    }

    private static let exclusions = GrowingInput("policy: inclusions and exclusions") { size in
        let numbers = 0..<max(size / 40, 2)
        let names = numbers.map { "refs/heads/\($0)" }
        return Array(
            """
            rulesets:
              - name: a
                include: [\(names.joined(separator: ","))]
                exclude: [\(names.reversed().joined(separator: ","))]
                rules: {deletion: {}}
            """.utf8)
    } read: {
        try read("policy", $0)
    }

    private static let environments = GrowingInput("policy: environments and operators") { size in
        let names = (0..<max(size / 30, 2)).map { "e\($0)" }
        var text = "%% policies/release.yml\nrelease:\n  ref: refs/heads/master\n"
        text += "  environments: [\(names.joined(separator: ","))]\n  operators:\n"
        for name in names.reversed() { text += "    \(name): [a@x]\n" }
        return Array(text.utf8)
    } read: {
        try read("policy", $0)
    }

    /// Names that nobody has, among many that somebody has.
    private static let strangers = GrowingInput("policy: unknown names") { size in
        var text = "%% policies/allowed_signers\n"
        for number in 0..<max(size / 100, 2) { text += "q\(number)@x \(key(number))\n" }
        text += "%% policies/people.yml\nrepository: a/b\nteams:\n  t: ["
        for number in 0..<max(size / 20, 2) { text += "p\(number)@x," }
        return Array((text + "]\n").utf8)
    } read: {
        try read("policy", $0)
    }

    /// A line's key that no other number has.
    private static func key(_ number: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef")
        var digits = ""
        var rest = number
        for _ in 0..<4 {
            digits.append(alphabet[rest % 32])
            rest /= 32
        }
        return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOZfv8pjG8EV+m/05Fuh/KAUgpRaq+Vj206/jAL4"
            + digits
    }

    private static func read(_ reader: String, _ bytes: [UInt8]) throws {
        _ = try FuzzedReader.named(reader)?.read(bytes)
    }
}

extension GrowingInput {
    private init(
        _ name: String, bytes: @escaping @Sendable (Int) -> [UInt8],
        read: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.init(name, bytes, read)
    }
}

private func repeated(_ start: String, _ again: String, _ end: String, _ size: Int) -> [UInt8] {
    var bytes = Array(start.utf8)
    let unit = Array(again.utf8)
    while bytes.count < size { bytes += unit }
    return bytes + Array(end.utf8)
}
