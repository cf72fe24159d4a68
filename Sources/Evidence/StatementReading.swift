import GitObjects
import History
import JSON

extension Statement {
    /// Reads a payload: an in-toto Statement v1 in the form that docs/reference/evidence.md gives.
    public init(payload: [UInt8]) throws(EvidenceError) {
        let members = try Members(
            try Self.value(of: payload, "the payload"), "the statement",
            exactly: ["_type", "predicate", "predicateType", "subject"])
        guard try members.string("_type") == Statement.type else {
            throw EvidenceError("is no in-toto Statement v1")
        }
        let type = try members.string("predicateType")
        let predicate = try members.value("predicate")
        switch type {
        case Review.predicateType:
            self.predicate = .review(try Review(reading: predicate))
        case TestResult.predicateType:
            self.predicate = .testResult(try TestResult(reading: predicate))
        case Bypass.predicateType:
            self.predicate = .bypass(try Bypass(reading: predicate))
        case Deployment.predicateType:
            self.predicate = .deployment(try Deployment(reading: predicate))
        case Hold.predicateType:
            self.predicate = .hold(try Hold(reading: predicate))
        default:
            throw EvidenceError(
                "has the predicate type \(shown(type.utf8)), which is none of gate's")
        }
        subjectKind = self.predicate.subjectKind
        let subject = try Members(
            try members.only("subject"), "the subject", exactly: ["annotations", "digest", "name"])
        let digestName = subjectKind == .tree ? "gitTree" : "gitCommit"
        let digest = try Members(
            try subject.value("digest"), "the subject's digest", exactly: [digestName])
        self.subject = try digest.objectID(digestName)
        guard try subject.objectID("name") == self.subject else {
            throw EvidenceError("has a subject whose name is not its digest")
        }
        let annotations = try Members(
            try subject.value("annotations"), "the subject's annotations", exactly: ["repository"])
        repository = try annotations.string("repository")
        if case .bypass(let bypass) = self.predicate {
            guard self.subject == (bypass.new.isZero ? bypass.old : bypass.new) else {
                throw EvidenceError("is a bypass for another tip than the one it is attached to")
            }
        }
        guard encoded() == payload else {
            throw EvidenceError("is not in canonical form: the payload")
        }
    }

    /// Reads JSON. That it is canonical shows later, when what was read is written again.
    static func value(of bytes: [UInt8], _ noun: String) throws(EvidenceError) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: bytes, depth: 8)
        } catch {
            throw EvidenceError("is no evidence: \(noun) is not JSON (\(error))")
        }
    }
}

extension Review {
    fileprivate init(reading value: JSON) throws(EvidenceError) {
        let members = try Members(
            value, "the review",
            exactly: [
                "base", "changeDigest", "comment", "createdOn", "state", "supersedes", "targetRef",
            ])
        let digest: ChangeDigest?
        if try members.value("changeDigest").isNull {
            digest = nil
        } else {
            digest = ChangeDigest(hex: try members.sha256("changeDigest"))
        }
        self.init(
            state: try members.oneOf("state"), targetRef: try members.ref("targetRef"),
            base: try members.objectID("base"), changeDigest: digest,
            supersedes: try members.lineDigests("supersedes"),
            comment: try members.string("comment"), createdOn: try members.time("createdOn"))
    }
}

extension TestResult {
    fileprivate init(reading value: JSON) throws(EvidenceError) {
        let members = try Members(
            value, "the test result",
            exactly: ["configuration", "failedTests", "passedTests", "result", "url"])
        let configuration = try Members(
            try members.only("configuration"), "the configuration", exactly: ["digest", "name"])
        self.init(
            result: try members.oneOf("result"), check: try configuration.text("name"),
            definition: try configuration.sha256("digest"),
            passedTests: try members.strings("passedTests"),
            failedTests: try members.strings("failedTests"), url: try members.string("url"))
    }
}

extension Bypass {
    fileprivate init(reading value: JSON) throws(EvidenceError) {
        let members = try Members(
            value, "the bypass", exactly: ["new", "old", "reason", "ref", "ruleset"])
        self.init(
            ref: try members.ref("ref"), old: try members.objectID("old"),
            new: try members.objectID("new"), ruleset: try members.text("ruleset"),
            reason: try members.text("reason"))
        guard old != new else { throw EvidenceError("is a bypass for a ref that does not move") }
    }
}

extension Deployment {
    fileprivate init(reading value: JSON) throws(EvidenceError) {
        let members = try Members(
            value, "the deployment",
            exactly: [
                "createdOn", "environment", "images", "operator", "outcome", "overrides",
                "planDigest", "previous", "releaseId", "ticks", "train",
            ])
        let previous = try members.value("previous")
        self.init(
            environment: try members.text("environment"), train: try members.text("train"),
            releaseID: try members.text("releaseId"), planDigest: try members.sha256("planDigest"),
            images: try members.images("images"), ticks: try members.sortedStrings("ticks"),
            outcome: try members.oneOf("outcome"), operator: try members.text("operator"),
            overrides: try members.overrides("overrides"),
            previous: previous.isNull ? nil : try members.lineDigest(previous, "previous"),
            createdOn: try members.time("createdOn"))
    }
}

extension Hold {
    fileprivate init(reading value: JSON) throws(EvidenceError) {
        let members = try Members(
            value, "the hold", exactly: ["createdOn", "reason", "ref", "state", "supersedes"])
        self.init(
            state: try members.oneOf("state"), ref: try members.ref("ref"),
            reason: try members.text("reason"),
            supersedes: try members.lineDigests("supersedes"),
            createdOn: try members.time("createdOn"))
        guard (state == .released) != supersedes.isEmpty else {
            throw EvidenceError(
                state == .held
                    ? "is a hold that ends others" : "releases a change and names no hold of it")
        }
    }
}

/// The members of an object of which every name is known.
private struct Members {
    private let object: JSON.Object
    private let noun: String

    init(_ value: JSON, _ noun: String, exactly names: [String]) throws(EvidenceError) {
        guard let object = value.objectValue else {
            throw EvidenceError("is no evidence: \(noun) is no JSON object")
        }
        for name in object.names where !names.contains(name) {
            throw EvidenceError("has in \(noun) the unknown member '\(shown(name.utf8))'")
        }
        for name in names where object[name] == nil {
            throw EvidenceError("lacks '\(name)' in \(noun)")
        }
        self.object = object
        self.noun = noun
    }

    func value(_ name: String) throws(EvidenceError) -> JSON {
        guard let value = object[name] else { throw EvidenceError("lacks '\(name)' in \(noun)") }
        return value
    }

    func wrong(_ name: String, _ expected: String) -> EvidenceError {
        EvidenceError("has in \(noun) a '\(name)' that is not \(expected)")
    }

    func string(_ name: String) throws(EvidenceError) -> String {
        guard let text = try value(name).stringValue else { throw wrong(name, "a string") }
        return text
    }

    /// A string that is not empty.
    func text(_ name: String) throws(EvidenceError) -> String {
        let text = try string(name)
        guard !text.isEmpty else { throw wrong(name, "filled in") }
        return text
    }

    func strings(_ name: String) throws(EvidenceError) -> [String] {
        var texts: [String] = []
        for element in try list(name) {
            guard let text = element.stringValue else { throw wrong(name, "a list of strings") }
            texts.append(text)
        }
        return texts
    }

    func sortedStrings(_ name: String) throws(EvidenceError) -> [String] {
        let texts = try strings(name)
        guard isStrictlySorted(texts) else { throw wrong(name, "sorted, each once") }
        return texts
    }

    func list(_ name: String) throws(EvidenceError) -> [JSON] {
        guard let list = try value(name).arrayValue else { throw wrong(name, "a list") }
        return list
    }

    /// The element of a list that has exactly one.
    func only(_ name: String) throws(EvidenceError) -> JSON {
        let elements = try list(name)
        guard elements.count == 1 else { throw wrong(name, "a list of exactly one") }
        return elements[0]
    }

    func oneOf<Value: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(EvidenceError) -> Value where Value.RawValue == String {
        let text = try string(name)
        // Not by init(rawValue:), which compares strings by canonical equivalence.
        for value in Value.allCases where value.rawValue.utf8.elementsEqual(text.utf8) {
            return value
        }
        throw wrong(name, "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "))
    }

    func objectID(_ name: String) throws(EvidenceError) -> ObjectID {
        guard let id = ObjectID(hex: try string(name)) else {
            throw wrong(name, "an object id of 40 hexadecimal digits")
        }
        return id
    }

    func ref(_ name: String) throws(EvidenceError) -> RefName {
        let ref = RefName(try string(name))
        guard ref.starts(with: "refs/"), ref.bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw wrong(name, "the full name of a ref")
        }
        return ref
    }

    /// The hexadecimal digits in `{"sha256":"…"}`.
    func sha256(_ name: String) throws(EvidenceError) -> String {
        let digest = try Members(
            try value(name), "'\(name)' of \(noun)", exactly: ["sha256"])
        guard let value = LineDigest(hex: try digest.string("sha256")) else {
            throw wrong(name, "a SHA-256 of 64 hexadecimal digits")
        }
        return value.hex
    }

    func lineDigest(_ value: JSON, _ name: String) throws(EvidenceError) -> LineDigest {
        guard let digest = value.stringValue.flatMap(LineDigest.init(hex:)) else {
            throw wrong(name, "the digest of a line")
        }
        return digest
    }

    func lineDigests(_ name: String) throws(EvidenceError) -> [LineDigest] {
        var digests: [LineDigest] = []
        for element in try list(name) {
            digests.append(try lineDigest(element, name))
        }
        guard isStrictlySorted(digests.map(\.hex)) else { throw wrong(name, "sorted, each once") }
        return digests
    }

    func images(_ name: String) throws(EvidenceError) -> [Deployment.Image] {
        var images: [Deployment.Image] = []
        for element in try list(name) {
            let image = try Members(element, "an image", exactly: ["digest", "name", "uri"])
            images.append(
                Deployment.Image(
                    name: try image.text("name"), uri: try image.text("uri"),
                    digest: try image.sha256("digest")))
        }
        guard isStrictlySorted(images.map(\.name)) else {
            throw wrong(name, "sorted by name, each once")
        }
        return images
    }

    func overrides(_ name: String) throws(EvidenceError) -> [Deployment.Override] {
        var overrides: [Deployment.Override] = []
        for element in try list(name) {
            let members = try Members(element, "an override", exactly: ["limit", "reason"])
            overrides.append(
                Deployment.Override(
                    try members.oneOf("limit"), reason: try members.text("reason")))
        }
        guard isStrictlySorted(overrides.map(\.limit.rawValue)) else {
            throw wrong(name, "sorted by limit, each once")
        }
        return overrides
    }

    /// `2026-11-23T09:00:00Z`: RFC 3339 in UTC, whole seconds.
    func time(_ name: String) throws(EvidenceError) -> String {
        let text = try string(name)
        let isTime =
            text.utf8.count == 20
            && zip(text.utf8, "dddd-dd-ddTdd:dd:ddZ".utf8).allSatisfy { byte, form in
                form == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == form
            }
        guard isTime else { throw wrong(name, "a time such as 2026-11-23T09:00:00Z") }
        return text
    }

    private func isStrictlySorted(_ texts: [String]) -> Bool {
        zip(texts, texts.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
